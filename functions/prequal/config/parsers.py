"""Parsers of the other settings, and the values that they return."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote

from prequal.config import addresses
from prequal.config.addresses import SettingError
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
    """Mail over an SMTP server."""

    host: str
    port: int
    login: str
    password: str
    encryption: Literal["starttls", "implicit", "none"]
    #: The action when it is unknown whether the server accepted a mail.
    uncertain: Literal["resend", "hold"]


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
    url = addresses.split(text)
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
    host = addresses.host(url)
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
        port=addresses.port(url) or (465 if url.scheme == "smtps" else 587),
        login=login,
        password=password,
        encryption="none" if tls else "implicit" if url.scheme == "smtps" else "starttls",
        uncertain="hold" if uncertain == "hold" else "resend",
    )


def parse_secrets(text: str) -> Sequence[str]:
    """Parse secrets that are separated by commas."""
    secrets = [secret.strip() for secret in text.split(",") if secret.strip()]
    if not secrets:
        raise SettingError("is empty: set it to a long random text, or several separated by commas")
    return secrets


def read_secret_file(text: str) -> Sequence[str]:
    """Read secrets from the file at a path."""
    try:
        return parse_secrets(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"names a file that can't be read, {text}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"names a file that is not text, {text}: save it as UTF-8") from error


def parse_region(text: str) -> str:
    """Parse the name of a Google Cloud region."""
    if not re.fullmatch(r"[a-z]+-[a-z]+\d+", text):
        raise SettingError(f"is not a region: write it like europe-west1 instead of {text!r}")
    return text
