"""More leads than fit on a page of the store's, and what it takes to read them."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from google.cloud import firestore

from prequal.core.documents import lead_document
from prequal.core.lead import Lead
from prequal.owner.text_formats import write_json_lines
from prequal.services.ports import Store
from support import builders
from support.builders import NOW
from support.running import PATIENCE

_AT_ONCE = 500  # Firestore's limit for a batch, once
_IN_AN_INSTANT = 400  # more than a page


def load(project: str, number: int) -> Sequence[Lead]:
    """Put so many leads into an emulator's database, hundreds of them received in one instant; return them in order.

    Every other one is qualified.
    """
    both = builders.lead(), builders.lead(**builders.UNQUALIFIED)
    leads = [
        replace(both[index % 2], id=f"{index:024x}", received_at=NOW + timedelta(seconds=index // _IN_AN_INSTANT))
        for index in range(number)
    ]
    with closing(firestore.Client(project=project)) as client:
        kept = client.collection("leads")
        for first in range(0, number, _AT_ONCE):
            batch = client.batch()
            # Backwards, so that the order is not that of their coming.
            for lead in leads[first : first + _AT_ONCE][::-1]:
                batch.create(kept.document(lead.id), lead_document(lead))
            batch.commit(timeout=PATIENCE)
    return leads


def export(leads: Iterable[Lead]) -> None:
    """Export leads, and forget them."""
    with Path(os.devnull).open("wb") as nowhere:
        write_json_lines(leads, {}, nowhere)


def memory(store: Store, number: int) -> int:
    """Export the first so many leads, and return the bytes that Python has in use for it when the last one came."""
    used = 0
    leads = store.iter_leads()

    def measured() -> Iterator[Lead]:
        nonlocal used
        yield from islice(leads, number)
        gc.collect()
        used = tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    export(measured())
    tracemalloc.stop()
    return used
