"""Web addresses, checked part by part."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit


class AddressError(Exception):
    """Raised when an address can't be used; its text is the end of a sentence that begins with the address's name."""


def parse_web_address(text: str) -> SplitResult:
    """Parse the address of a page that everybody may see."""
    url = split_address(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise AddressError(f"is not a web address: begin it with https:// instead of {text!r}")
    if re.search(r"\s", text):
        raise AddressError("has white space in it: remove it")
    if "@" in url.netloc:
        raise AddressError("has a user or a password in it, which everybody would see: take them out")
    host_in_ascii(url.hostname)
    port_of(url)
    return url


def split_address(text: str) -> SplitResult:
    """Split an address of any scheme into its parts."""
    try:
        return urlsplit(text)
    except ValueError as error:
        raise AddressError(f"can't be read as an address ({error}): correct it") from error


def host_in_ascii(name: str) -> str:
    """Return a host in ASCII, as name servers know it."""
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if not re.fullmatch(r"[\w.:-]+", ascii_name, re.ASCII):
        raise AddressError(f"has an impossible host, {name}: write one like studio.example")
    return ascii_name


def port_of(url: SplitResult) -> int | None:
    """Return the port, or None where the address has none."""
    try:
        number = url.port
    except ValueError:
        number = 0
    if number == 0 or url.netloc.endswith(":"):
        raise AddressError("has no valid port: write a number from 1 to 65535 after the host")
    return number
