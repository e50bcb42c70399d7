"""The settings, read from the environment: all faults at once, each with its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prequal.config import addresses, parsers
from prequal.config.fault import Fault
from prequal.config.parsers import FirestoreStore, Outbox, Smtp, SqliteStore
from prequal.core.errors import SettingsError

__all__ = [
    "FirestoreStore",
    "Outbox",
    "Settings",
    "Smtp",
    "SqliteStore",
    "check",
    "read",
    "read_addresses",
    "read_form",
    "read_public_url",
    "read_region",
    "read_region_and_alerts",
    "read_sender_and_owner",
    "read_store",
    "read_store_and_mail",
]

DEFAULT_FORM = Path("schema/form.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the function needs to know of where it runs.

    `owner` is empty when nobody wants briefs, a scheduler's secret when nobody listens to it, `function_url` when the
    site's host leads to the function.
    """

    store: SqliteStore | FirestoreStore
    mail: Outbox | Smtp
    sender: str
    owner: str
    booking_url: str
    public_url: str
    function_url: str
    secrets: Sequence[str]
    origins: frozenset[str]
    cal_secret: str
    calendly_secret: str


def read(environ: Mapping[str, str], stricter: Mapping[str, Callable[[str], Any]] | None = None) -> Settings:
    """Read all settings, some by `stricter` parsers; SettingsError with every fault."""
    secret = "PREQUAL_SECRET_FILE" if environ.get("PREQUAL_SECRET_FILE") else "PREQUAL_SECRET"
    store, mail, sender, owner, booking_url, public_url, function_url, secrets, origins, cal_secret, calendly_secret = (
        _read(
            environ,
            "PREQUAL_STORE",
            "PREQUAL_MAIL",
            "PREQUAL_SENDER",
            "PREQUAL_OWNER",
            "PREQUAL_BOOKING_URL",
            "PREQUAL_PUBLIC_URL",
            "PREQUAL_FUNCTION_URL",
            secret,
            "PREQUAL_ORIGINS",
            "PREQUAL_CAL_SECRET",
            "PREQUAL_CALENDLY_SECRET",
            stricter=stricter,
        )
    )
    return Settings(
        store=store,
        mail=mail,
        sender=sender,
        owner=owner,
        booking_url=booking_url,
        public_url=public_url,
        function_url=_elsewhere(function_url, public_url),
        secrets=secrets,
        origins=origins,
        cal_secret=cal_secret,
        calendly_secret=calendly_secret,
    )


def check(environ: Mapping[str, str]) -> None:
    """Raise SettingsError with every fault of what is set, be it that no form file is there; what isn't set is none."""
    _read(environ, *(name for name in _PARSERS if environ.get(name, "").strip()))


def read_form(environ: Mapping[str, str]) -> Path:
    """Read where the form file is."""
    return Path(environ.get("PREQUAL_FORM", "").strip() or DEFAULT_FORM)


def read_store(environ: Mapping[str, str]) -> SqliteStore | FirestoreStore:
    """Read where the leads are, which is all that the owner's commands need; SettingsError when it is wrong."""
    store: SqliteStore | FirestoreStore = _read(environ, "PREQUAL_STORE")[0]
    return store


def read_store_and_mail(environ: Mapping[str, str]) -> tuple[SqliteStore | FirestoreStore, Outbox | Smtp]:
    """Read what the sending of mails needs; SettingsError with every fault."""
    store, mail = _read(environ, "PREQUAL_STORE", "PREQUAL_MAIL")
    return store, mail


def read_sender_and_owner(environ: Mapping[str, str]) -> tuple[str, str]:
    """Read who mails, and to which owner; SettingsError with every fault."""
    sender, owner = _read(environ, "PREQUAL_SENDER", "PREQUAL_OWNER")
    return sender, owner


def read_public_url(environ: Mapping[str, str]) -> str:
    """Read where the site lives; SettingsError when it is wrong."""
    public_url: str = _read(environ, "PREQUAL_PUBLIC_URL")[0]
    return public_url


def read_addresses(environ: Mapping[str, str]) -> tuple[str, str]:
    """Read where the site lives, and where the function, as in `Settings`; SettingsError with every fault."""
    public_url, function_url = _read(environ, "PREQUAL_PUBLIC_URL", "PREQUAL_FUNCTION_URL")
    return public_url, _elsewhere(function_url, public_url)


def read_region(environ: Mapping[str, str]) -> str:
    """Read where the functions are in the cloud; SettingsError when it is wrong."""
    region: str = _read(environ, "PREQUAL_REGION")[0]
    return region


def read_region_and_alerts(environ: Mapping[str, str]) -> tuple[str, str]:
    """Read what concerns the cloud alone: where it is, and whom its alerts go to; SettingsError with every fault."""
    alerts = environ.get("PREQUAL_ALERTS") or environ.get("PREQUAL_OWNER") or ""
    region, alerts = _read({**environ, "PREQUAL_ALERTS": alerts}, "PREQUAL_REGION", "PREQUAL_ALERTS")
    return region, alerts


def _elsewhere(function_url: str, public_url: str) -> str:
    return "" if function_url == public_url else function_url


def _read(
    environ: Mapping[str, str], *names: str, stricter: Mapping[str, Callable[[str], Any]] | None = None
) -> Sequence[Any]:
    values, faults = [], []
    for name in names:
        parse, default = _PARSERS[name]
        parse = (stricter or {}).get(name, parse)
        text = environ.get(name, "").strip() or default
        try:
            if text is None:
                faults.append(f"{name} is missing: set it.")
            else:
                values.append(parse(text))
        except Fault as fault:
            faults.append(f"{name} {fault}.")
    if faults:
        raise SettingsError(faults)
    return values


# How each setting is read, and what it is when it isn't set: None where nothing would do.
_PARSERS: Mapping[str, tuple[Callable[[str], Any], str | None]] = {
    "PREQUAL_FORM": (parsers.form, str(DEFAULT_FORM)),
    "PREQUAL_STORE": (parsers.store, "sqlite:.prequal/prequal.db"),
    "PREQUAL_MAIL": (parsers.mail, "outbox:.prequal/outbox"),
    "PREQUAL_SENDER": (addresses.mailbox, None),
    "PREQUAL_OWNER": (lambda text: addresses.mailbox(text) if text else "", ""),
    "PREQUAL_BOOKING_URL": (addresses.booking_url, None),
    "PREQUAL_PUBLIC_URL": (addresses.public_url, "http://localhost:8080"),
    "PREQUAL_FUNCTION_URL": (lambda text: addresses.public_url(text) if text else "", ""),
    "PREQUAL_SECRET": (parsers.secrets, None),
    "PREQUAL_SECRET_FILE": (parsers.secret_file, None),
    "PREQUAL_ORIGINS": (addresses.origins, ""),
    "PREQUAL_CAL_SECRET": (str, ""),
    "PREQUAL_CALENDLY_SECRET": (str, ""),
    "PREQUAL_REGION": (parsers.region, "europe-west1"),
    "PREQUAL_ALERTS": (addresses.mailbox, None),
}
