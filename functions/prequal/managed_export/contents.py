"""What an export holds, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from prequal.managed_export.reading import Document
from prequal.managed_export.rest import kind


@dataclass(slots=True)
class Collection:
    """A collection: how many documents it has, and how often each field holds values of each kind."""

    documents: int = 0
    fields: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, document: Document) -> None:
        """Count a document."""
        self.documents += 1
        for name, value in document.fields.items():
            self.fields.setdefault(name, Counter())[kind(value)] += 1


@dataclass(slots=True)
class Contents:
    """The collections of an export by their ids, and the databases that they come from."""

    databases: set[str] = field(default_factory=set)
    collections: dict[tuple[str, ...], Collection] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(collection.documents for collection in self.collections.values())

    def as_json(self) -> dict[str, Any]:
        """Return the figures for other programs."""
        return {
            "databases": sorted(self.databases),
            "documents": self.documents,
            "collections": {
                name: {
                    "documents": collection.documents,
                    "fields": {
                        field: dict(collection.fields[field].most_common()) for field in sorted(collection.fields)
                    },
                }
                for name, collection in self._named()
            },
        }

    def in_words(self) -> Iterator[str]:
        """Return the figures as lines for people."""
        where = f" of {', '.join(sorted(self.databases))}" if self.databases else ""
        yield f"{_counted(self.documents, 'document')} in {_counted(len(self.collections), 'collection')}{where}."
        for name, collection in self._named():
            yield f"\n{name}: {collection.documents}"
            width = max(map(len, collection.fields), default=0)
            for field_name, kinds in sorted(collection.fields.items()):
                counts = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
                yield f"  {field_name:<{width}}  {counts}"

    def _named(self) -> Iterator[tuple[str, Collection]]:
        for ids, collection in sorted(self.collections.items()):
            yield "/*/".join(ids), collection


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def contents(documents: Iterable[Document]) -> Contents:
    """Count documents: those of all subcollections with the same ids together."""
    counted = Contents()
    for document in documents:
        name = document.name
        counted.databases.add(f"{name.project}/{name.database}")
        ids = name.collection
        if ids not in counted.collections:
            counted.collections[ids] = Collection()
        counted.collections[ids].add(document)
    return counted
