"""Settings of one machine: what `make run` fills in, and keeps for the commands that come after it."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prequal import settings
from prequal.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prequal.core.form import Business

_SECRET_FILE = Path(".prequal/secret")
_FILLED_IN = Path(".prequal/settings.json")


def filled_in(environ: Mapping[str, str], business: Business, port: int) -> Mapping[str, str]:
    """Return the settings with values that work on one machine wherever one is missing, and keep these values."""
    here, function_url = f"http://localhost:{port}", ""
    with suppress(SettingsError):  # which is raised with all other faults, in a moment
        public_url = environ.get("PREQUAL_PUBLIC_URL") or here
        here, function_url = settings.read_addresses({**environ, "PREQUAL_PUBLIC_URL": public_url})
    values = {
        "PREQUAL_PUBLIC_URL": here,
        "PREQUAL_SENDER": f'"{business.name}" <hello@{urlsplit(business.url).hostname}>',
        "PREQUAL_BOOKING_URL": f"{function_url or here}/booking?name={{name}}&email={{email}}&metadata[lead]={{lead}}",
        "PREQUAL_SECRET_FILE": str(_kept_secret()),
    }
    _FILLED_IN.write_text(json.dumps(values, indent=2), encoding="utf-8")
    # What the stand-in for Cal.com signs with is nobody else's business.
    return _with({**values, "PREQUAL_CAL_SECRET": secrets.token_urlsafe(32)}, environ)


def as_filled_in(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings with what `make run` filled in where it last ran here, or as they are."""
    return _with(json.loads(_FILLED_IN.read_bytes()), environ) if _FILLED_IN.exists() else environ


def _with(values: Mapping[str, str], environ: Mapping[str, str]) -> Mapping[str, str]:
    given = {name: value for name, value in environ.items() if value}
    if "PREQUAL_SECRET" in given:
        values = {name: value for name, value in values.items() if name != "PREQUAL_SECRET_FILE"}
    return {**values, **given}


def _kept_secret() -> Path:
    """Return the file of a secret that is made once, so that links still work after a restart."""
    if not _SECRET_FILE.exists():
        _SECRET_FILE.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(_SECRET_FILE, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return _SECRET_FILE
