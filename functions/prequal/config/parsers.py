"""Parsers of the settings, and the values that they return."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import getaddresses, quote
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prequal.core.near_miss import Briefs
from prequal.core.network import is_this_machine
from prequal.core.web_address import host_in_ascii, parse_web_address, port_of, split_address

# A key that can be guessed lets anybody make booking links, or messages of a scheduler.
_SHORTEST_SECRET = 16
_KEY_PREFIX = "whsec_"
# Each event is queued for all of them in one write, whose size is bounded.
_MOST_WEBHOOKS = 10
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# Unicode categories that a mail header can't hold: control characters, surrogates, line and paragraph separators.
_NOT_ON_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


class SettingError(Exception):
    """Raised when one setting is wrong; its text is the end of a sentence that begins with the setting's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteStore:
    """Leads in a SQLite file."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FirestoreStore:
    """Leads in a Firestore database."""

    project: str
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Mail as files in a folder."""

    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Mail over an SMTP server."""

    host: str
    port: int
    login: str
    password: str
    encryption: Literal["starttls", "implicit", "none"]
    #: The action when it is unknown whether the server accepted a mail.
    uncertain: Literal["resend", "hold"]


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
    address = f"{parts[1]}@{host_in_ascii(parts[2])}"
    return text if address == given else format_mailbox(name, address)


def format_mailbox(name: str, address: str) -> str:
    """Return a mail address with its display name, if it has one."""
    return f'"{quote(name)}" <{address}>' if name else address


def parse_origin(text: str) -> str:
    """Parse the origin of a site, and normalise it: lower case, without a default port."""
    url = parse_web_address(text)
    origin = f"{url.scheme}://{url.netloc.lower().removesuffix(_DEFAULT_PORTS[url.scheme])}"
    if url.path.strip("/") or url.query or url.fragment:
        raise SettingError(f"has a path, but the site must be at the root of its host: write {origin}")
    return origin


def parse_origins(text: str) -> frozenset[str]:
    """Parse origins that are separated by commas or spaces, and write them as browsers send them: in ASCII."""
    return frozenset(_origin_in_ascii(parse_origin(origin)) for origin in text.replace(",", " ").split())


def optional(parse: Callable[[str], str]) -> Callable[[str], str]:
    """Return a parser that leaves an empty text empty."""
    return lambda text: parse(text) if text else ""


def parse_form(text: str) -> Path:
    """Parse the path of the form file, which must exist."""
    if not Path(text).exists():
        raise SettingError(f"names a file that is not there, {text}: write the path of your form file")
    return Path(text)


def parse_store(text: str) -> SqliteStore | FirestoreStore:
    """Parse the place where leads are stored."""
    kind, _, place = text.partition(":")
    project, _, database = place.partition("/")
    if kind == "sqlite" and place:
        return SqliteStore(path=Path(place))
    if kind == "firestore" and project:
        return FirestoreStore(project=project, database=database or "(default)")
    raise SettingError(
        f"is not a store: write sqlite:PATH, firestore:PROJECT or firestore:PROJECT/DATABASE instead of {text!r}"
    )


def parse_mail(text: str) -> Outbox | Smtp:
    """Parse the way to send mail."""
    if text.startswith("outbox:") and text != "outbox:":
        return Outbox(folder=Path(text.removeprefix("outbox:")))
    url = split_address(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise SettingError(
            "is not a way to send mail: write outbox:FOLDER, smtp://USER:PASSWORD@HOST:PORT or smtps://…"
        )
    if url.path.strip("/") or url.fragment or "@" in url.query:
        raise SettingError(
            "has something after its host: remove it, or write #, / and ? in user and password as %23, %2F and %3F"
        )
    login, password = unquote(url.username or ""), unquote(url.password or "")
    if not (login + password).isascii():
        raise SettingError(
            "has a user or a password beyond ASCII, which can't be sent: choose another at your mail provider"
        )
    host = host_in_ascii(url.hostname or "")
    options = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    tls = options.pop("tls", None)
    if tls not in (None, "none"):
        raise SettingError(f"has tls={tls}, but only tls=none is known: remove it to have the connection encrypted")
    if tls == "none" and not is_this_machine(host):
        raise SettingError("has tls=none, which is for a server on this machine only: remove it")
    uncertain = options.pop("uncertain", "resend")
    if options:
        raise SettingError(f"has an option that is not known, {', '.join(sorted(options))}: remove it")
    if uncertain not in ("resend", "hold"):
        raise SettingError(f"has uncertain={uncertain}: write uncertain=resend or uncertain=hold")
    return Smtp(
        host=host,
        port=port_of(url) or (465 if url.scheme == "smtps" else 587),
        login=login,
        password=password,
        encryption="none" if tls else "implicit" if url.scheme == "smtps" else "starttls",
        uncertain="hold" if uncertain == "hold" else "resend",
    )


def parse_secret(text: str) -> str:
    """Parse a secret that must be hard to guess."""
    if len(text) < _SHORTEST_SECRET:
        raise SettingError(f"has a secret that is too short: make each {_SHORTEST_SECRET} characters or more")
    return text


def parse_secrets(text: str) -> Sequence[str]:
    """Parse secrets that are separated by commas, each hard to guess."""
    return [parse_secret(secret) for secret in split_secrets(text)]


def split_secrets(text: str) -> Sequence[str]:
    """Parse secrets that are separated by commas, of any length."""
    secrets = [secret.strip() for secret in text.split(",") if secret.strip()]
    if not secrets:
        raise SettingError("is empty: set it to a long random text, or several separated by commas")
    return secrets


def read_secret_file(text: str, parse: Callable[[str], Sequence[str]] = parse_secrets) -> Sequence[str]:
    """Read secrets from the file at a path."""
    try:
        return parse(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"names a file that can't be read, {text}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"names a file that is not text, {text}: save it as UTF-8") from error


def parse_webhooks(text: str) -> Sequence[str]:
    """Parse addresses that are separated by white space, and are called over TLS, or on this machine."""
    addresses = list(dict.fromkeys(text.split()))
    for address in addresses:
        url = parse_web_address(address)
        if not address.isascii():
            raise SettingError(f"has an address beyond ASCII: copy it from the program that receives it, not {address}")
        if url.scheme == "http" and not is_this_machine(url.hostname or ""):
            raise SettingError(f"has an address without TLS: write https:// instead of {address!r}")
    if len(addresses) > _MOST_WEBHOOKS:
        raise SettingError(f"has {len(addresses)} addresses: name {_MOST_WEBHOOKS} at most, and have one pass them on")
    return addresses


def parse_webhook_secret(text: str) -> str:
    """Parse a webhook's secret: `whsec_` with a key in base64, or a text, whose bytes are the key."""
    if not text.startswith(_KEY_PREFIX):
        return parse_secret(text)
    try:
        key = b64decode(text.removeprefix(_KEY_PREFIX), validate=True)
    except ValueError as error:
        raise SettingError(f"is not base64 after {_KEY_PREFIX}: copy it whole, or make a new one") from error
    if len(key) < _SHORTEST_SECRET:
        raise SettingError(f"has a key that is too short: make it {_SHORTEST_SECRET} bytes or more")
    return text


