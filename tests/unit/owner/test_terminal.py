"""Leads as text for a terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unicodedata import east_asian_width

import click
import pytest

from prequal.core.form import Grade
from prequal.core.lead import HoldReason, InvitationState
from prequal.owner.terminal import describe_lead, table
from prequal.pages.ansi import coloured
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW


def columns(line: str) -> int:
    """Return the number of columns that a line takes in a terminal."""
    return sum(2 if east_asian_width(letter) in {"W", "F"} else 1 for letter in click.unstyle(line))


@pytest.mark.parametrize(
    ("width", "name"),
    [
        (65, "山田太…"),
        (66, "山田太郎…"),
        (82, "山田太郎 <ada@example.co…"),
        (83, "山田太郎 <ada@example.com>"),
        (None, "山田太郎 <ada@example.com>"),
    ],
)
def test_wide_letters(width: int | None, name: str) -> None:
    """A line with double-width characters is cut at the terminal's edge."""
    [_, line] = table([replace(builders.lead(), name="山田太郎")], UTC_ZONE, width)

    assert width is None or columns(line) <= width
    assert click.unstyle(line).split("  ")[-1] == name


def test_grades_in_colour() -> None:
    """A hot lead is on yellow, as in the workbook, black on any ground; a cold one has the terminal's own colours."""
    hot, warm, cold = (coloured(grade, grade) for grade in Grade)
    assert (hot, warm, cold) == ("\x1b[30m\x1b[43mhot\x1b[0m", "\x1b[30m\x1b[46mwarm\x1b[0m", "cold")


@pytest.mark.parametrize("forged", ["owner: decline. Paid nothing", "2 Mar 2026, 09:30 UTC  won"])
def test_no_answer_looks_like_a_line_of_the_history(forged: str) -> None:
    """Line breaks in an answer are shown as such: what a visitor wrote never begins a line of its own."""
    lead, first = builders.admitted(goals="Calm")
    _, second = builders.admitted(
        NOW + timedelta(hours=1), goals=f"b\n2 Mar 2026, 09:30 UTC  {forged}", submission_id="another-1"
    )

    shown = describe_lead(lead, [first, second], [], {first.form_version: builders.form()}, UTC_ZONE)

    assert f" ⏎ 2 Mar 2026, 09:30 UTC  {forged}" in shown
    assert not any(line.startswith("2 Mar 2026, 09:30 UTC") and forged in line for line in shown.splitlines())


def test_an_unconfirmed_attempt_is_shown_as_such() -> None:
    """The history tells the attempt that the lead shows from those that stay beside."""
    lead, first = builders.admitted()
    _, second = builders.admitted(NOW + timedelta(hours=1), name="Mallory", submission_id="another-1")

    shown = describe_lead(
        replace(lead, unconfirmed=1), [first, second], [], {first.form_version: builders.form()}, UTC_ZONE
    )

    assert "2 Mar 2026, 09:30 UTC   answered: warm, 40\n" in shown
    assert "2 Mar 2026, 10:30 UTC   answered: warm, 40, unconfirmed: it stays beside\n" in shown
    assert "  Name: Ada Lovelace → Mallory\n" in shown


def test_a_held_invitation_is_shown() -> None:
    """List and description say that an invitation waits for the owner, and why; unconfirmed attempts are counted."""
    lead = builders.lead()
    assert lead.invitation is not None
    invitation = replace(lead.invitation, state=InvitationState.HELD, held_for=HoldReason.BUDGET)
    held = replace(lead, invitation=invitation, unconfirmed=2)

    [_, line] = table([held], UTC_ZONE)

    assert "  held  " in click.unstyle(line)
    described = describe_lead(held, [], [], {}, UTC_ZONE)
    assert "Status:   invited, the invitation is held (budget)" in described
    assert "Beside:   2 later, unconfirmed attempts" in described


def test_a_lead_without_history_is_shown() -> None:
    """A lead of an export that lacks its attempts and mails is shown all the same."""
    shown = describe_lead(replace(builders.lead(), due_at=None), [], [], {}, UTC_ZONE)

    assert click.unstyle(shown).endswith("\nWhat happened:")
