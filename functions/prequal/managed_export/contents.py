"""The contents of an export in figures: collections, documents, and the types of each field's values."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from prequal.core.text import counted
from prequal.firestore_values import type_name
from prequal.managed_export.document import Document


class Contents:
    """The figures of an export. Subcollections with the same collection ids are counted together."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.databases: set[str] = set()
        #: Documents by the ids of their nested collections.
        self.documents: Counter[tuple[str, ...]] = Counter()
        self._types: defaultdict[tuple[str, ...], dict[str, Counter[str]]] = defaultdict(dict)
        for document in documents:
            name = document.name
            self.databases.add(f"{name.project}/{name.database}")
            self.documents[name.collection] += 1
            types = self._types[name.collection]
            for field, value in document.fields.items():
                types.setdefault(field, Counter())[type_name(value)] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the figures for other programs."""
        return {
            "databases": sorted(self.databases),
            "documents": self.documents.total(),
            "collections": {
                name: {"documents": count, "fields": {field: dict(types.most_common()) for field, types in fields}}
                for name, count, fields in self._collections()
            },
        }

    def lines(self) -> Iterator[str]:
        """Return the figures as lines for people."""
        source = f" of {', '.join(sorted(self.databases))}" if self.databases else ""
        documents, collections = self.documents.total(), len(self.documents)
        yield f"{counted(documents, 'document')} in {counted(collections, 'collection')}{source}."
        for name, count, fields in self._collections():
            yield f"\n{name}: {count}"
            width = max((len(field) for field, _ in fields), default=0)
            for field, types in fields:
                counts = ", ".join(f"{kind} {number}" for kind, number in types.most_common())
                yield f"  {field:<{width}}  {counts}"

    def _collections(self) -> Iterator[tuple[str, int, list[tuple[str, Counter[str]]]]]:
        """Return the name, the number of documents, and the sorted fields of each collection."""
        for ids, count in sorted(self.documents.items()):
            yield "/*/".join(ids), count, sorted(self._types[ids].items())
