"""What a cell of a table says: an answer by option id or by label in any language, a number, or nothing known."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from prequal.calibration.design import UNKNOWN, Unknown
from prequal.core.form import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prequal.core.form import Question
    from prequal.core.scoring import Answer

Reader: TypeAlias = "Callable[[str], Answer | Unknown | None]"

_BETWEEN_CHOICES = (";", "\n", "|", ",")
_SPACES = re.compile(r"[\s'’]")
_GROUPED = re.compile(r"-?\d{1,3}([.,]\d{3})+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def reader(question: Question, cells: Iterable[str]) -> Reader:
    """Return what reads the cells of a question's column. An empty cell is no answer."""
    match question.kind:
        case Kind.NUMBER:
            return _number_reader(cells)
        case Kind.MANY:
            return lambda cell: _many(cell, _names(question))
        case _:
            names = _names(question)
            return lambda cell: names.get(plain(cell), UNKNOWN) if cell else None


def plain(text: str) -> str:
    """Return a text as it is compared: without regard to case, accents' encoding and white space."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _names(question: Question) -> dict[str, str]:
    """Return the options by every name they go by; an id comes before a label."""
    labels = {plain(label): option.id for option in question.options for label in option.label.values()}
    return labels | {plain(option.id): option.id for option in question.options}


def _many(cell: str, names: dict[str, str]) -> Sequence[str] | Unknown | None:
    if not cell:
        return None
    for mark in ("", *_BETWEEN_CHOICES):  # a label may itself have a comma
        parts = [plain(part) for part in cell.split(mark)] if mark else [plain(cell)]
        ids = [names.get(part) for part in parts if part]
        if ids and None not in ids:
            return tuple(dict.fromkeys(found for found in ids if found))
    return UNKNOWN


def _number_reader(cells: Iterable[str]) -> Reader:
    """Return what reads numbers as this column writes them: 1.500 is a thousand more where all points group digits."""
    marked = {text for text in (_SPACES.sub("", cell) for cell in cells) if "." in text or "," in text}
    grouped = bool(marked) and all(_GROUPED.fullmatch(text) for text in marked)

    def read(cell: str) -> int | Unknown | None:
        text = _SPACES.sub("", cell)
        text = re.sub("[.,]", "", text) if grouped else text.replace(",", ".")
        if not text:
            return None
        # Bands end at whole numbers, inclusively: a fraction belongs where the next whole number does.
        return math.ceil(float(text)) if _NUMBER.fullmatch(text) else UNKNOWN

    return read
