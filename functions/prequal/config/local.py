"""Settings of one machine: what `make run` fills in, and keeps for the commands that come after it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from prequal.config import settings
from prequal.config.addresses import named
from prequal.core.errors import PrequalError
from prequal.core.form import Business
from prequal.core.text import one_line
from prequal.files import write_atomically

_SECRET_FILE = Path(".prequal/secret")
_FILLED_IN = Path(".prequal/settings.json")


def filled_in(environ: Mapping[str, str], business: Business, port: int) -> Mapping[str, str]:
    """Return the settings with values that work on one machine wherever one is missing, and keep these values."""
    public_url = environ.get("PREQUAL_PUBLIC_URL") or f"http://localhost:{port}"
    here, function_url = settings.read_addresses({**environ, "PREQUAL_PUBLIC_URL": public_url})
    values = {
        "PREQUAL_PUBLIC_URL": here,
        "PREQUAL_SENDER": named(one_line(business.name), f"hello@{urlsplit(business.url).hostname}"),
        "PREQUAL_BOOKING_URL": f"{function_url or here}/booking?name={{name}}&email={{email}}&metadata[lead]={{lead}}",
        "PREQUAL_SECRET_FILE": str(_kept_secret()),
    }
    _write(_FILLED_IN, json.dumps(values, indent=2))
    # What the stand-in for Cal.com signs with is nobody else's business.
    return _with({**values, "PREQUAL_CAL_SECRET": secrets.token_urlsafe(32)}, environ)


def as_filled_in(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings with what `make run` filled in where it last ran here, or as they are."""
    if not _FILLED_IN.exists():
        return environ
    try:
        return _with(json.loads(_FILLED_IN.read_bytes()), environ)
    except ValueError as error:
        raise PrequalError(
            f"{_FILLED_IN} is damaged: delete it, or start prequal dev, which writes it anew."
        ) from error


def _with(values: Mapping[str, str], environ: Mapping[str, str]) -> Mapping[str, str]:
    given = {name: value for name, value in environ.items() if value}
    if "PREQUAL_SECRET" in given:
        values = {name: value for name, value in values.items() if name != "PREQUAL_SECRET_FILE"}
    return {**values, **given}


def _kept_secret() -> Path:
    """Return the file of a secret that is made once, so that links still work after a restart."""
    if not _SECRET_FILE.exists():
        _write(_SECRET_FILE, secrets.token_urlsafe(32))
    return _SECRET_FILE


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text, private=True)
