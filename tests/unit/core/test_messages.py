"""Messages that are translated later."""

from __future__ import annotations

from prequal.core.text import N_, Message


def test_a_message_is_translated() -> None:
    """The sentence is translated, and its placeholders are filled in."""
    french = {"Shorten this to %(max)d characters or fewer.": "Limitez-vous à %(max)d caractères."}
    message = Message("Shorten this to %(max)d characters or fewer.", {"max": 120})
    assert message.translate(french.__getitem__) == "Limitez-vous à 120 caractères."


def test_a_sentence_without_values_is_left_alone() -> None:
    """A percent sign stands for itself in a sentence without placeholders."""
    assert Message("100 % sure").translate(str) == "100 % sure"


def test_marking_a_sentence_changes_nothing() -> None:
    """A marked sentence is still the English sentence."""
    assert N_("Enter your name.") == "Enter your name."
