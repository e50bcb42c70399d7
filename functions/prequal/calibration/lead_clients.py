"""Past clients from stored leads, and from past clients who were asked."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from prequal.calibration.clients import Clients, make_clients
from prequal.core.form import Form
from prequal.core.lead import Lead, Status
from prequal.core.past_client import PastClient
from prequal.core.scoring import Answer


def clients_from_leads(  # noqa: PLR0913, all that is stored of clients comes together here
    form: Form,
    leads: Iterable[Lead],
    cycle: timedelta,
    now: datetime,
    *,
    asked: Iterable[PastClient] = (),
    good_only: bool = False,
) -> Clients:
    """Read past clients from the leads with a known outcome; with `good_only`, all that are not won are unlabelled.

    Those who were asked are good, too. One who is also a lead that was won counts as that lead.
    """
    left_out: Counter[str] = Counter()
    kept: list[Lead | PastClient] = []
    clients_by_id = {client.id: client for client in asked if client.form_id == form.id}
    for lead in leads_of(form, leads, left_out):
        if lead.known_outcome == Status.WON:
            clients_by_id.pop(lead.id, None)
        if lead.id in clients_by_id:
            left_out["answered as a past client"] += 1
        elif lead.known_outcome is None and not good_only:
            left_out["no outcome yet"] += 1
        elif cycle and lead.received_at > now - cycle:
            left_out["too young to tell"] += 1
        else:
            kept.append(lead)
    kept += clients_by_id.values()
    clients = make_clients(
        form,
        {name: answers_to(kept, name) for name in {question for each in kept for question in each.answers}},
        good=[isinstance(each, PastClient) or each.known_outcome == Status.WON for each in kept],
        persons=[each.id for each in kept],
        # Nobody knows when a past client was a prospect.
        dates=None if good_only else [each.received_at if isinstance(each, Lead) else None for each in kept],
    )
    return replace(clients, left_out=left_out, unlabelled=good_only)


def leads_of(form: Form, leads: Iterable[Lead], left_out: Counter[str]) -> Iterator[Lead]:
    """Yield the leads of a form, without those in quarantine, and count the others by reason."""
    for lead in leads:
        if lead.form_id != form.id:
            left_out["another form"] += 1
        elif lead.status is Status.QUARANTINED:
            left_out["quarantined"] += 1
        else:
            yield lead


def answers_to(leads: Iterable[Lead | PastClient], question: str) -> list[Answer | None]:
    """Return each one's answer to a question."""
    answers = (lead.answers.get(question) for lead in leads)
    return [tuple(answer) if isinstance(answer, list) else answer for answer in answers]
