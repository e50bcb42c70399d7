"""Many leads changed at once: a page of them in one batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from prequal.adapters.firestore.calls import OWNERS_PATIENCE, TOO_MANY, bounded, content_of, replace
from prequal.core.documents import lead_document, lead_from
from prequal.core.errors import StoreUnavailableError
from prequal.core.lead import Lead

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentSnapshot


def changed_page(
    client: Client, page: Sequence[DocumentSnapshot[Any]], change: Callable[[Lead], Lead]
) -> Collection[tuple[Lead, Lead]]:
    """Replace each lead of a page by what `change` makes of it; return each before and after.

    Where somebody has touched one of them since it was read, all are read and decided anew.
    """
    steps: dict[str, tuple[Lead, Lead]] = {}
    with bounded(OWNERS_PATIENCE) as deadline:
        for _ in deadline.tries():
            batch = client.batch()
            for snapshot in page:
                lead = lead_from(content_of(snapshot))
                if lead.id in steps and lead == steps[lead.id][1]:
                    continue  # the commit went through, and only its answer was lost
                changed = change(lead)
                steps[lead.id] = lead, changed
                if changed is not lead:
                    replace(client, batch, snapshot, lead_document(changed))
            if not len(batch) or deadline.committed(batch):
                there = {snapshot.id for snapshot in page}
                return [step for lead_id, step in steps.items() if lead_id in there]
            found = client.get_all([snapshot.reference for snapshot in page], **deadline.bounds)
            page = [snapshot for snapshot in found if snapshot.exists]
    raise StoreUnavailableError(TOO_MANY)
