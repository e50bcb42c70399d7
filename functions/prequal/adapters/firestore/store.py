"""Leads in Firestore: `leads`, `leads/{id}/attempts`, `mail`, and the `forms` they were asked by.

Nothing is locked. A change is one atomic batch on the condition that what it was decided from is still as it was read;
where it isn't, it is read and decided anew. Unlike the client's transactions, this is bounded in time at every step.

Ids are hashes, so that writes spread. Only the fields that queries name need an index: `received_at` of leads and
attempts, `replay_key` of attempts, `due_at` of leads and mails, `lead_id` of mails. `infra/firestore.indexes.json`
exempts others that only grow or are never asked for; those that stay allow 500 submissions a second, Firestore's limit
for values that only grow.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from prequal.adapters.firestore.calls import OWNERS_PATIENCE, TOO_MANY, Deadline, bounded, content_of, replace
from prequal.adapters.firestore.pages import changed_page
from prequal.core.documents import (
    attempt_document,
    attempt_from,
    form_document,
    lead_document,
    lead_from,
    mail_document,
    mail_from,
    saved_form,
)
from prequal.core.errors import StoreUnavailableError
from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.mail import Mail
from prequal.services.ports import Erasure

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot, Query, WriteBatch

_PAGE = 300
_CHANGED_AT_ONCE = 100
# As many writes as Firestore takes at once.
_BATCH = 500
# Greater than any character of an id.
_AFTER_ALL = "\uffff"


class FirestoreLeadStore:
    """A Store in a Firestore database in native mode."""

    def __init__(self, project: str, database: str = "(default)") -> None:
        """Name the database. The connection is made at the first use, as it doesn't survive a server's fork."""
        self._project = project
        self._database = database

    def close(self) -> None:
        """Close the connection."""
        if "_client" in self.__dict__:
            self._client.close()  # type: ignore[no-untyped-call]

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission: one batch of creates, and only where the lead is there already, a look at it."""
        with bounded() as deadline:
            for _ in deadline.tries():
                batch = self._client.batch()
                batch.create(self._lead(lead.id), lead_document(lead))
                self._create(batch, attempt, lead.id, mails)
                if deadline.committed(batch):
                    return Admission.FIRST
                # Also what that very batch has written, when its answer was lost and the client sent it again.
                if self._replayed(lead.id, attempt, deadline):
                    return Admission.REPLAY
                before = self._lead(lead.id).get(**deadline.bounds)
                # The same words may have come in between; the same id can't, as its attempt is created once only.
                if attempt.id != attempt.replay_key and self._replayed(lead.id, attempt, deadline):
                    return Admission.REPLAY
                if before.exists:
                    batch = self._client.batch()
                    changed, further = again(lead_from(content_of(before)))
                    replace(self._client, batch, before, lead_document(changed))
                    self._create(batch, attempt, lead.id, further)
                    if deadline.committed(batch):
                        return Admission.AGAIN
        raise StoreUnavailableError(TOO_MANY)

    def find_lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""
        with bounded() as deadline:
            snapshot = self._lead(lead_id).get(**deadline.bounds)
            return lead_from(content_of(snapshot)) if snapshot.exists else None

    def iter_leads(self, since: datetime | None = None) -> Iterator[Lead]:
        """Return every lead, or those received since an instant, page by page."""
        for page in self._pages(_PAGE, since):
            yield from (lead_from(content_of(snapshot)) for snapshot in page)

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""
        with bounded() as deadline:
            attempts = self._lead(lead_id).collection("attempts").order_by("received_at")
            return [attempt_from(content_of(snapshot)) for snapshot in deadline.found(attempts)]

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, the oldest first."""
        with bounded() as deadline:
            found = deadline.found(self._mails_of(lead_id))
        return sorted((mail_from(content_of(snapshot)) for snapshot in found), key=lambda mail: mail.id)

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return leads whose ids begin so."""
        name = FieldPath.document_id()
        with bounded() as deadline:
            query = self._client.collection("leads").where(filter=FieldFilter(name, ">=", self._lead(prefix)))
            query = query.where(filter=FieldFilter(name, "<", self._lead(prefix + _AFTER_ALL)))
            return [lead_from(content_of(snapshot)) for snapshot in deadline.found(query.limit(limit))]

    def change_lead(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        """Replace a lead by what `change` makes of it."""
        mark = uuid.uuid4().hex
        with bounded() as deadline:
            for _ in deadline.tries():
                before = self._lead(lead_id).get(**deadline.bounds)
                if not before.exists:
                    return None
                content = content_of(before)
                lead = lead_from(content)
                if content.get("last_change") == mark:
                    return lead  # the commit went through, and only its answer was lost
                changed, mails = change(lead)
                batch = self._client.batch()
                replace(self._client, batch, before, {**lead_document(changed), "last_change": mark})
                self._create_mails(batch, mails)
                if deadline.committed(batch):
                    return changed
        raise StoreUnavailableError(TOO_MANY)

    def change_each_lead(self, change: Callable[[Lead], Lead]) -> Iterator[tuple[Lead, Lead]]:
        """Replace every lead by what `change` makes of it, a page in a batch."""
        for page in self._pages(_CHANGED_AT_ONCE):
            yield from changed_page(self._client, page, change)

    def _pages(self, size: int, since: datetime | None = None) -> Iterator[Sequence[DocumentSnapshot[Any]]]:
        with bounded(OWNERS_PATIENCE) as deadline:
            query = self._client.collection("leads").order_by("received_at").limit(size)
            if since:
                query = query.where(filter=FieldFilter("received_at", ">=", since))
            page = deadline.found(query)
        while page:
            yield page
            with bounded(OWNERS_PATIENCE) as deadline:
                page = deadline.found(query.start_after(page[-1]))

    def list_due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of leads that time changes now, the longest waiting first."""
        return self._due("leads", now, limit)

    def has_mail(self, mail_id: str) -> bool:
        """Return whether a mail is there."""
        with bounded() as deadline:
            return self._mail(mail_id).get([], **deadline.bounds).exists

    def add_mail(self, mail: Mail) -> bool:
        """Add a mail, where none of its id is there."""
        with bounded() as deadline:
            batch = self._client.batch()
            self._create_mails(batch, [mail])
            return deadline.committed(batch)

    def list_due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of mails that are due, the longest waiting first."""
        return self._due("mail", now, limit)

    def _due(self, collection: str, now: datetime, limit: int) -> Sequence[str]:
        with bounded() as deadline:
            due = self._client.collection(collection).where(filter=FieldFilter("due_at", "<=", now))
            return [snapshot.id for snapshot in deadline.found(due.order_by("due_at").limit(limit).select([]))]

    def claim_mail(self, mail_id: str, take: Callable[[Mail, Lead | None], Mail | None]) -> Mail | None:
        """Replace a mail by what `take` makes of it."""
        taken: Mail | None = None
        with bounded() as deadline:
            for _ in deadline.tries():
                before = self._mail(mail_id).get(**deadline.bounds)
                if not before.exists:
                    return None
                waiting = mail_from(content_of(before))
                if waiting == taken:
                    return taken  # the commit went through, and only its answer was lost
                lead = self._lead_of(waiting, deadline)
                taken = take(waiting, lead_from(content_of(lead)) if lead else None)
                if taken is None:
                    return None
                batch = self._client.batch()
                replace(self._client, batch, before, mail_document(taken))
                if deadline.committed(batch):
                    return taken
        raise StoreUnavailableError(TOO_MANY)

    def settle_mail(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Replace a mail that is still held by `claim`, and its lead."""
        tried = False
        with bounded() as deadline:
            for _ in deadline.tries():
                held = self._mail(mail.id).get(**deadline.bounds)
                now = mail_from(content_of(held)) if held.exists else None
                if now is None or now.delivery.claim != claim:
                    return tried and now == mail  # the commit went through, and only its answer was lost
                batch = self._client.batch()
                replace(self._client, batch, held, mail_document(mail))
                lead = self._lead_of(mail, deadline)
                if lead:
                    replace(self._client, batch, lead, lead_document(change(lead_from(content_of(lead)))))
                tried = True
                if deadline.committed(batch):
                    return True
        raise StoreUnavailableError(TOO_MANY)

    def erase_lead(self, lead_id: str) -> Erasure | None:
        """Delete a lead with its attempts and mails: the lead last, so that a broken erasure can be repeated."""
        with bounded() as deadline:
            lead = self._lead(lead_id)
            if not lead.get(**deadline.bounds).exists:
                return None
            attempts = deadline.found(lead.collection("attempts").select([]))
            mails = deadline.found(self._mails_of(lead_id).select([]))
            references = [*(snapshot.reference for snapshot in (*mails, *attempts)), lead]
            for start in range(0, len(references), _BATCH):
                batch = self._client.batch()
                for reference in references[start : start + _BATCH]:
                    batch.delete(reference)
                batch.commit(**deadline.bounds)
            return Erasure(attempts=len(attempts), mails=len(mails))

    def save_form(self, document: Mapping[str, Any]) -> None:
        """Keep a form's document by its version, unless it is there: a read is cheaper than a write."""
        kept = form_document(document)
        with bounded() as deadline:
            reference = self._client.collection("forms").document(kept["id"])
            if not reference.get(**deadline.bounds).exists:
                reference.set(kept, **deadline.bounds)

    def load_forms(self) -> Mapping[str, Form]:
        """Return the forms that were kept, by version."""
        with bounded() as deadline:
            found = deadline.found(self._client.collection("forms"))
        return {snapshot.id: saved_form(content_of(snapshot)) for snapshot in found}

    def delete_expired(self, now: datetime) -> int:  # noqa: ARG002, the port's
        """Do nothing: Firestore's TTL on `expire_at` deletes leads, attempts and mails, within a day or so."""
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
        batch.create(self._lead(lead_id).collection("attempts").document(attempt.id), attempt_document(attempt))
        self._create_mails(batch, mails)

    def _create_mails(self, batch: WriteBatch, mails: Sequence[Mail]) -> None:
        for mail in mails:
            batch.create(self._mail(mail.id), mail_document(mail))

    def _replayed(self, lead_id: str, attempt: Attempt, deadline: Deadline) -> bool:
        same_key = FieldFilter("replay_key", "==", attempt.replay_key)
        earlier = deadline.found(self._lead(lead_id).collection("attempts").where(filter=same_key))
        return any(attempt_from(content_of(one)).replays_until > attempt.received_at for one in earlier)
