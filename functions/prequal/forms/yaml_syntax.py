"""Explanations of text that is not YAML, in our words: the parser's name its own state, not what to do.

An explanation is made from the text around the place where the parser stopped. Of the parser's words only enough is
read to tell the cases apart, and none of them is passed on.
"""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml.scanner import Scanner

# Characters that look like a space, or like nothing, and are no space to YAML.
_LOOKS_LIKE_SPACE = "\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff"
# At the beginning of a line, or behind what ends a key, a value or a list item.
_BLANK = re.compile(rf"(?:^[ ]*|[:,\]}}\"'][ ]*|^[ ]*-[ ]*)(?P<blank>[\t{_LOOKS_LIKE_SPACE}])", re.MULTILINE)
_ITEM = re.compile(r"\s*(?:- +)*([–—•·*]|-(?=[A-Za-z_{]))(?!\S*\*)[^\n]*")
_KEY_WITHOUT_SPACE = re.compile(r"\s*(?:- +)*[\w-]+(:)[^\s:/]")
_TAB = "Write spaces in place of this tab."
_BRACKETS = {"{": "}", "[": "]"}
_LONGEST_LINE = 10_000  # beyond, a line is not searched


class QuoteScanner(Scanner):
    """Scanner that remembers where the last text in quotation marks opened, and where the last complete one lies."""

    opened = 0
    quoted = (0, 0)

    def scan_flow_scalar(self, style: Any) -> Any:  # noqa: ANN401, as ruamel has it
        """Scan a text in quotation marks."""
        self.opened = self.reader.get_mark().index
        token = super().scan_flow_scalar(style)
        self.quoted = token.start_mark.index, token.end_mark.index
        return token


