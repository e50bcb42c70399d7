"""The settings, read from the environment: all faults at once, each with its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from prequal.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_FORM = Path("schema/form.yaml")
DEFAULT_STORE = "sqlite:.prequal/prequal.db"
DEFAULT_MAIL = "outbox:.prequal/outbox"
DEFAULT_PUBLIC_URL = "http://localhost:8080"
PLACEHOLDERS = frozenset({"name", "email", "lead"})

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteStore:
    """Leads in a SQLite file."""

    path: Path


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the function needs to know of where it runs. `owner` is empty when nobody wants briefs."""

    store: SqliteStore
    mail: Outbox | Smtp
    sender: str
    owner: str
    booking_url: str
    public_url: str
    secrets: Sequence[str]
    origins: frozenset[str]


class _Fault(Exception):  # noqa: N818, it never leaves this module
    """What is wrong with one setting, as the end of a sentence that begins with its name."""


def read(environ: Mapping[str, str]) -> Settings:
    """Read all settings; SettingsError with every fault."""
    reader = _Reader(environ)
    settings = Settings(
        store=reader.value("PREQUAL_STORE", _store, DEFAULT_STORE),
        mail=reader.value("PREQUAL_MAIL", _mail, DEFAULT_MAIL),
        sender=reader.value("PREQUAL_SENDER", _mailbox),
        owner=reader.value("PREQUAL_OWNER", lambda text: _mailbox(text) if text else "", ""),
        booking_url=reader.value("PREQUAL_BOOKING_URL", _booking_url),
        public_url=reader.value("PREQUAL_PUBLIC_URL", _public_url, DEFAULT_PUBLIC_URL),
        secrets=reader.value("PREQUAL_SECRET_FILE", _secret_file)
        if environ.get("PREQUAL_SECRET_FILE")
        else reader.value("PREQUAL_SECRET", _secrets),
        origins=reader.value("PREQUAL_ORIGINS", _origins, ""),
    )
    reader.finish()
    return settings


def read_store(environ: Mapping[str, str]) -> SqliteStore:
    """Read where the leads are, which is all that the owner's commands need; SettingsError when it is wrong."""
    reader = _Reader(environ)
    store: SqliteStore = reader.value("PREQUAL_STORE", _store, DEFAULT_STORE)
    reader.finish()
    return store


def read_form(environ: Mapping[str, str]) -> Path:
    """Read where the form file is."""
    return Path(environ.get("PREQUAL_FORM") or DEFAULT_FORM)


def read_public_url(environ: Mapping[str, str]) -> str:
    """Read where the site lives; SettingsError when it is wrong."""
    reader = _Reader(environ)
    public_url = reader.value("PREQUAL_PUBLIC_URL", _public_url, DEFAULT_PUBLIC_URL)
    reader.finish()
    return public_url


def read_store_and_mail(environ: Mapping[str, str]) -> tuple[SqliteStore, Outbox | Smtp]:
    """Read what the sending of mails needs; SettingsError with every fault."""
    reader = _Reader(environ)
    store: SqliteStore = reader.value("PREQUAL_STORE", _store, DEFAULT_STORE)
    mail: Outbox | Smtp = reader.value("PREQUAL_MAIL", _mail, DEFAULT_MAIL)
    reader.finish()
    return store, mail


class _Reader:
    """Reads settings one by one and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []

    def value(self, name: str, parse: Callable[[str], _T], default: str | None = None) -> _T:
        """Return a setting, parsed; when it is faulty, nothing that counts, as `finish` raises."""
        text = self._environ.get(name, "").strip() or default
        if text is None:
            self._faults.append(f"{name} is missing: set it.")
            return None  # type: ignore[return-value]
        try:
            return parse(text)
        except _Fault as fault:
            self._faults.append(f"{name} {fault}.")
            return None  # type: ignore[return-value]

    def finish(self) -> None:
        """Raise what was collected."""
        if self._faults:
            raise SettingsError(self._faults)


def _store(text: str) -> SqliteStore:
    kind, _, place = text.partition(":")
    if kind == "sqlite" and place:
        return SqliteStore(path=Path(place))
    if kind == "firestore":
        raise _Fault("names a Firestore database, which this version can't use yet: write sqlite:PATH")
    raise _Fault(f"is not a store: write sqlite:PATH instead of {text!r}")


def _mail(text: str) -> Outbox | Smtp:
    if text.startswith("outbox:") and text != "outbox:":
        return Outbox(folder=Path(text.removeprefix("outbox:")))
    url = urlsplit(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise _Fault("is not a way to send mail: write outbox:FOLDER, smtp://USER:PASSWORD@HOST:PORT or smtps://…")
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
        raise _Fault("has no valid port: write a number from 1 to 65535 after the host")
    return int(found[1])


def _encryption(scheme: str, host: str, tls: str) -> Literal["starttls", "implicit", "none"]:
    if tls not in ("", "none"):
        raise _Fault(f"has tls={tls}, and only tls=none is known: leave it out to have the connection encrypted")
    if tls == "none" and not _is_loopback(host):
        raise _Fault("asks for tls=none, which is for a server on this machine only: leave it out")
    if tls == "none":
        return "none"
    return "implicit" if scheme == "smtps" else "starttls"


def _uncertain(options: Mapping[str, str]) -> Literal["resend", "hold"]:
    unknown = options.keys() - {"uncertain"}
    if unknown:
        raise _Fault(f"has an option that is not known, {', '.join(sorted(unknown))}: leave it out")
    match options.get("uncertain", "resend"):
        case "resend":
            return "resend"
        case "hold":
            return "hold"
        case other:
            raise _Fault(f"has uncertain={other}: write uncertain=resend or uncertain=hold")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mailbox(text: str) -> str:
    addresses = getaddresses([text])
    if len(addresses) != 1 or not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", addresses[0][1]):
        raise _Fault(f"is not a mail address: write it like Studio North <hello@studio.example> instead of {text!r}")
    return text


def _url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise _Fault(f"is not a web address: begin it with https:// instead of {text!r}")
    return text


def _public_url(text: str) -> str:
    url = urlsplit(_url(text))
    if url.path.strip("/") or url.query:
        raise _Fault(f"has a path, and the site lives at the root: write {url.scheme}://{url.netloc}")
    return f"{url.scheme}://{url.netloc}"


def _booking_url(text: str) -> str:
    unknown = set(re.findall(r"\{(\w*)\}", text)) - PLACEHOLDERS
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in sorted(unknown))
        raise _Fault(f"has placeholders that are not known, {named}: there are {{name}}, {{email}} and {{lead}}")
    return _url(text)


def _secrets(text: str) -> Sequence[str]:
    secrets = [secret.strip() for secret in text.split(",") if secret.strip()]
    if not secrets:
        raise _Fault("is empty: set it to a long random text, or several separated by commas")
    return secrets


def _secret_file(text: str) -> Sequence[str]:
    try:
        return _secrets(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise _Fault(f"names a file that can't be read, {text}: {error.strerror}") from error


def _origins(text: str) -> frozenset[str]:
    return frozenset(_public_url(origin) for origin in text.replace(",", " ").split())
