"""Faults of a document, by the place of the value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Where: TypeAlias = "tuple[str | int, ...]"
"""The path of a value in a document: keys and list positions."""

Faults: TypeAlias = "Iterator[tuple[Where, str]]"
"""Faults of a document: the path of a value, and a sentence that says what to do about it."""
