"""Parts of a document that has not passed the schema: a part of another type counts as missing."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from prequal.analysis.faults import Where

_Part = TypeVar("_Part", dict[str, Any], list[Any], int, str)


def mappings(holder: Mapping[str, Any], where: Where) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Yield the place of each mapping in the list that a mapping holds at `where`, with the mapping."""
    for index, item in enumerate(part(holder, str(where[-1]), list) or []):
        if isinstance(item, dict):
            yield (*where, index), item


def part(holder: Mapping[str, Any], key: str, kind: type[_Part]) -> _Part | None:
    """Return a part of a mapping if it is exactly of this type: a boolean is not an int here."""
    value = holder.get(key)
    return value if type(value) is kind else None
