"""Leads in Firestore: `leads`, `leads/{id}/attempts` and `mail`.

Nothing is locked. A change is one atomic batch on the condition that what it was decided from is still as it was read;
where it isn't, it is read and decided anew. Unlike the client's transactions, this is bounded in time at every step.

Ids are hashes, so that writes spread. Only the fields that queries name need an index: `received_at` of leads and
attempts, `replay_key` of attempts, `due_at` of mails. `infra/firestore.indexes.json` exempts others that only grow
or are never asked for; those that stay allow 500 submissions a second, Firestore's limit for values that only grow.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from prequal.adapters.firestore_calls import Deadline, bounded
from prequal.core.documents import attempt_document, attempt_from, lead_document, lead_from, mail_document, mail_from
from prequal.core.errors import StoreUnavailableError
from prequal.ports import Admission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot, WriteBatch

    from prequal.core.lead import Attempt, Lead
    from prequal.core.mail import Mail

_PAGE = 300
_TOO_MANY = "Too many write to one document at once: try again later."


class FirestoreLeadStore:
    """A LeadStore in a Firestore database in native mode."""

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
                    changed, further = again(lead_from(_content(before)))
                    self._replace(batch, before, lead_document(changed))
                    self._create(batch, attempt, lead.id, further)
                    if deadline.committed(batch):
                        return Admission.AGAIN
        raise StoreUnavailableError(_TOO_MANY)

    def lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""
        with bounded() as deadline:
            snapshot = self._lead(lead_id).get(**deadline.bounds)
            return lead_from(_content(snapshot)) if snapshot.exists else None

    def leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first, page by page."""
        with bounded() as deadline:
            query = self._client.collection("leads").order_by("received_at").limit(_PAGE)
            page = query.get(**deadline.bounds)
        while page:
            yield from (lead_from(_content(snapshot)) for snapshot in page)
            with bounded() as deadline:
                page = query.start_after(page[-1]).get(**deadline.bounds)

    def attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""
        with bounded() as deadline:
            found = self._lead(lead_id).collection("attempts").order_by("received_at").get(**deadline.bounds)
            return [attempt_from(_content(snapshot)) for snapshot in found]

    def change(self, lead_id: str, change: Callable[[Lead], Lead]) -> Lead | None:
        """Replace a lead by what `change` makes of it."""
        with bounded() as deadline:
            for _ in deadline.tries():
                before = self._lead(lead_id).get(**deadline.bounds)
                if not before.exists:
                    return None
                lead = change(lead_from(_content(before)))
                batch = self._client.batch()
                self._replace(batch, before, lead_document(lead))
                if deadline.committed(batch):
                    return lead
        raise StoreUnavailableError(_TOO_MANY)

    def due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of mails that are due, the longest waiting first."""
        with bounded() as deadline:
            due = self._client.collection("mail").where(filter=FieldFilter("due_at", "<=", now))
            return [snapshot.id for snapshot in due.order_by("due_at").limit(limit).select([]).get(**deadline.bounds)]

    def claim(self, mail_id: str, take: Callable[[Mail], Mail | None]) -> Mail | None:
        """Replace a mail by what `take` makes of it."""
        taken: Mail | None = None
        with bounded() as deadline:
            for _ in deadline.tries():
                before = self._mail(mail_id).get(**deadline.bounds)
                if not before.exists:
                    return None
                waiting = mail_from(_content(before))
                if taken and waiting.delivery.claim == taken.delivery.claim:
                    return taken  # the commit went through, and only its answer was lost
                taken = take(waiting)
                if taken is None:
                    return None
                batch = self._client.batch()
                self._replace(batch, before, mail_document(taken))
                if deadline.committed(batch):
                    return taken
        raise StoreUnavailableError(_TOO_MANY)

    def settle(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Replace a mail that is still held by `claim`, and its lead."""
        tried = False
        with bounded() as deadline:
            for _ in deadline.tries():
                held = self._mail(mail.id).get(**deadline.bounds)
                now = mail_from(_content(held)) if held.exists else None
                if now is None or now.delivery.claim != claim:
                    return tried and now == mail  # the commit went through, and only its answer was lost
                batch = self._client.batch()
                self._replace(batch, held, mail_document(mail))
                lead = self._lead(mail.lead_id).get(**deadline.bounds)
                if lead.exists:
                    self._replace(batch, lead, lead_document(change(lead_from(_content(lead)))))
                tried = True
                if deadline.committed(batch):
                    return True
        raise StoreUnavailableError(_TOO_MANY)

    def remove_expired(self, now: datetime) -> int:  # noqa: ARG002, the port's
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

    def _create(self, batch: WriteBatch, attempt: Attempt, lead_id: str, mails: Sequence[Mail]) -> None:
        batch.create(self._lead(lead_id).collection("attempts").document(attempt.id), attempt_document(attempt))
        for mail in mails:
            batch.create(self._mail(mail.id), mail_document(mail))

    def _replace(self, batch: WriteBatch, before: DocumentSnapshot[Any], document: dict[str, Any]) -> None:
        """Replace a document on the condition that nobody has touched it since it was read."""
        unchanged = self._client.write_option(last_update_time=before.update_time)
        batch.update(before.reference, document, option=unchanged)

    def _replayed(self, lead_id: str, attempt: Attempt, deadline: Deadline) -> bool:
        same_key = FieldFilter("replay_key", "==", attempt.replay_key)
        found = self._lead(lead_id).collection("attempts").where(filter=same_key).get(**deadline.bounds)
        return any(attempt_from(_content(earlier)).replays_until > attempt.received_at for earlier in found)


def _content(snapshot: DocumentSnapshot[Any]) -> dict[str, Any]:
    return snapshot.to_dict() or {}
