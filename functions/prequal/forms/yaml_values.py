"""The values of a YAML text, with the place and the spelling of each.

Values follow the core schema of YAML 1.2, in which `no` (Norwegian) and `on` are strings, and a date is one too. A
number is an int only in plain decimal digits. In any other spelling it is a float, which no schema of ours accepts:
`5.000` is five to YAML, and five thousand to half of Europe.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import events as ruamel

from prequal.analysis.faults import Where

_Value: TypeAlias = Any
_Event: TypeAlias = Any

# Far beyond any form: thirty questions with thirty options in ten languages come to ten thousand values.
_MOST_VALUES = 50_000
_DEEPEST = 20
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_WORDS = {word: value for name, value in (("null", None), ("true", True), ("false", False))
          for word in (name, name.title(), name.upper())} | {"": None, "~": None}  # fmt: skip
_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)+")


class UnreadableError(Exception):
    """Raised when reading has to stop; nothing was read."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index, self.message = index, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The spelling of a scalar in the text."""

    #: Without its anchor and its tag.
    written: str
    quoted: bool
    #: An anchor and a tag in front of it, or empty.
    prefix: str
    #: Its anchor, or empty.
    anchor: str
    #: The comment behind it on its line, with the spaces before, or empty.
    comment: str


@dataclass(slots=True)
class Values:
    """The values of one document, read from the events of a YAML parser."""

    text: str
    content: Any = None
    #: The line and column of every value, counted from 1.
    places: dict[Where, tuple[int, int]] = field(default_factory=lambda: {(): (1, 1)})
    spellings: dict[Where, Spelling] = field(default_factory=dict)
    #: Values that can't be used: the index in the text, and what to do.
    faults: list[tuple[int, str]] = field(default_factory=list)
    #: Anchors that an alias refers to.
    used: set[str] = field(default_factory=set)
    _events: Iterator[Any] = field(default_factory=lambda: iter(()))
    _anchored: dict[str, tuple[Any, int, Spelling | None]] = field(default_factory=dict)
    _count: int = 0
    _end: int = 0
    _line_starts: list[int] = field(default_factory=list)

    def read(self, events: Iterator[Any]) -> None:
        """Read the first document; UnreadableError if there are several, or if it is too large or too deep."""
        self._events = events
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        documents = 0
        for event in events:
            if isinstance(event, ruamel.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = "Remove this line and what follows: a file holds one document, not two."
                    raise UnreadableError(event.start_mark.index, message)
                self.content = self._value(next(events), ())

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and column of an index in the text, counted from 1."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def _value(self, event: _Event, where: Where) -> _Value:
        start = event.start_mark.index
        if len(where) > _DEEPEST:
            raise UnreadableError(start, f"This is nested more than {_DEEPEST} levels deep: remove brackets or levels.")
        if isinstance(event, ruamel.AliasEvent):
            return self._alias(event, where)
        before = self._count
        self._add(1, start)
        spelling: Spelling | None = None
        value: _Value
        if isinstance(event, ruamel.ScalarEvent):
            spelling = self.spellings[where] = self._spelling(event)
            value = self._scalar(event)
        elif isinstance(event, ruamel.SequenceStartEvent):
            self._end = event.end_mark.index
            value = self._list(where)
        else:
            self._end = event.end_mark.index
            value = self._mapping(where)
        if event.anchor:
            self._anchored[event.anchor] = value, self._count - before, spelling
        return value

    def _add(self, values: int, index: int) -> None:
        self._count += values
        if self._count > _MOST_VALUES:
            raise UnreadableError(index, f"Write fewer values, or fewer with *: these are more than {_MOST_VALUES}.")

    def _alias(self, event: _Event, where: Where) -> _Value:
        start = event.start_mark.index
        if event.anchor not in self._anchored:
            message = "Put this in quotes, as it begins with *, which stands for a value that is marked with &."
            self.faults.append((start, message))
            return None
        value, size, spelling = self._anchored[event.anchor]
        self.used.add(event.anchor)
        self._add(size, start)
        if spelling:
            self.spellings[where] = spelling
        return value

    def _list(self, where: Where) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), ruamel.SequenceEndEvent):
            place = *where, len(items)
            self.places[place] = self.place(event.start_mark.index)
            items.append(self._value(event, place))
        return items

    def _mapping(self, where: Where) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        again = False
        while not isinstance(event := next(self._events), ruamel.MappingEndEvent):
            start = event.start_mark.index
            key = self._key(event, where)
            place = *where, key
            if key in own:
                line, _ = self.places[place]
                other = (
                    "write - where a new item begins"
                    if where and isinstance(where[-1], int)
                    else "check their indentation"
                )
                if not again:
                    message = f"{key} is written twice here, first in line {line}: keep one of the two, or {other}."
                    self.faults.append((start, message))
                again = True
            self.places[place] = self.place(start)
            value = self._value(next(self._events), place)
            if key == "<<":
                sources = value if isinstance(value, list) else [value]
                if not all(isinstance(source, dict) for source in sources):
                    self.faults.append((start, "Write the name of a marked block behind <<, like <<: *name."))
                    continue
                for source in sources:
                    merged = {**source, **merged}
                    self.places |= {(*where, name): self.places[place] for name in source.keys() - own.keys()}
            else:
                own[key] = value
        return {**merged, **own}

    def _key(self, event: _Event, where: Where) -> str:
        if isinstance(event, ruamel.ScalarEvent):
            if spelling := self._spelling(event).prefix:
                self.faults.append((event.start_mark.index, f"Write this key without “{spelling}”."))
            key = _joined(event.value, event.start_mark.index)
            if not key.strip():
                self.faults.append((event.start_mark.index, "Write a key before this colon."))
            return key
        self.faults.append((event.start_mark.index, "Put this in quotes, as it begins with a bracket or *."))
        self._value(event, (*where, ""))
        return ""

    def _scalar(self, event: _Event) -> str | float | bool | None:
        text = _joined(event.value, event.start_mark.index)
        is_text = event.style is not None or event.tag == "tag:yaml.org,2002:str"
        return text if is_text else _resolved(text)

    def _spelling(self, event: _Event) -> Spelling:
        start, end = event.start_mark.index, event.end_mark.index
        written = self.text[start:end]
        found = _PROPERTIES.match(written) if event.anchor or event.tag else None
        prefix = found[0] if found else ""
        # Nothing at all has the place of what comes next.
        behind = (r"\s*:?([ \t]+#.*)", self._end) if start == end else (r"([ \t]+#.*)", end)
        comment = re.compile(behind[0]).match(self.text, behind[1]) if event.style is None else None
        self._end = end
        return Spelling(
            written=written[len(prefix) :],
            quoted=event.style is not None,
            prefix=prefix.strip(),
            anchor=event.anchor or "",
            comment=comment[1].rstrip() if comment else "",
        )


def _joined(text: str, index: int) -> str:
    """Join the surrogate pairs as which JSON escapes an emoji."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        message = "Write the other half of this character too: this \\u escape is one half of a pair."
        raise UnreadableError(index, message) from error


def _resolved(text: str) -> str | float | bool | None:
    """Return the value of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return float(int(text, 0)) if len(text) < 20 else float("inf")  # noqa: PLR2004, far above any limit
    if _NUMBER.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NO_NUMBER.fullmatch(text) else text
