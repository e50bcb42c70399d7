"""What a check came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What a check says."""

    FINE = "fine"
    WRONG = "wrong"
    LEFT_OUT = "left out"
    """It can't be said from here, or need not be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, its verdict, and a sentence that says what was found, or what to do."""

    check: str
    verdict: Verdict
    words: str


def fine(check: str, words: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(check, Verdict.FINE, words)


def wrong(check: str, words: str) -> Finding:
    """Return that something is to be mended, and how."""
    return Finding(check, Verdict.WRONG, words)


def left_out(check: str, words: str) -> Finding:
    """Return that something was not looked at, and why."""
    return Finding(check, Verdict.LEFT_OUT, words)
