"""Leads in Firestore: `leads`, `leads/{id}/attempts` and `mail`.

Nothing is locked. A change is one atomic batch on the condition that what it was decided from is still as it was read;
where it isn't, it is read and decided anew. Unlike the client's transactions, this is bounded in time at every step.

Ids are hashes, so that writes spread. Only the fields that queries name need an index: `received_at` of leads and
attempts, `replay_key` of attempts, `due_at` of mails. `infra/firestore.indexes.json` exempts others that only grow or are
never asked for; the instants that stay indexed allow 500 submissions a second, Firestore's limit for such values.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from prequal.core.documents import attempt_document, attempt_from, lead_document, lead_from, mail_document, mail_from
from prequal.core.errors import StoreUnavailableError
from prequal.ports import Admission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot, WriteBatch

    from prequal.core.lead import Attempt, Lead
    from prequal.core.mail import Mail

# A visitor is asked to try again after ten seconds at most: one call takes up to six, all calls together up to eight.
_CALL_SECONDS = 2.0
_RETRY_SECONDS = 4.0
_DEADLINE_SECONDS = 8.0
_PAGE = 300

_CHANGED_MEANWHILE = (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.Aborted, exceptions.NotFound)


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
        with _translated():
            batch = self._client.batch()
            batch.create(self._lead(lead.id), lead_document(lead))
            self._create(batch, attempt, lead.id, mails)
            try:
                _commit(batch)
            except exceptions.AlreadyExists:
                return self._admit_again(lead.id, attempt, again)
            return Admission.FIRST

    def _admit_again(
        self, lead_id: str, attempt: Attempt, again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        for _ in _tries():
            before = self._read(self._lead(lead_id))
            # Also what a first batch of ours has written whose answer was lost.
            if self._replayed(lead_id, attempt):
                return Admission.REPLAY
            batch = self._client.batch()
            lead, mails = again(lead_from(_content(before)))
            self._replace(batch, before, lead_document(lead))
            self._create(batch, attempt, lead_id, mails)
            if _committed(batch):
                return Admission.AGAIN
        raise StoreUnavailableError("Too many write to one lead at once.")

    def lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""
        with _translated():
            snapshot = self._read(self._lead(lead_id))
            return lead_from(_content(snapshot)) if snapshot.exists else None

    def leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first, page by page."""
        query = self._client.collection("leads").order_by("received_at").limit(_PAGE)
        with _translated():
            page = query.get(**_BOUNDS)
            while page:
                yield from (lead_from(_content(snapshot)) for snapshot in page)
                page = query.start_after(page[-1]).get(**_BOUNDS)

    def attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""
        with _translated():
            found = self._lead(lead_id).collection("attempts").order_by("received_at").get(**_BOUNDS)
            return [attempt_from(_content(snapshot)) for snapshot in found]

    def change(self, lead_id: str, change: Callable[[Lead], Lead]) -> Lead | None:
        """Replace a lead by what `change` makes of it."""
        with _translated():
            for _ in _tries():
                before = self._read(self._lead(lead_id))
                if not before.exists:
                    return None
                lead = change(lead_from(_content(before)))
                batch = self._client.batch()
                self._replace(batch, before, lead_document(lead))
                if _committed(batch):
                    return lead
        raise StoreUnavailableError("Too many write to one lead at once.")

    def due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of mails that are due, the longest waiting first."""
        with _translated():
            due = self._client.collection("mail").where(filter=FieldFilter("due_at", "<=", now))
            return [snapshot.id for snapshot in due.order_by("due_at").limit(limit).select([]).get(**_BOUNDS)]

    def claim(self, mail_id: str, take: Callable[[Mail], Mail | None]) -> Mail | None:
        """Replace a mail by what `take` makes of it."""
        taken: Mail | None = None
        with _translated():
            for _ in _tries():
                before = self._read(self._mail(mail_id))
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
                if _committed(batch):
                    return taken
        return None

    def settle(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Replace a mail that is still held by `claim`, and its lead."""
        tried = False
        with _translated():
            for _ in _tries():
                held = self._read(self._mail(mail.id))
                now = mail_from(_content(held)) if held.exists else None
                if now is None or now.delivery.claim != claim:
                    return tried and now == mail  # the commit went through, and only its answer was lost
                batch = self._client.batch()
                self._replace(batch, held, mail_document(mail))
                lead = self._read(self._lead(mail.lead_id))
                if lead.exists:
                    self._replace(batch, lead, lead_document(change(lead_from(_content(lead)))))
                tried = True
                if _committed(batch):
                    return True
        raise StoreUnavailableError("Too many write to one lead at once.")

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

    def _replayed(self, lead_id: str, attempt: Attempt) -> bool:
        same_key = FieldFilter("replay_key", "==", attempt.replay_key)
        found = self._lead(lead_id).collection("attempts").where(filter=same_key).get(**_BOUNDS)
        return any(attempt_from(_content(earlier)).replays_until > attempt.received_at for earlier in found)

    @staticmethod
    def _read(reference: DocumentReference) -> DocumentSnapshot[Any]:
        return reference.get(**_BOUNDS)


# `timeout` alone bounds one try, and the client's own retries go on for minutes.
_BOUNDS: dict[str, Any] = {
    "timeout": _CALL_SECONDS,
    "retry": Retry(
        predicate=if_exception_type(
            exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.DeadlineExceeded
        ),
        initial=0.1,
        maximum=1.0,
        timeout=_RETRY_SECONDS,
    ),
}


def _commit(batch: WriteBatch) -> None:
    batch.commit(**_BOUNDS)


def _committed(batch: WriteBatch) -> bool:
    """Commit, unless something has changed meanwhile."""
    try:
        _commit(batch)
    except _CHANGED_MEANWHILE:
        return False
    return True


def _tries() -> Iterator[None]:
    """Try until the deadline, with short and uneven pauses so that rivals get out of each other's way."""
    began, pause = time.monotonic(), 0.01
    while time.monotonic() - began < _DEADLINE_SECONDS - _RETRY_SECONDS:
        yield
        time.sleep(random.uniform(0, pause))  # noqa: S311, it keeps no secret
        pause = min(pause * 2, 0.2)


def _content(snapshot: DocumentSnapshot[Any]) -> dict[str, Any]:
    return snapshot.to_dict() or {}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (exceptions.GoogleAPIError, GoogleAuthError) as error:
        raise StoreUnavailableError(f"Firestore does not answer ({type(error).__name__}): try again later.") from error
