"""Firestore store, in the collections `leads`, `leads/{id}/attempts`, `mail` and `forms`.

Optimistic concurrency: one batch with an update-time precondition; on conflict, read again and retry. Unlike the
client's transactions, every step is bounded in time.

Ids are hashes, so that writes spread. Queries need indexes of `received_at` (leads, attempts), `replay_key` (attempts),
`due_at` (leads, mails) and `lead_id` (mails), and two composite ones for lists of leads by status and by grade.
`infra/firestore.indexes.json` has those, and exempts the other fields that grow monotonically or are never queried. The
remaining indexes allow 500 submissions a second, Firestore's limit for monotonically increasing values.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from prequal.adapters.firestore.calls import CONTENTION, OWNER_PATIENCE, Deadline, bounded, content_of, replace
from prequal.core import documents
from prequal.core.errors import StoreUnavailableError
from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.mail import Mail
from prequal.services.ports import Erasure, Store

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot, Query, WriteBatch

    from prequal.core.lead_filter import LeadFilter

_PAGE = 300
_CHANGED_AT_ONCE = 100
# Firestore's limit of writes in one batch.
_BATCH = 500
# Greater than any character of an id.
_AFTER_ALL = "\uffff"


class FirestoreLeadStore(Store):
    """Leads, mails and forms in a Firestore database in native mode."""

    def __init__(self, project: str, database: str = "(default)") -> None:
        """Name the database. It is connected at the first use, as no connection survives a server's fork."""
        self._project = project
        self._database = database

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()  # type: ignore[no-untyped-call]

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission by one batch of creates; the lead is read only if it exists."""
        with bounded() as deadline:
            for _ in deadline.tries():
                batch = self._client.batch()
                batch.create(self._lead(lead.id), documents.lead_document(lead))
                self._create(batch, attempt, lead.id, mails)
                if deadline.commit(batch):
                    return Admission.FIRST
                # True also if this very batch was written, its answer was lost, and the client sent it again.
                if self._replayed(lead.id, attempt, deadline):
                    return Admission.REPLAY
                before = self._lead(lead.id).get(**deadline.bounds)
                # An equal submission may have arrived in between; one with the same id cannot, as it is created once.
                if attempt.id != attempt.replay_key and self._replayed(lead.id, attempt, deadline):
                    return Admission.REPLAY
                if before.exists:
                    batch = self._client.batch()
                    changed, further = again(documents.lead_from(content_of(before)))
                    replace(self._client, batch, before, documents.lead_document(changed))
                    self._create(batch, attempt, lead.id, further)
                    if deadline.commit(batch):
                        return Admission.AGAIN
        raise StoreUnavailableError(CONTENTION)

    def find_lead(self, lead_id: str) -> Lead | None:
        with bounded() as deadline:
            snapshot = self._lead(lead_id).get(**deadline.bounds)
            return documents.lead_from(content_of(snapshot)) if snapshot.exists else None

    def iter_leads(self, wanted: LeadFilter | None = None) -> Iterator[Lead]:
        """Return leads, filtered by the database where it has an index, so that others are not billed.

        `status` and `grade` have a composite index each, which Firestore merges for both. Either source would need two
        more, in every write: it is compared here, with the leads that meet the other conditions.
        """
        for page in self._pages(_PAGE, wanted):
            leads = (documents.lead_from(content_of(snapshot)) for snapshot in page)
            yield from filter(wanted.matches, leads) if wanted else leads

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        with bounded() as deadline:
            attempts = self._lead(lead_id).collection("attempts").order_by("received_at")
            return [documents.attempt_from(content_of(snapshot)) for snapshot in deadline.run_query(attempts)]

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        with bounded() as deadline:
            found = deadline.run_query(self._mails_of(lead_id))
        return sorted((documents.mail_from(content_of(snapshot)) for snapshot in found), key=lambda mail: mail.id)

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        name = FieldPath.document_id()
        with bounded() as deadline:
            query = self._client.collection("leads").where(filter=FieldFilter(name, ">=", self._lead(prefix)))
            query = query.where(filter=FieldFilter(name, "<", self._lead(prefix + _AFTER_ALL)))
            return [documents.lead_from(content_of(snapshot)) for snapshot in deadline.run_query(query.limit(limit))]

    def change_lead(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        mark = uuid.uuid4().hex
        with bounded() as deadline:
            for _ in deadline.tries():
                before = self._lead(lead_id).get(**deadline.bounds)
                if not before.exists:
                    return None
                content = content_of(before)
                lead = documents.lead_from(content)
                if content.get("last_change") == mark:
                    return lead  # the commit succeeded, and its answer was lost
                changed, mails = change(lead)
                batch = self._client.batch()
                replace(self._client, batch, before, {**documents.lead_document(changed), "last_change": mark})
                self._create_mails(batch, mails)
                if deadline.commit(batch):
                    return changed
        raise StoreUnavailableError(CONTENTION)

    def change_each_lead(self, change: Callable[[Lead], Lead]) -> Iterator[tuple[Lead, Lead]]:
        for page in self._pages(_CHANGED_AT_ONCE):
            yield from _change_page(self._client, page, change)

    def _pages(self, size: int, wanted: LeadFilter | None = None) -> Iterator[Sequence[DocumentSnapshot[Any]]]:
        query = self._client.collection("leads").order_by("received_at").limit(size)
        if wanted and wanted.since:
            query = query.where(filter=FieldFilter("received_at", ">=", wanted.since))
        if wanted and wanted.status:
            query = query.where(filter=FieldFilter("status", "==", wanted.status.value))
        if wanted and wanted.grade:
            query = query.where(filter=FieldFilter("score.grade", "==", wanted.grade.value))
        full = True
        while full:
            with bounded(OWNER_PATIENCE) as deadline:
                page = deadline.run_query(query)
            full = len(page) == size  # a query that finds nothing more is billed too
            if page:
                yield page
                query = query.start_after(page[-1])

    def list_due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        return self._due("leads", now, limit)

    def has_mail(self, mail_id: str) -> bool:
        with bounded() as deadline:
            return self._mail(mail_id).get([], **deadline.bounds).exists

    def add_mail(self, mail: Mail) -> bool:
        with bounded() as deadline:
            batch = self._client.batch()
            self._create_mails(batch, [mail])
            return deadline.commit(batch)

    def list_due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        return self._due("mail", now, limit)

    def _due(self, collection: str, now: datetime, limit: int) -> Sequence[str]:
        with bounded() as deadline:
            due = self._client.collection(collection).where(filter=FieldFilter("due_at", "<=", now))
            return [snapshot.id for snapshot in deadline.run_query(due.order_by("due_at").limit(limit).select([]))]

    def claim_mail(self, mail_id: str, take: Callable[[Mail, Lead | None], Mail | None]) -> Mail | None:
        taken: Mail | None = None
        with bounded() as deadline:
            for _ in deadline.tries():
                before = self._mail(mail_id).get(**deadline.bounds)
                if not before.exists:
                    return None
                waiting = documents.mail_from(content_of(before))
                if waiting == taken:
                    return taken  # the commit succeeded, and its answer was lost
                lead = self._lead_of(waiting, deadline)
                taken = take(waiting, documents.lead_from(content_of(lead)) if lead else None)
                if taken is None:
                    return None
                batch = self._client.batch()
                replace(self._client, batch, before, documents.mail_document(taken))
                if deadline.commit(batch):
                    return taken
        raise StoreUnavailableError(CONTENTION)

    def settle_mail(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        tried = False
        with bounded() as deadline:
            for _ in deadline.tries():
                held = self._mail(mail.id).get(**deadline.bounds)
                now = documents.mail_from(content_of(held)) if held.exists else None
                if now is None or now.delivery.claim != claim:
                    return tried and now == mail  # the commit succeeded, and its answer was lost
                batch = self._client.batch()
                replace(self._client, batch, held, documents.mail_document(mail))
                lead = self._lead_of(mail, deadline)
                if lead:
                    replace(
                        self._client,
                        batch,
                        lead,
                        documents.lead_document(change(documents.lead_from(content_of(lead)))),
                    )
                tried = True
                if deadline.commit(batch):
                    return True
        raise StoreUnavailableError(CONTENTION)

    def erase_lead(self, lead_id: str) -> Erasure | None:
        """Delete a lead with its attempts and mails. The lead goes last, so that a broken erasure can be repeated."""
        with bounded() as deadline:
            lead = self._lead(lead_id)
            if not lead.get(**deadline.bounds).exists:
                return None
            attempts = deadline.run_query(lead.collection("attempts").select([]))
            mails = deadline.run_query(self._mails_of(lead_id).select([]))
            references = [*(snapshot.reference for snapshot in (*mails, *attempts)), lead]
            for start in range(0, len(references), _BATCH):
                batch = self._client.batch()
                for reference in references[start : start + _BATCH]:
                    batch.delete(reference)
                batch.commit(**deadline.bounds)
            return Erasure(attempts=len(attempts), mails=len(mails))

    def save_form(self, document: Mapping[str, Any]) -> None:
        """Save a form unless it exists: a read is cheaper than a write."""
        kept = documents.form_document(document)
        with bounded() as deadline:
            reference = self._client.collection("forms").document(kept["id"])
            if not reference.get(**deadline.bounds).exists:
                reference.set(kept, **deadline.bounds)

    def load_forms(self) -> Mapping[str, Form]:
        with bounded() as deadline:
            found = deadline.run_query(self._client.collection("forms"))
        return {snapshot.id: documents.saved_form(content_of(snapshot)) for snapshot in found}

    def delete_expired(self, now: datetime) -> int:  # noqa: ARG002, the port's
        return 0

    @cached_property
    def _client(self) -> Client:
        try:
            return firestore.Client(project=self._project, database=self._database)
        except GoogleAuthError as error:
            raise StoreUnavailableError(
                "Firestore needs credentials: run gcloud auth application-default login."
            ) from error

    def _lead(self, lead_id: str) -> DocumentReference:
        return self._client.collection("leads").document(lead_id)

    def _mail(self, mail_id: str) -> DocumentReference:
        return self._client.collection("mail").document(mail_id)

    def _lead_of(self, mail: Mail, deadline: Deadline) -> DocumentSnapshot[Any] | None:
        lead = self._lead(mail.lead_id).get(**deadline.bounds) if mail.lead_id else None
        return lead if lead and lead.exists else None

    def _mails_of(self, lead_id: str) -> Query:
        return self._client.collection("mail").where(filter=FieldFilter("lead_id", "==", lead_id))

    def _create(self, batch: WriteBatch, attempt: Attempt, lead_id: str, mails: Sequence[Mail]) -> None:
        batch.create(
            self._lead(lead_id).collection("attempts").document(attempt.id), documents.attempt_document(attempt)
        )
        self._create_mails(batch, mails)

    def _create_mails(self, batch: WriteBatch, mails: Sequence[Mail]) -> None:
        for mail in mails:
            batch.create(self._mail(mail.id), documents.mail_document(mail))

    def _replayed(self, lead_id: str, attempt: Attempt, deadline: Deadline) -> bool:
        same_key = FieldFilter("replay_key", "==", attempt.replay_key)
        earlier = deadline.run_query(self._lead(lead_id).collection("attempts").where(filter=same_key))
        return any(documents.attempt_from(content_of(one)).replays_until > attempt.received_at for one in earlier)


def _change_page(
    client: Client, page: Sequence[DocumentSnapshot[Any]], change: Callable[[Lead], Lead]
) -> Collection[tuple[Lead, Lead]]:
    """Replace each lead of a page and return each before and after; on a conflict, read the page again and retry."""
    steps: dict[str, tuple[Lead, Lead]] = {}
    with bounded(OWNER_PATIENCE) as deadline:
        for _ in deadline.tries():
            batch = client.batch()
            for snapshot in page:
                lead = documents.lead_from(content_of(snapshot))
                if lead.id in steps and lead == steps[lead.id][1]:
                    continue  # the commit succeeded, and its answer was lost
                changed = change(lead)
                steps[lead.id] = lead, changed
                if changed is not lead:
                    replace(client, batch, snapshot, documents.lead_document(changed))
            if not len(batch) or deadline.commit(batch):
                existing = {snapshot.id for snapshot in page}
                return [step for lead_id, step in steps.items() if lead_id in existing]
            found = client.get_all([snapshot.reference for snapshot in page], **deadline.bounds)
            page = [snapshot for snapshot in found if snapshot.exists]
    raise StoreUnavailableError(CONTENTION)
