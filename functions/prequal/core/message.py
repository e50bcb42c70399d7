"""A sentence to a person, before it is known in which language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence, which is its key in the catalogues, and the values it names."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)

    def written(self, translate: Callable[[str], str]) -> str:
        """Return the sentence in the language that `translate` speaks (a catalogue's `gettext`)."""
        return translate(self.sentence) % self.values if self.values else translate(self.sentence)


def N_(sentence: str) -> str:  # noqa: N802, gettext's own name for it
    """Mark a sentence for the catalogues without translating it yet."""
    return sentence
