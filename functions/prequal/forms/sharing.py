"""A link to the form that tells where its visitors come from, and the same as a QR code."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import urlencode

import segno

from prequal.core.answers import SOURCE_LENGTH
from prequal.core.errors import PrequalError
from prequal.core.form import Form
from prequal.core.text import one_line
from prequal.pages.site import home

_DRAWINGS = ("png", "svg")
# A quarter of the code may be scratched or printed over, and it still reads.
_ERROR_CORRECTION = "Q"
_PIXELS = 10


def source_link(public_url: str, form: Form, source: str, language: str | None = None) -> str:
    """Return the link; without a language it leads to the form's first.

    Raises:
        PrequalError: the source is empty or too long, or the form doesn't speak the language.

    """
    source = one_line(source)  # as leads keep it
    if not source:
        raise PrequalError("Say who or what the link is for, like --source ada.")
    if len(source) > SOURCE_LENGTH:
        raise PrequalError(f"Shorten the source to {SOURCE_LENGTH} characters or fewer: a lead keeps no more of it.")
    if language and language not in form.languages:
        raise PrequalError(f"The form doesn't speak {language}, but {', '.join(form.languages)}.")
    start = home(form, language or form.default_language)
    return f"{public_url}{start}?{urlencode({'source': source})}"


def in_terminal(link: str) -> str:
    """Return the QR code in block characters; PrequalError as for a picture."""
    out = io.StringIO()
    _code(link).terminal(out, compact=True)
    return out.getvalue()


def draw(link: str, path: Path) -> None:
    """Write the QR code as a picture; the same link gives the same bytes.

    Raises:
        PrequalError: the link is too long, the file's name doesn't say which kind of picture, or the file can't be
            written.

    """
    if path.suffix.lstrip(".").lower() not in _DRAWINGS:
        raise PrequalError(f"A QR code can be drawn as {' or '.join(_DRAWINGS)}: name the file like ada.svg.")
    code = _code(link)
    try:
        with path.open("wb") as out:
            code.save(out, kind=path.suffix.lstrip(".").lower(), scale=_PIXELS, light="white")
    except OSError as error:
        raise PrequalError(f"{path} can't be written: {error.strerror}.") from error


def _code(link: str) -> segno.QRCode:
    try:
        return segno.make_qr(link, error=_ERROR_CORRECTION)
    except segno.DataOverflowError as error:
        raise PrequalError("The link is too long for a QR code: shorten the source.") from error
