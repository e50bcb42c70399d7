"""Each setting's text becomes a value, or a fault that says what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from prequal.booking import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Fault(Exception):  # noqa: N818, it never leaves the settings
    """What is wrong with one setting, as the end of a sentence that begins with its name."""


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
    """Mail over an SMTP server. `uncertain`: what to do when it is unknown whether the server took a mail."""

    host: str
    port: int
    login: str
    password: str
    encryption: Literal["starttls", "implicit", "none"]
    uncertain: Literal["resend", "hold"]


def store(text: str) -> SqliteStore | FirestoreStore:
    """Read where leads are kept."""
    kind, _, place = text.partition(":")
    project, _, database = place.partition("/")
    if kind == "sqlite" and place:
        return SqliteStore(path=Path(place))
    if kind == "firestore" and project:
        return FirestoreStore(project=project, database=database or "(default)")
    raise Fault(
        f"is not a store: write sqlite:PATH, firestore:PROJECT or firestore:PROJECT/DATABASE instead of {text!r}"
    )


def mail(text: str) -> Outbox | Smtp:
    """Read how mail is sent."""
    if text.startswith("outbox:") and text != "outbox:":
        return Outbox(folder=Path(text.removeprefix("outbox:")))
    url = _split(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise Fault("is not a way to send mail: write outbox:FOLDER, smtp://USER:PASSWORD@HOST:PORT or smtps://…")
    options = {name: values[-1] for name, values in parse_qs(url.query).items()}
    return Smtp(
        host=url.hostname,
        port=_port(url.netloc) or (465 if url.scheme == "smtps" else 587),
        login=unquote(url.username or ""),
        password=unquote(url.password or ""),
        encryption=_encryption(url.scheme, url.hostname, options.pop("tls", "")),
        uncertain=_uncertain(options),
    )


def _port(netloc: str) -> int | None:
    found = re.search(r":(\d*)$", netloc)
    if found is None:
        return None
    if not found[1] or not 0 < int(found[1]) < 65536:  # noqa: PLR2004, the ports there are
        raise Fault("has no valid port: write a number from 1 to 65535 after the host")
    return int(found[1])


def _encryption(scheme: str, host: str, tls: str) -> Literal["starttls", "implicit", "none"]:
    if tls not in ("", "none"):
        raise Fault(f"has tls={tls}, and only tls=none is known: leave it out to have the connection encrypted")
    if tls == "none" and not _is_loopback(host):
        raise Fault("asks for tls=none, which is for a server on this machine only: leave it out")
    if tls == "none":
        return "none"
    return "implicit" if scheme == "smtps" else "starttls"


def _uncertain(options: Mapping[str, str]) -> Literal["resend", "hold"]:
    unknown = options.keys() - {"uncertain"}
    if unknown:
        raise Fault(f"has an option that is not known, {', '.join(sorted(unknown))}: leave it out")
    match options.get("uncertain", "resend"):
        case "resend":
            return "resend"
        case "hold":
            return "hold"
        case other:
            raise Fault(f"has uncertain={other}: write uncertain=resend or uncertain=hold")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def mailbox(text: str) -> str:
    """Read one mail address, with or without a name."""
    addresses = getaddresses([text])
    if len(addresses) != 1 or not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", addresses[0][1]):
        raise Fault(f"is not a mail address: write it like Studio North <hello@studio.example> instead of {text!r}")
    return text


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise Fault(f"can't be read as an address ({error}): write it anew") from error


def _url(text: str) -> str:
    url = _split(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise Fault(f"is not a web address: begin it with https:// instead of {text!r}")
    return text


def public_url(text: str) -> str:
    """Read the origin of a site."""
    url = _split(_url(text))
    if url.path.strip("/") or url.query:
        raise Fault(f"has a path, and the site lives at the root: write {url.scheme}://{url.netloc}")
    return f"{url.scheme}://{url.netloc}"


def booking_url(text: str) -> str:
    """Read the address of a scheduler, with its placeholders."""
    unknown = set(re.findall(r"\{(\w*)\}", text)).difference(PLACEHOLDERS)
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in sorted(unknown))
        raise Fault(f"has placeholders that are not known, {named}: there are {{name}}, {{email}} and {{lead}}")
    return _url(text)


def secrets(text: str) -> Sequence[str]:
    """Read secrets, separated by commas."""
    secrets = [secret.strip() for secret in text.split(",") if secret.strip()]
    if not secrets:
        raise Fault("is empty: set it to a long random text, or several separated by commas")
    return secrets


def secret_file(text: str) -> Sequence[str]:
    """Read the same from a file."""
    try:
        return secrets(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise Fault(f"names a file that can't be read, {text}: {error.strerror}") from error


def region(text: str) -> str:
    """Read the name of one of Google's regions."""
    if not re.fullmatch(r"[a-z]+-[a-z]+\d+", text):
        raise Fault(f"is not a region: write it like europe-west1 instead of {text!r}")
    return text


def origins(text: str) -> frozenset[str]:
    """Read the origins of sites, separated by commas or spaces."""
    return frozenset(public_url(origin) for origin in text.replace(",", " ").split())
