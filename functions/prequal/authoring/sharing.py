"""A link to the form that tells where its visitors come from, and the same as a QR code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import segno

from prequal.core.errors import PrequalError
from prequal.pages.site import home

if TYPE_CHECKING:
    from pathlib import Path

    from prequal.core.form import Form

_DRAWINGS = ("png", "svg")
# A quarter of the code may be scratched or printed over, and it still reads.
_ERROR_CORRECTION = "Q"
_PIXELS = 10


def source_link(public_url: str, form: Form, source: str, language: str | None = None) -> str:
    """Return the link; without a language it leads to the form's first.

    Raises:
        PrequalError: the source is empty, or the form doesn't speak the language.

    """
    if not source.strip():
        raise PrequalError("Say who or what the link is for, like --source ada.")
    if language and language not in form.languages:
        raise PrequalError(f"The form doesn't speak {language}, but {', '.join(form.languages)}.")
    start = home(form, language or form.default_language)
    return f"{public_url}{start}?{urlencode({'source': source.strip()})}"


def in_terminal(link: str) -> str:
    """Return the QR code in block characters."""
    out = io.StringIO()
    _code(link).terminal(out, compact=True)
    return out.getvalue()


def draw(link: str, path: Path) -> None:
    """Write the QR code as a picture; the same link gives the same bytes.

    Raises:
        PrequalError: the file's name doesn't say which kind of picture, or the file can't be written.

    """
    if path.suffix.lstrip(".").lower() not in _DRAWINGS:
        raise PrequalError(f"A QR code can be drawn as {' or '.join(_DRAWINGS)}: name the file like ada.svg.")
    try:
        with path.open("wb") as out:
            _code(link).save(out, kind=path.suffix.lstrip(".").lower(), scale=_PIXELS, light="white")
    except OSError as error:
        raise PrequalError(f"{path} can't be written: {error.strerror}.") from error


def _code(link: str) -> segno.QRCode:
    return segno.make_qr(link, error=_ERROR_CORRECTION)
