"""Each setting's text becomes a value, or a fault that says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote

from prequal.config import addresses
from prequal.config.fault import Fault
from prequal.core.network import is_this_machine


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


def form(text: str) -> Path:
    """Read where the form file is."""
    if not Path(text).exists():
        raise Fault(f"names a file that is not there, {text}: write the path of your form file")
    return Path(text)


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
    url = addresses.split(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise Fault("is not a way to send mail: write outbox:FOLDER, smtp://USER:PASSWORD@HOST:PORT or smtps://…")
    if url.path.strip("/") or url.fragment or "@" in url.query:
        raise Fault(
            "has something after its host: leave it out, or write #, / and ? in user and password as %23, %2F and %3F"
        )
    login, password = unquote(url.username or ""), unquote(url.password or "")
    if not (login + password).isascii():
        raise Fault("has a user or a password beyond ASCII, which can't be sent: choose another at your mail provider")
    host = addresses.host(url)
    options = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    return Smtp(
        host=host,
        port=addresses.port(url) or (465 if url.scheme == "smtps" else 587),
        login=login,
        password=password,
        encryption=_encryption(url.scheme, host, options.pop("tls", None)),
        uncertain=_uncertain(options),
    )


def _encryption(scheme: str, host: str, tls: str | None) -> Literal["starttls", "implicit", "none"]:
    if tls not in (None, "none"):
        raise Fault(f"has tls={tls}, and only tls=none is known: leave it out to have the connection encrypted")
    if tls == "none" and not is_this_machine(host):
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
    except UnicodeDecodeError as error:
        raise Fault(f"names a file that is not text, {text}: save it as UTF-8") from error


def region(text: str) -> str:
    """Read the name of one of Google's regions."""
    if not re.fullmatch(r"[a-z]+-[a-z]+\d+", text):
        raise Fault(f"is not a region: write it like europe-west1 instead of {text!r}")
    return text
