"""Firestore store: collections `leads`, `leads/{id}/attempts`, `mail`, `ledger`, `past_clients`, `forms`, `visits`.

Optimistic concurrency: one batch with an update-time precondition; on conflict, read again and retry. Unlike the
client's transactions, every step is bounded in time.

Ids are hashes, so that writes spread. Queries need indexes of `received_at` (leads, attempts, past clients),
`replay_key` (attempts), `due_at` (leads, mails), `due_first_at` (mails), `booking.id` (leads), `lead_id` (mails) and
`day` (visits), and composite ones for lists of leads by status and grade, and for pages of the newest by these and by
form. `infra/firestore.indexes.json` has those, and exempts the other fields that grow monotonically or are never
queried. The remaining indexes allow 500 submissions a second, Firestore's limit for monotonically increasing values.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from prequal.adapters.firestore.calls import OWNER_PATIENCE, Calls
from prequal.adapters.firestore.transport import NAME, Query, Snapshot, Transport, Write
from prequal.adapters.firestore.visits import VisitDocuments
from prequal.core import documents
from prequal.core.documents import Skip
from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.mail import Mail
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts
from prequal.services.ports import Claim, Entry, Erasure, Store

if TYPE_CHECKING:
    from prequal.core.lead_filter import LeadFilter

_PAGE = 300
_CHANGED_AT_ONCE = 100
# Firestore's limit of writes in one batch.
_BATCH = 500
# Greater than any character of an id.
_AFTER_ALL = "\uffff"


class FirestoreLeadStore(Store):
    """Leads, mails and forms in a Firestore database in native mode."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._visits = VisitDocuments(transport)

    def close(self) -> None:
        self._transport.close()

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission by one batch of creates; the lead is read only if it exists."""
        calls = Calls(self._transport)
        while True:
            calls.begin_round()
            first = Write(_lead_path(lead.id), documents.lead_document(lead))
            if calls.commit([first, *_creations(attempt, lead.id, mails)]):
                return Admission.FIRST
            # True also if this very batch was written, its answer was lost, and it was sent again.
            if _is_replayed(calls, lead.id, attempt):
                return Admission.REPLAY
            before = calls.get(_lead_path(lead.id))
            # An equal submission may have arrived in between; one with the same id cannot, as it is created once.
            if attempt.id != attempt.replay_key and _is_replayed(calls, lead.id, attempt):
                return Admission.REPLAY
            if before:
                changed, further = again(_read_lead(before))
                replacement = _replacement(before, documents.lead_document(changed))
                if calls.commit([replacement, *_creations(attempt, lead.id, further)]):
                    return Admission.AGAIN

    def has_replay(self, lead_id: str, attempt: Attempt) -> bool:
        return _is_replayed(Calls(self._transport), lead_id, attempt)

    def find_lead(self, lead_id: str) -> Lead | None:
        snapshot = Calls(self._transport).get(_lead_path(lead_id))
        return _read_lead(snapshot) if snapshot else None

    def find_by_booking(self, booking_id: str) -> Lead | None:
        found = Calls(self._transport).run_query(Query("leads", [("booking.id", "==", booking_id)], limit=1))
        return _read_lead(found[0]) if found else None

    def iter_leads(self, wanted: LeadFilter | None = None, skip: Skip | None = None) -> Iterator[Lead]:
        """Return leads, filtered by the database where it has an index, so that others are not billed.

        `status` and `grade` have a composite index each, which Firestore merges for both. Either source would need two
        more, in every write, and so on: these are compared here, with the leads that meet the other conditions.
        """
        for page in self._pages(_PAGE, wanted):
            leads = documents.read_leads(documents.lead_from, _fields_by_id(page), skip)
            yield from filter(wanted.matches, leads) if wanted else leads

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        attempts = Calls(self._transport).run_query(Query(_attempts_path(lead_id), order_by="received_at"))
        read = partial(documents.read_named, f"An attempt of lead {lead_id}", documents.attempt_from)
        return [read(snapshot.fields) for snapshot in attempts]

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        found = Calls(self._transport).run_query(Query("mail", [("lead_id", "==", lead_id)]))
        return sorted(map(_read_mail, found), key=lambda mail: mail.id)

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        filters = [(NAME, ">=", _lead_path(prefix)), (NAME, "<", _lead_path(prefix + _AFTER_ALL))]
        found = Calls(self._transport).run_query(Query("leads", filters, limit=limit))
        return [_read_lead(snapshot) for snapshot in found]

    def change_lead(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        mark, calls = uuid.uuid4().hex, Calls(self._transport)
        while True:
            calls.begin_round()
            before = calls.get(_lead_path(lead_id))
            if before is None:
                return None
            lead = _read_lead(before)
            if before.fields.get("last_change") == mark:
                return lead  # the commit succeeded, and its answer was lost
            changed, mails = change(lead)
            replacement = _replacement(before, {**documents.lead_document(changed), "last_change": mark})
            if calls.commit([replacement, *map(_mail_creation, mails)]):
                return changed

    def change_each_lead(self, change: Callable[[Lead], Lead], skip: Skip | None = None) -> Iterator[tuple[Lead, Lead]]:
        for page in self._pages(_CHANGED_AT_ONCE):
            readable = [
                each for each in page if any(documents.read_leads(documents.lead_from, _fields_by_id([each]), skip))
            ]
            yield from _change_page(Calls(self._transport, OWNER_PATIENCE), readable, change)

    def list_newest(
        self, wanted: LeadFilter, limit: int, after: tuple[datetime, str] | None = None, skip: Skip | None = None
    ) -> Sequence[Lead]:
        filters = [*_filters(wanted), *([("form_id", "==", wanted.form)] if wanted.form else [])]
        start = (after[0], _lead_path(after[1])) if after else None
        query = Query("leads", filters, order_by="received_at", descending=True, limit=limit, after=start)
        page = Calls(self._transport).run_query(query)
        return list(documents.read_leads(documents.lead_from, _fields_by_id(page), skip))

    def _pages(self, size: int, wanted: LeadFilter | None = None) -> Iterator[Sequence[Snapshot]]:
        query = Query("leads", _filters(wanted), order_by="received_at", limit=size)
        full = True
        while full:
            page = Calls(self._transport, OWNER_PATIENCE).run_query(query)
            full = len(page) == size  # a query that finds nothing more is billed too
            if page:
                yield page
                query = query._replace(after=(page[-1].fields["received_at"], page[-1].path))

    def list_due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        return self._list_due("leads", now, limit)

    def list_outcomes(self, since: datetime, limit: int) -> Sequence[Lead]:
        query = Query("leads", [("outcome_at", ">=", since)], order_by="outcome_at", limit=limit)
        return [_read_lead(snapshot) for snapshot in Calls(self._transport).run_query(query)]

    def has_mail(self, mail_id: str) -> bool:
        return Calls(self._transport).get(_mail_path(mail_id)) is not None

    def add_mail(self, mail: Mail) -> bool:
        return Calls(self._transport).commit([_mail_creation(mail)])

    def list_due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        due = self._list_due("mail", now, limit)
        if due:  # an empty queue is billed once
            due = [*dict.fromkeys([*self._list_due("mail", now, limit, "due_first_at"), *due])][:limit]
        return due

    def _list_due(self, collection: str, now: datetime, limit: int, field: str = "due_at") -> Sequence[str]:
        due = Query(collection, [(field, "<=", now)], order_by=field, limit=limit, ids_only=True)
        return [snapshot.id for snapshot in Calls(self._transport).run_query(due)]

    def claim_mail(
        self, mail_id: str, take: Callable[[Mail, Lead | None, Callable[[str], Entry]], Claim | None]
    ) -> Mail | None:
        claim: Claim | None = None
        calls = Calls(self._transport)
        while True:
            calls.begin_round()
            before = calls.get(_mail_path(mail_id))
            if before is None:
                return None
            waiting = _read_mail(before)
            if claim and waiting == claim.mail:
                return waiting  # the commit succeeded, and its answer was lost
            lead = _lead_of(waiting, calls)
            read: dict[str, Snapshot | None] = {}

            def read_entry(key: str, read: dict[str, Snapshot | None] = read) -> Entry:
                read[key] = entry = calls.get(_entry_path(key))
                return entry.fields if entry else {}

            claim = take(waiting, _read_lead(lead) if lead else None, read_entry)
            if claim is None:
                return None
            writes = [_replacement(before, documents.mail_document(claim.mail))]
            if lead and claim.lead:
                writes.append(_replacement(lead, documents.lead_document(claim.lead)))
            writes += [_entry_write(key, read[key], entry) for key, entry in claim.entries.items()]
            if calls.commit([*writes, *map(_mail_creation, claim.mails)]):
                return claim.mail

    def settle_mail(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        tried, calls = False, Calls(self._transport)
        while True:
            calls.begin_round()
            held = calls.get(_mail_path(mail.id))
            now = _read_mail(held) if held else None
            if held is None or now is None or now.delivery.claim != claim:
                return tried and now == mail  # the commit succeeded, and its answer was lost
            writes = [_replacement(held, documents.mail_document(mail))]
            if lead := _lead_of(mail, calls):
                changed = change(_read_lead(lead))
                writes.append(_replacement(lead, documents.lead_document(changed)))
            tried = True
            if calls.commit(writes):
                return True

    def change_entry(self, key: str, change: Callable[[Entry], Entry]) -> Entry:
        calls, changed = Calls(self._transport), None
        while True:
            calls.begin_round()
            before = calls.get(_entry_path(key))
            entry = before.fields if before else {}
            if entry == changed:
                return entry  # the commit succeeded, and its answer was lost
            changed = change(entry)
            if changed is entry or calls.commit([_entry_write(key, before, changed)]):
                return changed

    def erase_lead(self, lead_id: str) -> Erasure | None:
        """Delete a lead with its attempts and mails. The lead goes last, so that a broken erasure can be repeated."""
        calls = Calls(self._transport)
        known = {snapshot.path for snapshot in calls.get_all([_lead_path(lead_id), _client_path(lead_id)])}
        if not known:
            return None
        attempts = calls.run_query(Query(_attempts_path(lead_id), ids_only=True))
        mails = calls.run_query(Query("mail", [("lead_id", "==", lead_id)], ids_only=True))
        paths = [*(snapshot.path for snapshot in (*mails, *attempts)), *sorted(known, reverse=True)]
        for start in range(0, len(paths), _BATCH):
            calls.commit([Write(path, None) for path in paths[start : start + _BATCH]])
        return Erasure(attempts=len(attempts), mails=len(mails), past_client=_client_path(lead_id) in known)

    def save_past_client(self, client: PastClient) -> None:
        path, fields, calls = _client_path(client.id), documents.past_client_document(client), Calls(self._transport)
        while True:
            calls.begin_round()
            before = calls.get(path)
            if before and before.fields == fields:
                return  # the commit succeeded, and its answer was lost
            if calls.commit([_replacement(before, fields) if before else Write(path, fields)]):
                return

    def iter_past_clients(self, skip: Skip | None = None) -> Iterator[PastClient]:
        found = Calls(self._transport, OWNER_PATIENCE).run_query(Query("past_clients", order_by="received_at"))
        return documents.read_past_clients(documents.past_client_from, _fields_by_id(found), skip)

    def save_form(self, document: Mapping[str, Any]) -> None:
        """Save a form unless it exists: a read is cheaper than a write."""
        kept, calls = documents.form_document(document), Calls(self._transport)
        path = f"forms/{kept['id']}"
        if calls.get(path) is None:
            calls.commit([Write(path, kept)])

    def load_forms(self) -> Mapping[str, Form]:
        found = Calls(self._transport).run_query(Query("forms"))
        return documents.read_forms(documents.saved_form, _fields_by_id(found))

    def add_visits(self, counts: VisitCounts, expire_at: datetime) -> None:
        self._visits.add(counts, expire_at)

    def iter_visits(self, since: str = "") -> Iterator[VisitCounts]:
        return self._visits.read(since)

    def delete_expired(self, now: datetime) -> int:  # noqa: ARG002, the port's
        return 0


def _read_lead(snapshot: Snapshot) -> Lead:
    return documents.read_named(f"Lead {snapshot.id}", documents.lead_from, snapshot.fields)


def _read_mail(snapshot: Snapshot) -> Mail:
    return documents.read_named(f"Mail {snapshot.id}", documents.mail_from, snapshot.fields)


def _fields_by_id(page: Sequence[Snapshot]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((snapshot.id, snapshot.fields) for snapshot in page)


def _filters(wanted: LeadFilter | None) -> Sequence[tuple[str, str, Any]]:
    """Return the conditions that the database compares in every list."""
    filters: list[tuple[str, str, Any]] = []
    if wanted and wanted.since:
        filters.append(("received_at", ">=", wanted.since))
    if wanted and wanted.status:
        filters.append(("status", "==", wanted.status.value))
    if wanted and wanted.grade:
        filters.append(("score.grade", "==", wanted.grade.value))
    return filters


def _lead_path(lead_id: str) -> str:
    return f"leads/{lead_id}"


def _attempts_path(lead_id: str) -> str:
    return f"leads/{lead_id}/attempts"


def _mail_path(mail_id: str) -> str:
    return f"mail/{mail_id}"


def _client_path(client_id: str) -> str:
    return f"past_clients/{client_id}"


def _entry_path(key: str) -> str:
    return f"ledger/{key}"


def _entry_write(key: str, before: Snapshot | None, entry: Entry) -> Write:
    return _replacement(before, entry) if before else Write(_entry_path(key), entry)


def _lead_of(mail: Mail, calls: Calls) -> Snapshot | None:
    return calls.get(_lead_path(mail.lead_id)) if mail.lead_id else None


def _replacement(before: Snapshot, fields: Mapping[str, Any]) -> Write:
    return Write(before.path, fields, before.update_time)


def _creations(attempt: Attempt, lead_id: str, mails: Sequence[Mail]) -> Sequence[Write]:
    path = f"{_attempts_path(lead_id)}/{attempt.id}"
    return [Write(path, documents.attempt_document(attempt)), *map(_mail_creation, mails)]


def _mail_creation(mail: Mail) -> Write:
    return Write(_mail_path(mail.id), documents.mail_document(mail))


def _is_replayed(calls: Calls, lead_id: str, attempt: Attempt) -> bool:
    earlier = calls.run_query(Query(_attempts_path(lead_id), [("replay_key", "==", attempt.replay_key)]))
    return any(documents.attempt_from(one.fields).replays_until > attempt.received_at for one in earlier)


def _change_page(calls: Calls, page: Sequence[Snapshot], change: Callable[[Lead], Lead]) -> Sequence[tuple[Lead, Lead]]:
    """Replace each lead of a page and return each before and after; on a conflict, read the page again and retry."""
    steps: dict[str, tuple[Lead, Lead]] = {}
    while True:
        calls.begin_round()
        writes: list[Write] = []
        for snapshot in page:
            lead = _read_lead(snapshot)
            if lead.id in steps and lead == steps[lead.id][1]:
                continue  # the commit succeeded, and its answer was lost
            changed = change(lead)
            steps[lead.id] = lead, changed
            if changed is not lead:
                writes.append(_replacement(snapshot, documents.lead_document(changed)))
        if not writes or calls.commit(writes):
            existing = {snapshot.id for snapshot in page}
            return [step for lead_id, step in steps.items() if lead_id in existing]
        page = calls.get_all([snapshot.path for snapshot in page])
