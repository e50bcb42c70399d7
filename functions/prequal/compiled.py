"""What the function runs on: the checked form and the page's words as one JSON file, made by `prequal package`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prequal.core.form import Form, form_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The owner's files, ready to run.

    `content` is the page's words by language, `assets` the addresses of files by name, `picture` an SVG or empty,
    `suggestions` what the owner could ask in a call besides, in their language.
    """

    document: Mapping[str, Any]
    form: Form
    content: Mapping[str, Mapping[str, Any]]
    assets: Mapping[str, str]
    picture: str
    suggestions: Sequence[str]


def compiled_from(parts: Mapping[str, Any]) -> Compiled:
    """Make the parts of a compiled file one."""
    form = parts["form"]
    return Compiled(
        document=form,
        form=form_from(form),
        content=parts["content"],
        assets=parts["assets"],
        picture=parts["picture"],
        suggestions=parts["suggestions"],
    )


def read_compiled(path: Path) -> Compiled:
    """Read a compiled file."""
    return compiled_from(json.loads(path.read_bytes()))
