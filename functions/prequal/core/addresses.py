"""Addresses as people type them: of mail, with obvious slips repaired, of websites, and telephone numbers."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import urlsplit

from prequal.core.fields import line, note, refuse
from prequal.core.text import N_, one_line, plain, without_invisible

EMAIL_LENGTH = 320  # 64 before the @, and 255 for the domain (RFC 5321, 4.5.3.1)

_RESERVED = r"(?!(?:arpa|invalid|local|localhost|onion|test)$)"  # not for public use (RFC 6761)
# Most addresses are of a form that email-validator returns as it is: in lower case, not of a special use.
# Importing it, which takes longer than all of our own modules together, is left to the others.
_PLAIN_ADDRESS = re.compile(rf"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+{_RESERVED}[a-z]{{2,}}")
_PLAIN_LENGTH = 64  # the longest local part

_QUOTES = '"\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a'
_BEFORE, _AFTER = f" <([.,;/*`{_QUOTES}", f" >)].,;:!/*`\u2026\u3001{_QUOTES}"
_LABEL = r"^(?i:mailto|e-?mail|mail) ?: ?"
_SPECIAL = frozenset("!#$%&'*+-/=?^_`{|}~.")  # allowed before the @, beside letters and digits (RFC 5322, 3.2.3)

_HOST = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+([^\W\d_]{2,63}|xn--[a-z0-9-]+)"
# Known as the end of an address even without a scheme or www., as every country's two letters are. "Coming.soon" isn't.
_COMMON_ENDS = frozenset(
    "com net org info biz shop store studio online site design agency app dev tech cloud blog art xyz example".split()  # noqa: SIM905
)
_COUNTRY = 2


def email_address(value: object) -> str:
    """Read an email address, normalised, an international domain in its ASCII form, which every mail server takes.

    Whether the address exists is left to the mail that is sent there.
    """
    text = line(value, max_length=EMAIL_LENGTH)
    if not _is_plain(text):
        text = _repaired(text)
    if not text or _is_plain(text):
        return text
    import email_validator  # noqa: PLC0415, see above

    if "=?" in text:  # an encoded word (RFC 2047), which mail programs would read as another address
        _explain(text)
    try:
        address = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError:
        _explain(text)
    return address.ascii_email or address.normalized


def _is_plain(text: str) -> bool:
    return len(text) <= _PLAIN_LENGTH and _PLAIN_ADDRESS.fullmatch(text) is not None


def _repaired(text: str) -> str:
    """Return the address in a text that was copied or typed with something around it: `Ann <ann@example.com>,`."""
    text = plain(text)
    if "@" not in text:
        text = text.replace("%40", "@")
    bracketed = re.findall(r"<([^<>]*@[^<>]*)(?:>|$)", text)
    if len(bracketed) == 1:
        text = bracketed[0]
    text = re.sub(_LABEL, "", text.lstrip(_BEFORE)).lstrip(_BEFORE).rstrip(_AFTER)
    text = re.sub(" *@[@ ]*", "@", text)
    if text.endswith("'"):
        text = text.strip("'")
    local, at, domain = text.rpartition("@")
    return local + at + domain.partition("?")[0]  # a link may hold a subject


def _explain(text: str) -> NoReturn:
    """Refuse an address, in words that name its fault."""
    local, at, domain = text.partition("@")
    if not at:
        refuse(N_("An email address has an @ in it, like name@example.com."))
    if "@" in domain:
        refuse(N_("Enter one email address only."))
    if " " in text:
        refuse(N_("Take the space out: an email address has none."))
    foreign = next((letter for letter in local if not letter.isascii()), None)
    if foreign:
        refuse(
            N_("We can’t write to an address with “%(letter)s” before the @. Enter another address of yours."),
            letter=foreign,
        )
    odd = [letter for letter in local if not letter.isalnum() and letter not in _SPECIAL]
    odd += [letter for letter in domain if letter.isascii() and not letter.isalnum() and letter not in ".-"]
    if odd:
        refuse(N_("Check the “%(character)s” in the email address: it doesn’t belong there."), character=odd[0])
    refuse(N_("Enter an email address in the correct form, like name@example.com."))


def website(value: object, *, max_length: int) -> str:
    """Read a website as it was typed, whatever it is: `web_link` tells which are addresses."""
    return one_line(without_invisible(note(value, max_length=max_length)))


def phone(value: object, *, max_length: int) -> str:
    """Read a phone number as it was typed, or as a program sends it: `phone_link` tells which surely are numbers."""
    text = str(value) if type(value) is int else value
    return one_line(without_invisible(note(text, max_length=max_length)))


def phone_link(text: str) -> str | None:
    """Return the link to a phone number if the text surely is one with the code of its country, else None."""
    number = re.sub(r"[ .()-]", "", plain(text).replace("(0)", ""))
    return f"tel:{number}" if re.fullmatch(r"\+[1-9][0-9]{6,14}", number) else None


def web_link(text: str) -> str | None:
    """Return the link to a website if the text surely is an address, else None: a dead link is worse than a text."""
    text = text.strip(" ,;<>'" + _QUOTES)
    address = text if re.match("(?i)https?://", text) else f"https://{text}"
    if re.search(rf"[\s\\'<>`{{}}|^{_QUOTES}]", address):
        return None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removesuffix(".")
        host.encode("idna")
        _ = parts.port
    except ValueError:  # an impossible port, or, as a UnicodeError, an impossible host name
        return None
    end = re.fullmatch(_HOST, host.removeprefix("www."))
    if not end or "@" in parts.netloc or not re.match(_RESERVED, end[1]):
        return None
    bare = address != text and not host.startswith("www.")
    return None if bare and len(end[1]) != _COUNTRY and end[1].isascii() and end[1] not in _COMMON_ENDS else address
