"""Links to the form that carry a source, and their QR codes."""

import io
import sys
from pathlib import Path
from urllib.parse import urlencode

import segno

from prequal.core.errors import PrequalError
from prequal.core.fields import UNTYPED_LENGTH
from prequal.core.text import one_line
from prequal.files import STANDARD_OUTPUT
from prequal.pages.paths import FormPaths

_FORMATS = ("png", "svg")
# The code can be read with a quarter of it damaged.
_ERROR_CORRECTION = "Q"
_PIXELS = 10


def make_link(public_url: str, paths: FormPaths, source: str, language: str | None = None) -> str:
    """Return the link to the form in a language, by default its first.

    Raises:
        PrequalError: the source is empty or too long, or the form is not in the language.
    """
    source = one_line(source)  # as it is stored with leads
    if not source:
        raise PrequalError("Name the source that the link is for, like --source ada.")
    if len(source) > UNTYPED_LENGTH:
        raise PrequalError(
            f"Shorten the source to {UNTYPED_LENGTH} characters or fewer: no more is stored with a lead."
        )
    form = paths.form
    if language and language not in form.languages:
        raise PrequalError(f"The form is not in {language}: choose from {', '.join(form.languages)}.")
    start = paths.home(language or form.default_language)
    return f"{public_url}{start}?{urlencode({'source': source})}"


def qr_code_as_text(link: str) -> str:
    """Return the QR code of a link in block characters; PrequalError if the link is too long."""
    out = io.StringIO()
    _code(link).terminal(out, compact=True)
    return out.getvalue()


def write_qr_code(link: str, path: Path) -> None:
    """Write the QR code of a link as a picture; the same link gives the same bytes.

    Raises:
        PrequalError: the link is too long, the file's extension is not a known format, or the file can't be written.
    """
    if path == STANDARD_OUTPUT:
        _code(link).save(sys.stdout.buffer, kind="svg", scale=_PIXELS, light="white")
        return
    extension = path.suffix.lstrip(".").lower()
    if extension not in _FORMATS:
        raise PrequalError(f"A QR code can be drawn as {' or '.join(_FORMATS)}: name the file like ada.svg.")
    code = _code(link)
    try:
        with path.open("wb") as out:
            code.save(out, kind=extension, scale=_PIXELS, light="white")
    except OSError as error:
        raise PrequalError(f"{path} can't be written: {error.strerror}.") from error


def _code(link: str) -> segno.QRCode:
    try:
        return segno.make_qr(link, error=_ERROR_CORRECTION)
    except segno.DataOverflowError as error:
        raise PrequalError("The link is too long for a QR code: shorten the source.") from error
