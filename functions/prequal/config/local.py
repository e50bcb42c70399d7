"""Settings of one machine: `prequal dev` fills in what is missing, and writes it down for the other commands."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from prequal.config.parsers import format_mailbox, read_secret_file, split_secrets
from prequal.config.settings import Settings
from prequal.core.errors import PrequalError
from prequal.core.form import Business
from prequal.core.text import one_line
from prequal.files import create_private_folder, write_atomically

_SECRET_FILE = Path(".prequal/secret")
_SETTINGS_FILE = Path(".prequal/settings.json")


class LocalSettings(Settings):
    """The values of the development server's settings, whose secrets may be of any length."""

    __slots__ = ()
    secret = replace(Settings.secret, parse=split_secrets)
    secret_file = replace(Settings.secret_file, parse=partial(read_secret_file, parse=split_secrets))
    cal_secret = replace(Settings.cal_secret, parse=str)
    calendly_secret = replace(Settings.calendly_secret, parse=str)
    savvycal_secret = replace(Settings.savvycal_secret, parse=str)
    turnstile_secret = replace(Settings.turnstile_secret, parse=str)


def write_local_settings(environ: Mapping[str, str], business: Business, port: int) -> Mapping[str, str]:
    """Return the environment with missing settings set to values that work on this machine, and save these values."""
    public_url = environ.get("PREQUAL_PUBLIC_URL") or f"http://localhost:{port}"
    given = Settings({**environ, "PREQUAL_PUBLIC_URL": public_url}, Settings.public_url, Settings.function_origin)
    values = {
        "PREQUAL_PUBLIC_URL": given.public_url,
        "PREQUAL_SENDER": format_mailbox(one_line(business.name), f"hello@{urlsplit(business.url).hostname}"),
        "PREQUAL_BOOKING_URL": f"{given.function_url or given.public_url}"
        "/booking?name={name}&email={email}&metadata[lead]={lead}",
        "PREQUAL_SECRET_FILE": str(_load_or_create_secret()),
    }
    write_atomically(_SETTINGS_FILE, json.dumps(values, indent=2), private=True)
    # No other command needs these: the secret of the stand-in for Cal.com, and that there is no proxy.
    return _merge({**values, "PREQUAL_CAL_SECRET": secrets.token_urlsafe(32), "PREQUAL_HOPS": "0"}, environ)


def load_local_settings(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with missing settings as the last `prequal dev` in this folder saved them, if any did."""
    if not _SETTINGS_FILE.exists():
        return environ
    try:
        return _merge(json.loads(_SETTINGS_FILE.read_bytes()), environ)
    except ValueError as error:
        raise PrequalError(
            f"{_SETTINGS_FILE} is damaged: delete it, or start prequal dev, which writes a new one."
        ) from error


def _merge(values: Mapping[str, str], environ: Mapping[str, str]) -> Mapping[str, str]:
    given = {name: value for name, value in environ.items() if value}
    if "PREQUAL_SECRET" in given:
        values = {name: value for name, value in values.items() if name != "PREQUAL_SECRET_FILE"}
    return {**values, **given}


def _load_or_create_secret() -> Path:
    """Return the file of a secret that is created once, so that links still work after a restart."""
    if not _SECRET_FILE.exists():
        create_private_folder(_SECRET_FILE.parent)
        write_atomically(_SECRET_FILE, secrets.token_urlsafe(32), private=True)
    return _SECRET_FILE
