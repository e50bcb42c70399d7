"""The weekly digest on each store: one a week, for any number of sweeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prequal.adapters.outbox import OutboxMailer
from prequal.core.form import form_from
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import ended
from prequal.core.mail import Mail, MailKind
from prequal.services.ports import Store
from prequal.services.weekly_digest import WeeklyDigest
from support import builders
from support.builders import NOW, Clock
from support.mails import claim_mail, read, worker

MONDAY, TUESDAY = 0, 1


def digests(store: Store, clock: Clock, weekday: int = MONDAY) -> WeeklyDigest:
    """Return the digest of the form's leads."""
    return builders.weekly_digest(store, clock, weekday)


def admit(store: Store, days: int = -1, form_id: str = "web-design", /, **fields: Any) -> Lead:
    """Add a lead that came some days after the tests' clock."""
    fields = {"email": f"{form_id}{days}@example.com", **fields}
    lead, attempt = builders.admitted(NOW + timedelta(days=days), **fields)
    lead = replace(lead, form_id=form_id)
    store.admit(lead, attempt, [], lambda lead: (lead, ()))
    return lead


def end(store: Store, lead: Lead, at: datetime) -> None:
    """Note at an instant that a lead was lost."""
    store.change_lead(lead.id, lambda lead: (ended(lead, Status.LOST, at), ()))


def waiting(store: Store) -> list[str]:
    """Return the ids of all mails that are not settled."""
    return list(store.list_due_mails(NOW + timedelta(days=999), 99))


def written(store: Store, mail_id: str) -> Mail:
    """Return a stored mail."""
    seen: list[Mail] = []
    claim_mail(store, mail_id, lambda mail, _lead: seen.append(mail))
    return seen[0]


def test_each_week_has_one_digest(store: Store) -> None:
    """Concurrent and later sweeps of a week queue one digest; the next week has its own."""
    clock = Clock()
    admit(store)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: digests(store, clock).run(), range(4)))
    clock.forward(timedelta(days=6, hours=14))
    digests(store, clock).run()

    assert waiting(store) == ["digest-web-design-2026-w10"]

    clock.forward(timedelta(hours=1))
    digests(store, clock).run()

    assert waiting(store) == ["digest-web-design-2026-w10", "digest-web-design-2026-w11"]


def test_a_late_digest_covers_the_same_week(store: Store) -> None:
    """A late digest covers the seven days before its weekday, and only the leads of its form."""
    for days, form_id in ((-8, "web-design"), (-1, "web-design"), (1, "web-design"), (-1, "another")):
        admit(store, days, form_id)

    digests(store, Clock(NOW + timedelta(days=4))).run()

    digest = read(written(store, "digest-web-design-2026-w10"))
    assert digest.subject == "23 Feb\u2009–\u20091 Mar 2026: 1 received, 1 qualified"
    assert "   1    1  Leads received\n" in digest.text


def test_another_weekday_makes_no_second_digest(store: Store) -> None:
    """A week that had its digest gets no second one if the form's weekday changes."""
    admit(store)
    digests(store, Clock()).run()
    digests(store, Clock(NOW + timedelta(days=2)), TUESDAY).run()

    assert len(waiting(store)) == 1


def test_a_digest_is_sent_like_any_mail(store: Store, tmp_path: Path) -> None:
    """A digest is sent although it has no lead. Then it names nobody any more, as an erasure would not find it."""
    admit(store, -8, name="Ada Lovelace")
    digests(store, Clock()).run()
    waits = written(store, "digest-web-design-2026-w10")

    states = worker(store, OutboxMailer(tmp_path), Clock()).deliver_due()

    assert states == {"sent": 1}
    assert (waits.kind, "Ada Lovelace" in str(waits)) == (MailKind.DIGEST, True)
    [sent] = tmp_path.glob("*.eml")
    assert "Ada Lovelace" in sent.read_text()
    settled = written(store, waits.id)
    assert (settled.content, settled.message) == ({}, None)


def test_a_first_week_that_has_not_ended_has_no_digest(store: Store) -> None:
    """No digest says of a new deployment that nobody came in the week before it."""
    digests(store, Clock()).run()
    admit(store, 1)
    digests(store, Clock(NOW + timedelta(days=2))).run()
    assert waiting(store) == []

    digests(store, Clock(NOW + timedelta(days=7))).run()
    assert waiting(store) == ["digest-web-design-2026-w11"]


def test_the_week_begins_in_the_owners_zone(store: Store) -> None:
    """On an island where Monday has begun, the digest of Monday is due."""
    admit(store, -8)
    sunday = Clock(NOW.replace(day=1, hour=11))
    digests(store, sunday).run()
    assert waiting(store) == ["digest-web-design-2026-w09"]

    builders.weekly_digest(store, sunday, zone=ZoneInfo("Pacific/Kiritimati")).run()
    assert waiting(store) == ["digest-web-design-2026-w09", "digest-web-design-2026-w10"]


def test_new_outcomes_are_counted_without_reading_others(store: Store) -> None:
    """Outcomes count that were noted after the day on which the points of their form were learned."""
    document = builders.document()
    document["scoring"]["learned"] = "2026-02-20"
    for number, noted in enumerate((-11, -10, -9, -1)):
        lead = admit(store, -60 - number, name=f"Number {number}")
        end(store, lead, NOW + timedelta(days=noted))
    end(store, admit(store, -60, "another"), NOW)
    admit(store)

    replace(digests(store, Clock()), forms=[form_from(document)]).run()

    assert written(store, "digest-web-design-2026-w10").content["outcomes"] == {"web-design": 2}
