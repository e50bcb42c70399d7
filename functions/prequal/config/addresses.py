"""Parsers of web and mail addresses."""

from __future__ import annotations

import re
import unicodedata
from email.utils import getaddresses, quote
from urllib.parse import SplitResult, urlsplit

from prequal.services.booking_link import PLACEHOLDERS

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# Unicode categories that a mail header can't hold: control characters, surrogates, line and paragraph separators.
_NOT_ON_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


class SettingError(Exception):
    """Raised when one setting is wrong; its text is the end of a sentence that begins with the setting's name."""


def parse_mailbox(text: str) -> str:
    """Parse one mail address, with or without a display name, and turn an international domain into ASCII."""
    if any(unicodedata.category(character) in _NOT_ON_A_LINE for character in text):
        raise SettingError("contains a line break or another control character: write it on one line")
    mailboxes = getaddresses([text])
    name, given = mailboxes[0] if len(mailboxes) == 1 else ("", "")
    parts = re.fullmatch(r"([!-~]+)@([^\s@]+\.[^\s@]+)", given)
    if parts is None:
        raise SettingError(
            f"is not a mail address: write it like Studio North <hello@studio.example> instead of {text!r}"
        )
    address = f"{parts[1]}@{_host_in_ascii(parts[2])}"
    return text if address == given else format_mailbox(name, address)


def format_mailbox(name: str, address: str) -> str:
    """Return a mail address with its display name, if it has one."""
    return f'"{quote(name)}" <{address}>' if name else address


def parse_origin(text: str) -> str:
    """Parse the origin of a site, and normalise it: lower case, without a default port."""
    url = _parse_web_address(text)
    origin = f"{url.scheme}://{url.netloc.lower().removesuffix(_DEFAULT_PORTS[url.scheme])}"
    if url.path.strip("/") or url.query or url.fragment:
        raise SettingError(f"has a path, but the site must be at the root of its host: write {origin}")
    return origin


def parse_origins(text: str) -> frozenset[str]:
    """Parse origins that are separated by commas or spaces, and write them as browsers send them: in ASCII."""
    return frozenset(_origin_in_ascii(parse_origin(origin)) for origin in text.replace(",", " ").split())


def parse_booking_url(text: str) -> str:
    """Parse the address of a scheduler's booking page, which may contain placeholders."""
    unknown = set(re.findall(r"\{([^{}]*)\}", text)).difference(PLACEHOLDERS)
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in sorted(unknown))
        raise SettingError(f"has placeholders that are not known, {names}: use {{name}}, {{email}} and {{lead}}")
    _parse_web_address(text)
    return text


def split(text: str) -> SplitResult:
    """Split an address into its parts."""
    try:
        return urlsplit(text)
    except ValueError as error:
        raise SettingError(f"can't be read as an address ({error}): correct it") from error


def host(url: SplitResult) -> str:
    """Return the host in ASCII, as name servers know it."""
    return _host_in_ascii(url.hostname or "")


def port(url: SplitResult) -> int | None:
    """Return the port, or None where the address has none."""
    try:
        number = url.port
    except ValueError:
        number = 0
    if number == 0 or url.netloc.endswith(":"):
        raise SettingError("has no valid port: write a number from 1 to 65535 after the host")
    return number


def _parse_web_address(text: str) -> SplitResult:
    url = split(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise SettingError(f"is not a web address: begin it with https:// instead of {text!r}")
    if re.search(r"\s", text):
        raise SettingError("has white space in it: remove it")
    if "@" in url.netloc:
        raise SettingError("has a user or a password in it, which everybody would see: take them out")
    host(url)
    port(url)
    return url


def _host_in_ascii(name: str) -> str:
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if not re.fullmatch(r"[\w.:-]+", ascii_name, re.ASCII):
        raise SettingError(f"has an impossible host, {name}: write one like studio.example")
    return ascii_name


def _origin_in_ascii(origin: str) -> str:
    url = split(origin)
    return origin.replace(url.hostname or "", host(url))