def parse_region(text: str) -> str:
    """Parse the name of a Google Cloud region."""
    if not re.fullmatch(r"[a-z]+-[a-z]+\d+", text):
        raise SettingError(f"is not a region: write it like europe-west1 instead of {text!r}")
    return text


def parse_zone(text: str) -> ZoneInfo | None:
    """Parse the IANA name of a time zone; None where it isn't set, for this machine's."""
    try:
        return ZoneInfo(text) if text else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(f"is not a time zone: write one like Europe/Oslo instead of {text!r}") from error


def parse_briefs(text: str) -> Briefs:
    """Parse the leads of which the owner gets a brief."""
    try:
        return Briefs(text)
    except ValueError as error:
        raise SettingError(f"is {text!r}: write {', '.join([*Briefs][:-1])} or {[*Briefs][-1]}") from error


def parse_milliseconds(text: str) -> float:
    """Parse a short time, given in milliseconds, and return it in seconds."""
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
        raise SettingError(f"is no time in milliseconds: write a whole number like 50 instead of {text!r}")
    return int(text) / 1000


def parse_site_key(text: str) -> str:
    """Parse the public key of a Turnstile widget."""
    if not re.fullmatch(r"[\w-]+", text, re.ASCII):
        raise SettingError(f"is not the site key of a widget: copy it from Cloudflare's dashboard instead of {text!r}")
    return text


def parse_hops(text: str) -> int | None:
    """Parse a number of proxies; None where it isn't set."""
    if text and not re.fullmatch(r"\d", text, re.ASCII):
        raise SettingError(f"is no number of proxies: write one from 0 to 9 instead of {text!r}")
    return int(text) if text else None


def _origin_in_ascii(origin: str) -> str:
    url = split_address(origin)
    return origin.replace(url.hostname or "", host_in_ascii(url.hostname or ""))
