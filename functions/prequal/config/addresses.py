"""Addresses, of the web and of mail: the text becomes a value, or a fault that says what to write instead."""

from __future__ import annotations

import re
import unicodedata
from email.utils import getaddresses, quote
from urllib.parse import SplitResult, urlsplit

from prequal.config.fault import Fault
from prequal.services.booking_link import PLACEHOLDERS

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# What a mail's header can't hold: control characters, surrogates, the separators of lines and paragraphs.
_NOT_ON_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


def mailbox(text: str) -> str:
    """Read one mail address, with or without a name; an international domain in the ASCII that mail servers take."""
    if any(unicodedata.category(character) in _NOT_ON_A_LINE for character in text):
        raise Fault("has a line break or another control character in it: write it on one line")
    found = getaddresses([text])
    name, given = found[0] if len(found) == 1 else ("", "")
    parts = re.fullmatch(r"([!-~]+)@([^\s@]+\.[^\s@]+)", given)
    if parts is None:
        raise Fault(f"is not a mail address: write it like Studio North <hello@studio.example> instead of {text!r}")
    address = f"{parts[1]}@{_host_in_ascii(parts[2])}"
    return text if address == given else named(name, address)


def named(name: str, address: str) -> str:
    """Return a mail address with a name, if there is one."""
    return f'"{quote(name)}" <{address}>' if name else address


def public_url(text: str) -> str:
    """Read the origin of a site: in small letters, and without the port that goes without saying."""
    url = _web(text)
    origin = f"{url.scheme}://{url.netloc.lower().removesuffix(_DEFAULT_PORTS[url.scheme])}"
    if url.path.strip("/") or url.query or url.fragment:
        raise Fault(f"has a path, and the site lives at the root: write {origin}")
    return origin


def origins(text: str) -> frozenset[str]:
    """Read the origins of sites, separated by commas or spaces, as browsers send them: in ASCII."""
    return frozenset(_in_ascii(public_url(origin)) for origin in text.replace(",", " ").split())


def booking_url(text: str) -> str:
    """Read the address of a scheduler, with its placeholders."""
    unknown = set(re.findall(r"\{([^{}]*)\}", text)).difference(PLACEHOLDERS)
    if unknown:
        given = ", ".join(f"{{{name}}}" for name in sorted(unknown))
        raise Fault(f"has placeholders that are not known, {given}: there are {{name}}, {{email}} and {{lead}}")
    _web(text)
    return text


def split(text: str) -> SplitResult:
    """Return the parts of an address."""
    try:
        return urlsplit(text)
    except ValueError as error:
        raise Fault(f"can't be read as an address ({error}): write it anew") from error


def host(url: SplitResult) -> str:
    """Return the host in ASCII, as it is looked up."""
    return _host_in_ascii(url.hostname or "")


def port(url: SplitResult) -> int | None:
    """Return the port, if there is one."""
    try:
        found = url.port
    except ValueError:
        found = 0
    if found == 0 or url.netloc.endswith(":"):
        raise Fault("has no valid port: write a number from 1 to 65535 after the host")
    return found


def _web(text: str) -> SplitResult:
    url = split(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise Fault(f"is not a web address: begin it with https:// instead of {text!r}")
    if re.search(r"\s", text):
        raise Fault("has white space in it: take it out")
    if "@" in url.netloc:
        raise Fault("has a user or a password in it, which everybody would see: take them out")
    host(url)
    port(url)
    return url


def _host_in_ascii(name: str) -> str:
    try:
        found = name.encode("idna").decode()
    except UnicodeError:
        found = ""
    if not re.fullmatch(r"[\w.:-]+", found, re.ASCII):
        raise Fault(f"has an impossible host, {name}: write one like studio.example")
    return found


def _in_ascii(origin: str) -> str:
    url = split(origin)
    return origin.replace(url.hostname or "", host(url))
