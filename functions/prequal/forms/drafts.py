"""A draft: a form that can be read, with what its checks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from prequal.core.form import Axis, Form, form_from
from prequal.forms.form_file import without_examples
from prequal.forms.influence import Influence, influences
from prequal.forms.outcomes import Outcomes, by_axis
from prequal.forms.shares import Shares, shares
from prequal.forms.yaml_files import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form, the document it was read from, and what its answers can come to."""

    document: Mapping[str, Any]
    form: Form
    outcomes: Mapping[Axis, Outcomes]
    shares: Shares
    influences: Sequence[Influence]


Rule: TypeAlias = "Callable[[Draft], Iterator[tuple[Where, str]]]"
"""Finds the places of a draft that break a rule, and says of each what to do."""


def draft_of(document: Mapping[str, Any]) -> Draft:
    """Return the draft that a checked document holds."""
    form = form_from(without_examples(document))
    outcomes = by_axis(form)
    return Draft(
        document=document,
        form=form,
        outcomes=outcomes,
        shares=shares(outcomes, form.scoring),
        influences=tuple(influences(form, outcomes)),
    )
