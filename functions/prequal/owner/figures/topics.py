"""Sentences of the report by topic."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """Section of the report that an insight belongs to, in their order."""

    TIME = "time"
    CHANGE = "change"
    VISITS = "visits"
    FUNNEL = "funnel"
    SCORES = "scores"
    ANSWERS = "answers"
    SOURCES = "sources"
    FORMS = "forms"
    REACTIONS = "reactions"
    BOOKING = "booking"
    COMMON = "common"
    ENDINGS = "endings"


@dataclass(frozen=True, slots=True)
class Insight:
    """A sentence or two on one topic."""

    topic: Topic
    words: str
    #: Whether it is significant, and the owner should read it first.
    stands_out: bool = False


def comparison(topic: Topic, words: str, *, significant: bool) -> Insight:
    """Return a sentence on two figures, with a clause that says whether chance explains their difference."""
    return Insight(
        topic, f"{words}{': more than chance explains' if significant else ', which may be chance'}.", significant
    )
