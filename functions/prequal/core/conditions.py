"""Conditions on answers: whether a question is asked, a text is shown, or a booking page is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: each of the named values is, or contains, one of those listed. An empty one always holds."""

    #: The listed values by name: ids of options by the id of their question.
    listed: Mapping[str, tuple[str, ...]]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Return whether the condition holds; a value that is missing is none of those listed."""
        return all(_overlap(values.get(name), listed) for name, listed in self.listed.items())


ALWAYS = Condition({})


def _overlap(value: object, listed: tuple[str, ...]) -> bool:
    if isinstance(value, str):
        return value in listed
    return isinstance(value, list | tuple) and any(each in listed for each in value)