class Explanation:
    """The place where a parser stopped, with what is around it."""

    def __init__(self, text: str, stop: int, *, context: int | None, problem: str, quoted: tuple[int, int]) -> None:
        self.text, self.problem, self.quoted = text, problem, quoted
        self.stop = min(stop, len(text))
        #: Where what the parser was reading began.
        self.context = self.stop if context is None else context
        self.line_start = text.rfind("\n", 0, self.stop) + 1
        line_end = text.find("\n", self.stop)
        self.line = text[self.line_start : len(text) if line_end < 0 else line_end][:_LONGEST_LINE]
        self.before = text[self.line_start : self.stop]
        self.character = text[self.stop : self.stop + 1]

    def explain(self) -> tuple[int, str]:
        """Return the index of the fault, and what to do about it."""
        cases = (
            *(self._blank, self._directive, self._open_quotation, self._escape, self._after_quotation),
            *(
                self._list_item,
                self._first_character,
                self._after_bracket,
                self._open_bracket,
                self._colon,
                self._no_colon,
            ),
            self._indentation,
        )
        for case in cases:
            if found := case():
                return found
        return self.stop, "This does not fit what stands above: check quotation marks, brackets, colons, indentation."

    def _blank(self) -> tuple[int, str] | None:
        """Find a tab, or what looks like a space, where YAML wants spaces."""
        if self.character != "\t" and not self.problem.startswith(_STRUCTURE):
            return None
        start = max(self.text.rfind("\n", 0, self.context) + 1, self.stop - _LONGEST_LINE)
        lines = self.text[start : self.stop + 1]
        if not (found := _BLANK.search(lines)):
            start, found = self.line_start, _BLANK.match(self.line)
        if not found and self.line_start:  # a key above that is none to YAML
            start = self.text.rfind("\n", 0, self.line_start - 1) + 1
            found = _BLANK.match(self.text[start : self.line_start])
        if not found and self.character == "\t":
            return self.stop, _TAB
        if not found:
            return None
        if found["blank"] == "\t":
            return start + found.start("blank"), _TAB
        message = f"Write a space in place of the character U+{ord(found['blank']):04X} here, which looks like one."
        return start + found.start("blank"), message

    def _directive(self) -> tuple[int, str] | None:
        if self.line.startswith("%"):
            return self.line_start, "Leave this line out, or write %YAML 1.2 here."
        return None

    def _open_quotation(self) -> tuple[int, str] | None:
        if self.problem.startswith(("found unexpected end of stream", "found unexpected document separator")):
            other = ", or put it in double quotation marks" if self.text[self.context] == "'" else ""
            return self.context, f"Close this text with {self.text[self.context]} at its end{other}."
        return None

    def _escape(self) -> tuple[int, str] | None:
        if "escape" in self.problem and self.text[self.context : self.context + 1] == '"':
            return self.stop, r"Write \\ for a backslash in a text in double quotation marks."
        return None

    def _after_quotation(self) -> tuple[int, str] | None:
        """Find a text that goes on after its quotation mark, or that was closed by the mark of the next text."""
        start, end = self.quoted
        is_key = self.character == ":" and not self.text[end : self.stop].strip()
        if is_key or not self.line_start < end <= self.stop:
            return None
        if "\n" in self.text[start:end]:
            runs_on = self.text.count("\n", 0, end) + 1
            return start, f"Close the quotation mark that opens here: as it is, the text runs on to line {runs_on}."
        if self.text[end : self.stop].strip():
            return None
        if self.problem.startswith("expected ','"):
            return self.stop, 'Write a comma before this, or \\" for a quotation mark inside the text.'
        if self.text[start] == "'":
            return self.stop, "Write '' for an apostrophe inside this text, or put the text in double quotation marks."
        return self.stop, 'Write \\" for a quotation mark inside this text, or remove what follows the text.'

    def _list_item(self) -> tuple[int, str] | None:
        """Find a list item without a space behind its hyphen, with another character, or in no list."""
        item = _ITEM.match(self.line)
        if item and self.line_start + item.start(1) <= self.stop:
            start = self.line_start + item.start(1)
            if item[1] == "-":
                return start, "Write a space behind this -."
            return start, f"Write - in place of {item[1]} before a list item, or put this in quotes if it is a text."
        indent, levels = len(self.before), sorted(self._levels())
        if self.before.strip() or indent not in levels or not self.problem.startswith("expected <block end>"):
            return None
        if self.character == "-":
            return self.stop, "Write the key of this list, like options:, above it, or check its indentation."
        inside = next((level for level in levels if level > indent), indent)
        return self.stop, f"Indent this line by {inside} spaces in place of {indent}, or write - before a list item."

    def _first_character(self) -> tuple[int, str] | None:
        """Find a text whose first character means something to YAML."""
        index = self.stop
        if self.text[self.context : self.context + 1] in tuple("&*!|>") and self.context >= self.line_start:
            index = self.context
        character = self.text[index : index + 1]
        after_key = re.search(r"(?:[:,\[{]|^\s*(?:- )*-)\s+\Z|[\[{,]\Z", self.text[self.line_start : index])
        if character in tuple("%@`&*!|>") or (character in tuple("-?") and after_key):
            return index, f"Put this text in quotes, as it begins with {character}."
        if character in tuple(",]}") and self.problem.startswith("expected the node content"):
            name = "comma" if character == "," else character
            return index, f"Write a value before this {name}, or put the text that it belongs to in quotes."
        return None

    def _after_bracket(self) -> tuple[int, str] | None:
        """Find a text that begins with a placeholder."""
        found = re.search(r"([\[{])[^\[\]{}\n]*[\]}][ ]*\Z", self.before)
        if found and self.problem.startswith(("expected <block end>", "expected ',' or", "could not find", "mapping")):
            if self.problem.startswith("expected ',' or") and self.character in tuple("{[\"'"):
                return self.stop, "Write a comma before this."
            return self.line_start + found.start(), f"Put this text in quotes, as it begins with {found[1]}."
        return None

    def _open_bracket(self) -> tuple[int, str] | None:
        if not self.problem.startswith("expected ',' or"):
            return None
        bracket = self.text[self.context : self.context + 1]
        close = _BRACKETS.get(bracket, "}")
        if self.context >= self.line_start and self.character:
            return self.stop, f"Write a comma or {close} before this, or put the text in quotes."
        line_end = self.text.find("\n", self.context)
        comment = self.text.find(" #", self.context, line_end if line_end >= 0 else len(self.text))
        if comment >= 0 and close in self.text[comment:line_end]:
            return comment + 1, f"Put this text in quotes: otherwise # begins a comment, in which {close} is lost."
        return self.context, f"Close this {bracket} with {close}, or put the text in quotes."

    def _colon(self) -> tuple[int, str] | None:
        """Find a colon inside a text, or a key that lacks the space behind its colon."""
        if not self.problem.startswith(("mapping values", "found unexpected ':'")):
            return None
        above = self.text.rfind("\n", 0, max(self.line_start - 1, 0)) + 1
        if self.line_start and (key := _KEY_WITHOUT_SPACE.match(self.text[above : self.line_start])):
            return above + key.start(1), "Write a space behind this colon."
        if re.search(r":\s|[\[{,]|^\s*- ", self.before):
            return self.stop, "Put this text in quotes, as it contains a colon."
        return None

    def _no_colon(self) -> tuple[int, str] | None:
        if not self.problem.startswith("could not find"):
            return None
        start = self.text.rfind("\n", 0, self.context) + 1
        if key := _KEY_WITHOUT_SPACE.match(self.text[start : start + _LONGEST_LINE]):
            return start + key.start(1), "Write a space behind this colon."
        return self.context, "Write a colon and a space behind this key, or indent this as a part of the text above."

    def _indentation(self) -> tuple[int, str] | None:
        indent = len(self.line) - len(self.line.lstrip(" "))
        levels = sorted(set(self._levels()))
        if not self.line.strip() or indent in levels or not levels:
            return None
        near = sorted(sorted(levels, key=lambda level: abs(level - indent))[:2])
        spaces = " or ".join(map(str, near))
        message = (
            f"Indent this line by {spaces} spaces in place of {indent}, or check the indentation of the line above."
        )
        return self.line_start + indent, message

    def _levels(self) -> Iterator[int]:
        """Yield the indentations to which a line can belong here, from the inside."""
        least = 1_000
        for line in reversed(self.text[: self.line_start].split("\n")[-1_000:]):
            if found := re.match(r"( *)((?:- +)*)[^\s#]", line):
                for level in (len(found[1] + found[2]), len(found[1])):
                    if level < least:
                        yield level
                        least = level


_STRUCTURE = ("expected", "could not find", "mapping", "found character", "sequence", "found a tab")
