"""Compiled forms: the checked forms and their pages' words, as one JSON file that `prequal package` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prequal.core.form import Form, form_from


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledForm:
    """A form with its words."""

    #: The form as a document.
    document: Mapping[str, Any]
    form: Form
    #: The words of its pages by language.
    content: Mapping[str, Mapping[str, Any]]
    #: Questions that the owner could ask in a call, in their language.
    suggestions: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The owner's files, ready to run."""

    #: The main form, whose page is at the root of the site, comes first.
    forms: Sequence[CompiledForm]
    #: The address of each asset by its file name.
    assets: Mapping[str, str]
    #: An SVG, or empty.
    picture: str
    #: The colours of mails by theme and name; empty for prequal's own.
    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def main(self) -> Form:
        """The main form."""
        return self.forms[0].form

    @property
    def by_id(self) -> Mapping[str, Form]:
        """The forms by their ids, the main one first."""
        return {each.form.id: each.form for each in self.forms}


def compiled_from(parts: Mapping[str, Any]) -> Compiled:
    """Return the contents of a compiled file as a value."""
    forms = [CompiledForm(**each, form=form_from(each["document"])) for each in parts["forms"]]
    colours = parts.get("colours", {})  # which earlier versions lack
    return Compiled(forms=forms, assets=parts["assets"], picture=parts["picture"], colours=colours)


def read_compiled(path: Path) -> Compiled:
    """Read a compiled file."""
    return compiled_from(json.loads(path.read_bytes()))
