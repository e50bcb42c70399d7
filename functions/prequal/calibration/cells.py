"""What a cell of a table says: an answer by option id or by label in any language, a number, or nothing known."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from prequal.calibration.design import UNKNOWN, Unknown
from prequal.core.form import Kind, Question
from prequal.core.scoring import Answer

Reader: TypeAlias = "Callable[[str], Answer | Unknown | None]"

_BETWEEN_CHOICES = (";", "\n", "|", ",")
_NO_PART_OF_A_NUMBER = re.compile(r"[\s'’]|(?<=[\d\s])%$")
_NUMBER = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(_\d{3})+)(\.\d+)?")  # as Python writes it
_WAYS = {".": str.maketrans(",", "_"), ",": str.maketrans(".,", "_.")}  # of writing one, by the mark of the fraction


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
    """Return what reads numbers as this column writes them.

    A point, or a comma, that is before the fraction of any of them is so in all; else it groups digits, as in 1.500.
    """
    decimal = {_before_fraction(_bare(cell)) for cell in cells}
    marks = str.maketrans(".,", "".join("." if mark in decimal else "_" for mark in ".,"))

    def read(cell: str) -> int | Unknown | None:
        text = _bare(cell).translate(marks)
        if not text:
            return None
        number = float(text) if _NUMBER.fullmatch(text) else math.inf
        # Bands end at whole numbers, inclusively: a fraction belongs where the next whole number does.
        return math.ceil(number) if math.isfinite(number) else UNKNOWN

    return read


def _bare(cell: str) -> str:
    return _NO_PART_OF_A_NUMBER.sub("", cell).replace("−", "-")


def _before_fraction(text: str) -> str | None:
    """Return the mark before the fraction, if there is only one way to read this number."""
    ways = [mark for mark, marks in _WAYS.items() if _NUMBER.fullmatch(text.translate(marks))]
    return ways[0] if len(ways) == 1 else None
