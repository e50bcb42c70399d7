"""Compiled form: the checked form and the page's words, as one JSON file that `prequal package` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prequal.core.form import Form, form_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The owner's files, ready to run."""

    #: The form as a document.
    document: Mapping[str, Any]
    form: Form
    #: The page's words by language.
    content: Mapping[str, Mapping[str, Any]]
    #: The address of each asset by its file name.
    assets: Mapping[str, str]
    #: An SVG, or empty.
    picture: str
    #: Questions that the owner could ask in a call, in their language.
    suggestions: Sequence[str]


def compiled_from(parts: Mapping[str, Any]) -> Compiled:
    """Return the contents of a compiled file as a value."""
    others = {name: parts[name] for name in ("content", "assets", "picture", "suggestions")}
    return Compiled(document=parts["form"], form=form_from(parts["form"]), **others)


def read_compiled(path: Path) -> Compiled:
    """Read a compiled file."""
    return compiled_from(json.loads(path.read_bytes()))
