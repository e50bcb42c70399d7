"""A draft: a form that can be read, with what its checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from prequal.authoring.form_file import without_examples
from prequal.authoring.influence import influences
from prequal.authoring.outcomes import by_axis
from prequal.authoring.shares import Shares, shares
from prequal.core.form import form_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from prequal.authoring.influence import Influence
    from prequal.authoring.outcomes import Outcomes
    from prequal.authoring.yaml_files import Where
    from prequal.core.form import Axis, Form


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
