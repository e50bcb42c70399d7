"""Warnings about texts without quotation marks that YAML cuts short, or that typographic quotation marks surround."""

import re
from collections.abc import Callable

from prequal.analysis.faults import Faults, Where
from prequal.forms.yaml_files import YamlFile

_DOUBLE = "“”„«»"
# A comment that stands apart from the text.
_MEANT = re.compile(r"(?: [ \t]+|\t+)#(?:\s|$)")
_MARKS = _DOUBLE + "‘’‚‹›´`"  # noqa: RUF001


def lost_text(file: YamlFile, is_text: Callable[[Where], bool]) -> Faults:
    """Find values of which a part is a comment, a tag or an anchor to YAML."""
    for where, spelling in file.spellings.items():
        lost = [] if spelling.anchor in file.used_anchors or spelling.prefix == "!!str" else [spelling.prefix]
        if (is_text(where) or not spelling.written) and not _MEANT.match(spelling.comment):
            lost.append(spelling.comment.strip())
        for part in filter(None, lost):
            yield where, f"Put this in quotes, or remove “{part}”, which is no part of the text."


def stray_quotes(file: YamlFile, is_text: Callable[[Where], bool]) -> Faults:
    """Find texts in quotation marks that are not YAML's, or with one of a pair of YAML's."""
    for where, spelling in file.spellings.items():
        if not spelling.quoted and is_text(where) and _is_surrounded(spelling.written):
            yield where, 'Write " before and behind this text: visitors would read the quotation marks that it has.'


def _is_surrounded(text: str) -> bool:
    first, inside, last = text[:1], text[1:-1], text[-1:]
    if any(mark in inside for mark in _DOUBLE):
        return False
    if first and first in _MARKS and len(text) > 1 and last in f"{_MARKS}\"'":
        return True
    return (first and first in _DOUBLE) or (last in ('"', "”", "»") and '"' not in inside and not text[-2:-1].isdigit())
