"""Labels, colours and order of grades and stages, and units: the same in mails, terminal, workbook and charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from prequal.core.form import Grade, Method
from prequal.core.stages import Stage
from prequal.core.text import N_, counted

# The number of questions that one keeps in mind during a call.
HANDFUL = 6

# From the best to the worst.
GRADES: Mapping[Grade, str] = {Grade.HOT: N_("Hot"), Grade.WARM: N_("Warm"), Grade.COLD: N_("Cold")}

# From the first to the last.
STAGES: Mapping[Stage, str] = {
    Stage.RECEIVED: N_("Leads received"),
    Stage.QUALIFIED: N_("Qualified"),
    Stage.INVITED: N_("Invited"),
    Stage.OPENED: N_("Links opened"),
    Stage.BOOKED: N_("Calls booked"),
    Stage.WON: N_("Won"),
}


# The fields of the form beside its questions.
FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "email": N_("Email"),
    "phone": N_("Phone"),
    "company": N_("Company"),
    "website": N_("Website"),
    "consent": N_("Consent"),
}
# The unit of a total, for the owner.
UNITS: Mapping[Method, str] = {Method.POINTS: "points", Method.TRAITS: "desired answers"}


class GradeColour(NamedTuple):
    """The colour of a grade, by ground."""

    on_light: str
    on_dark: str
    #: One of the sixteen ANSI colours; None for the terminal's own.
    in_terminal: str | None


INK = "#12201f"
# Hot is the sun, warm the sea below it, cold an outline: docs/explanation/design.md.
GRADE_COLOURS: Mapping[Grade, GradeColour] = {
    Grade.HOT: GradeColour("#ffcf1f", "#ffcf1f", "yellow"),
    Grade.WARM: GradeColour("#6b8f89", "#5f857f", "cyan"),
    Grade.COLD: GradeColour("#ffffff", "#16211f", None),
}


def count_leads(number: int) -> str:
    """Return a number of leads in words, for the owner."""
    return counted(number, "lead")
