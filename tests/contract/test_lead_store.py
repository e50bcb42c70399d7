"""The contract that every Store fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

import pytest

from prequal.core.form import Grade, form_from
from prequal.core.lead import Admission, Booking, Lead, Status
from prequal.core.lead_filter import LeadFilter
from prequal.core.lifecycle import booked, resubmitted
from prequal.core.mail import Mail, MailKind, MailState
from prequal.services.ports import Erasure, Store
from support import builders
from support.builders import NOW
from support.mails import claim_mail


def admit(store: Store, now: datetime = NOW, /, **changes: Any) -> Admission:
    """Admit a submission as intake does; a qualified first one with an invitation."""
    lead, attempt = builders.admitted(now, **changes)
    mails = [builders.composer().invitation(lead, now)] if lead.invitation else []

    def again(existing: Lead) -> tuple[Lead, Sequence[Mail]]:
        return resubmitted(existing, lead), ()

    return store.admit(lead, attempt, mails, again)


class TestAdmission:
    def test_a_first_submission_makes_lead_attempt_and_mail(self, store: Store) -> None:
        """A first submission stores the lead, its attempt and its mail as they were passed."""
        lead, attempt = builders.admitted(submission_id="first-one")

        assert admit(store, submission_id="first-one") is Admission.FIRST

        assert store.find_lead(lead.id) == lead
        assert store.list_attempts(lead.id) == [attempt]
        assert store.list_due_mails(NOW, 10) == [builders.invitation().id]

    def test_a_replay_changes_nothing(self, store: Store) -> None:
        """A repeated submission id is a replay, even with other answers."""
        admit(store, submission_id="same-same")
        before = list(store.iter_leads())

        again = admit(store, NOW + timedelta(days=400), submission_id="same-same", budget="below")

        assert again is Admission.REPLAY
        assert list(store.iter_leads()) == before
        assert len(store.list_attempts(before[0].id)) == 1

    @pytest.mark.parametrize("submission_id", ["same-same", "__all__all__", None])
    def test_a_replay_is_known_beforehand(self, store: Store, submission_id: str | None) -> None:
        """An attempt is known once it was admitted, by its id or, for a day, by its content; others are not."""
        lead, attempt = builders.admitted(submission_id=submission_id)
        before = store.has_replay(lead.id, attempt)
        admit(store, submission_id=submission_id)
        other, later = (
            builders.admitted(NOW + passed, submission_id=submission_id and f"{submission_id}{end}", **changes)[1]
            for passed, end, changes in ((timedelta(0), "-2", {"goals": "Others"}), (timedelta(days=2), "", {}))
        )

        assert (before, store.has_replay(lead.id, attempt)) == (False, True)
        assert not store.has_replay(lead.id, other)
        assert store.has_replay(lead.id, later) == (submission_id is not None)
        assert not store.has_replay("another-lead", attempt)

    @pytest.mark.parametrize("submission_id", ["__all__all__", "________", "-_------"])
    def test_reserved_ids_are_accepted(self, store: Store, submission_id: str) -> None:
        """A submission id may be one that the store itself reserves."""
        assert admit(store, submission_id=submission_id) is Admission.FIRST
        assert admit(store, submission_id=submission_id) is Admission.REPLAY

    def test_another_id_is_another_attempt(self, store: Store) -> None:
        """A submission with another id adds an attempt to the lead and leaves the earlier one unchanged."""
        admit(store, submission_id="number-one", budget="below")
        later = NOW + timedelta(hours=1)

        assert admit(store, later, submission_id="number-two") is Admission.AGAIN

        (lead,) = store.iter_leads()
        first, second = store.list_attempts(lead.id)
        assert lead.attempts == 2
        assert (first.answers, first.received_at) == ({**builders.QUALIFIED, "budget": "below"}, NOW)
        assert (second.answers, second.received_at) == (builders.QUALIFIED, later)

    def test_equal_values_within_a_day_are_a_replay(self, store: Store) -> None:
        """Without an id, equal values within a day are a replay."""
        admit(store)

        assert admit(store, NOW + timedelta(hours=23, minutes=59)) is Admission.REPLAY

    def test_equal_values_after_a_day_are_another_attempt(self, store: Store) -> None:
        """Without an id, equal values after a day are another attempt."""
        admit(store)

        assert admit(store, NOW + timedelta(days=1)) is Admission.AGAIN
        assert admit(store, NOW + timedelta(days=1, hours=1)) is Admission.REPLAY

    def test_other_values_without_an_id_are_another_attempt(self, store: Store) -> None:
        """Without an id, other answers are another attempt, even within seconds."""
        admit(store)

        assert admit(store, NOW + timedelta(seconds=5), budget="unsure") is Admission.AGAIN

    def test_another_address_is_another_lead(self, store: Store) -> None:
        """Another address is another lead; another case of the same address is not."""
        admit(store)

        assert admit(store, email="ADA@example.com", submission_id="shouting") is Admission.AGAIN
        assert admit(store, email="grace@example.com") is Admission.FIRST

    def test_mails_of_a_later_attempt_are_queued(self, store: Store) -> None:
        """The mails that `again` returns are queued."""
        admit(store, budget="below")
        lead, attempt = builders.admitted(NOW + timedelta(minutes=1))
        mail = builders.composer().invitation(replace(lead, attempts=2), NOW)

        store.admit(lead, attempt, [], lambda existing: (resubmitted(existing, lead), [mail]))

        assert store.list_due_mails(NOW, 10) == [mail.id]

    @pytest.mark.parametrize("same_id", [True, False], ids=["same id", "other ids"])
    def test_a_race_for_one_prospect_has_one_winner(self, store: Store, *, same_id: bool) -> None:
        """Eight concurrent submissions of one prospect make one lead with one invitation."""
        ids = ["one-and-the-same" if same_id else f"submission-{number}" for number in range(8)]

        with ThreadPoolExecutor(8) as pool:
            admissions = list(pool.map(lambda submission_id: admit(store, submission_id=submission_id), ids))

        others = Admission.REPLAY if same_id else Admission.AGAIN
        assert sorted(admissions, key=lambda admission: admission.value) == [Admission.FIRST, *[others] * 7]
        (lead,) = store.iter_leads()
        assert lead.attempts == len(store.list_attempts(lead.id)) == (1 if same_id else 8)
        assert len(store.list_due_mails(NOW, 10)) == 1


class TestReading:
    def test_leads_are_sorted_by_age(self, store: Store) -> None:
        """Leads are returned oldest first."""
        for hours in (3, 1, 2):
            admit(store, NOW + timedelta(hours=hours), email=f"at{hours}@example.com")

        assert [lead.email for lead in store.iter_leads()] == ["at1@example.com", "at2@example.com", "at3@example.com"]

    def test_an_unknown_lead_is_none(self, store: Store) -> None:
        """An unknown lead is None and has no attempts."""
        assert store.find_lead("nobody") is None
        assert store.list_attempts("nobody") == []
        assert list(store.iter_leads()) == []

    def test_text_is_stored_unchanged(self, store: Store) -> None:
        """Text in any script, with quotes, emoji or markup, is read as it was written."""
        name = "Zoë “Żółć” O'Brien; DROP TABLE leads; 李 👩🏽‍💻 $at"
        admit(store, name=name, goals='two\nlines {"$at": 1}')

        (lead,) = store.iter_leads()

        assert (lead.name, lead.answers["goals"]) == (name, 'two\nlines {"$at": 1}')


class TestChangeOne:
    def test_a_change_is_kept(self, store: Store) -> None:
        """A change replaces the stored lead and returns the new one."""
        admit(store)
        (lead,) = store.iter_leads()

        changed = store.change_lead(lead.id, lambda current: (replace(current, status=Status.BOOKED), ()))

        assert changed == store.find_lead(lead.id) == replace(lead, status=Status.BOOKED)

    def test_an_unknown_lead_is_not_changed(self, store: Store) -> None:
        """Changing an unknown lead creates none."""
        assert store.change_lead("nobody", lambda lead: (lead, ())) is None

    def test_a_failing_change_changes_nothing(self, store: Store) -> None:
        """An error within a change leaves the lead unchanged and the store usable."""
        admit(store)
        (lead,) = store.iter_leads()

        def fails(_lead: Lead) -> NoReturn:
            raise LookupError

        with pytest.raises(LookupError):
            store.change_lead(lead.id, fails)

        assert store.find_lead(lead.id) == lead
        assert store.change_lead(lead.id, lambda current: (current, ())) == lead

    def test_no_change_is_lost(self, store: Store) -> None:
        """Eight concurrent changes all take effect."""
        admit(store)
        (lead,) = store.iter_leads()

        with ThreadPoolExecutor(8) as pool:
            for _ in range(8):
                pool.submit(store.change_lead, lead.id, lambda now: (replace(now, attempts=now.attempts + 1), ()))

        changed = store.find_lead(lead.id)
        assert changed is not None
        assert changed.attempts == 9

    def test_mails_of_a_change_are_queued(self, store: Store) -> None:
        """A change queues its mails in the same write."""
        admit(store, budget="below")
        (lead,) = store.iter_leads()
        mail = builders.invitation()

        store.change_lead(lead.id, lambda current: (current, [mail]))

        assert store.list_mails(lead.id) == [mail]


class TestChangeEach:
    def test_every_lead_is_changed(self, store: Store) -> None:
        """Every lead is changed once, oldest first, and returned as it was before and after."""
        first, attempt = builders.admitted()
        before = [replace(first, id=f"{number:024}") for number in range(210)]
        for lead in before:
            store.admit(lead, attempt, [], lambda existing: (existing, ()))

        changed = list(store.change_each_lead(lambda lead: replace(lead, status=Status.BOOKED)))

        assert changed == [(lead, replace(lead, status=Status.BOOKED)) for lead in before]
        assert list(store.iter_leads()) == [after for _, after in changed]

    def test_an_unchanged_lead_is_returned(self, store: Store) -> None:
        """A lead that the change returns unchanged stays as it was."""
        admit(store)
        (lead,) = store.iter_leads()

        assert list(store.change_each_lead(lambda lead: lead)) == [(lead, lead)]
        assert list(store.iter_leads()) == [lead]

    def test_concurrent_changes_are_kept(self, store: Store) -> None:
        """A concurrent change of another field is not overwritten."""
        for number in range(20):
            admit(store, NOW + timedelta(seconds=number), email=f"at{number}@example.com")
        ids = [lead.id for lead in store.iter_leads()]

        with ThreadPoolExecutor(2) as pool:
            others = pool.submit(
                lambda: [
                    store.change_lead(lead_id, lambda lead: (replace(lead, company="Ours", phone="+47 1"), ()))
                    for lead_id in ids
                ]
            )
            each = pool.submit(lambda: list(store.change_each_lead(lambda lead: replace(lead, status=Status.BOOKED))))
            others.result()
            each.result()

        assert {(lead.company, lead.phone, lead.status) for lead in store.iter_leads()} == {
            ("Ours", "+47 1", Status.BOOKED),
        }

    def test_a_failing_change_of_each_changes_nothing(self, store: Store) -> None:
        """An error within a change leaves the leads of its batch unchanged."""
        admit(store)
        before = list(store.iter_leads())

        def fails(_lead: Lead) -> NoReturn:
            raise LookupError

        with pytest.raises(LookupError):
            list(store.change_each_lead(fails))

        assert list(store.iter_leads()) == before


class TestDueLeads:
    def test_due_leads_are_listed_in_order(self, store: Store) -> None:
        """At most `limit` leads are listed from their due time on, longest overdue first; some are never due."""
        for minutes in (2, 1, 3):
            admit(store, NOW + timedelta(minutes=minutes), email=f"at{minutes}@example.com")
        admit(store, email="never@example.com", budget="below")
        ids = [builders.lead(email=f"at{minutes}@example.com").id for minutes in (1, 2, 3)]
        end = NOW + timedelta(days=14)

        assert store.list_due_leads(end, 10) == []
        assert store.list_due_leads(end + timedelta(minutes=2), 10) == ids[:2]
        assert store.list_due_leads(end + timedelta(days=999), 2) == ids[:2]


class TestOwner:
    def test_leads_are_found_by_a_prefix_of_their_ids(self, store: Store) -> None:
        """At most `limit` leads whose ids begin with the prefix are found."""
        ids = sorted(builders.lead(email=f"prospect{number}@example.com").id for number in range(20))
        for number in range(20):
            admit(store, email=f"prospect{number}@example.com")

        assert [lead.id for lead in store.find_by_id_prefix(ids[0][:8], 9)] == [ids[0]]
        first = ids[0][0]
        same_first = [lead_id for lead_id in ids if lead_id[0] == first]
        assert [lead.id for lead in store.find_by_id_prefix(first, 99)] == same_first
        assert [lead.id for lead in store.find_by_id_prefix(first, 1)] == same_first[:1]
        assert store.find_by_id_prefix("nobody", 9) == []

    def test_a_lead_is_found_by_its_appointment(self, store: Store) -> None:
        """The last known appointment's id finds the lead; an earlier one, or that of another lead, does not."""
        admit(store)
        admit(store, email="grace@example.com")
        ada, grace = builders.lead().id, builders.lead(email="grace@example.com").id
        assert store.find_by_booking("one") is None

        for lead_id, booking_id in ((ada, "one"), (grace, "https://scheduler.example/two"), (ada, "three")):
            booking = Booking(id=booking_id, booked_at=NOW)
            store.change_lead(lead_id, lambda lead, booking=booking: (booked(lead, booking, NOW), ()))  # type: ignore[misc]

        found = {
            booking_id: store.find_by_booking(booking_id) for booking_id in ("three", "https://scheduler.example/two")
        }
        assert [lead and lead.id for lead in found.values()] == [ada, grace]
        assert store.find_by_booking("one") is None

    def test_an_erasure_leaves_nothing(self, store: Store) -> None:
        """An erasure deletes a lead with its attempts and mails, counts them, and leaves other leads."""
        admit(store, submission_id="number-one")
        admit(store, submission_id="number-two")
        admit(store, email="grace@example.com")
        lead_id, other_id = builders.lead().id, builders.lead(email="grace@example.com").id

        assert store.erase_lead(lead_id) == Erasure(attempts=2, mails=1)

        assert (store.find_lead(lead_id), store.list_attempts(lead_id), store.list_mails(lead_id)) == (None, [], [])
        assert [lead.id for lead in store.iter_leads()] == [other_id]
        assert (len(store.list_attempts(other_id)), len(store.list_mails(other_id))) == (1, 1)
        assert store.erase_lead(lead_id) is None

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (LeadFilter(), ["a-friend", "nobody", "ads", "late"]),
            (LeadFilter(since=NOW + timedelta(days=2)), ["ads", "late"]),
            (LeadFilter(since=NOW + timedelta(days=2, microseconds=1)), ["late"]),
            (LeadFilter(since=NOW + timedelta(days=9)), []),
            (LeadFilter(status=Status.INVITED), ["a-friend", "ads"]),
            (LeadFilter(status=Status.WON), []),
            (LeadFilter(grade=Grade.COLD), ["nobody", "late"]),
            (LeadFilter(status=Status.INVITED, grade=Grade.COLD), []),
            (LeadFilter(status=Status.RECEIVED, grade=Grade.COLD, since=NOW + timedelta(days=2)), ["late"]),
            (LeadFilter(source="ads"), ["ads", "late"]),
            (LeadFilter(source="ads", status=Status.INVITED), ["ads"]),
            (LeadFilter(source="' OR TRUE --"), []),
            (LeadFilter(source=""), ["a-friend", "nobody", "ads"]),
            (LeadFilter(form="web-design"), ["a-friend", "nobody", "ads", "late"]),
            (LeadFilter(form="another"), []),
            (LeadFilter(search="ADS@"), ["ads"]),
            (LeadFilter(search="lovelace", status=Status.INVITED), ["a-friend", "ads"]),
            (LeadFilter(search="below"), ["nobody", "late"]),
            (LeadFilter(search="%"), []),
        ],
    )
    def test_leads_are_filtered(self, store: Store, wanted: LeadFilter, found: list[str]) -> None:
        """Only the leads that meet every condition are returned, oldest first."""
        late = {"source": "ads", "utm_source": "newsletter"}
        admit(store, NOW + timedelta(days=3), email="late@example.com", **builders.UNQUALIFIED, **late)
        admit(store, NOW, email="a-friend@example.com", source="a-friend")
        admit(store, NOW + timedelta(days=2), email="ads@example.com", utm_source="ads")
        admit(store, NOW + timedelta(days=1), email="nobody@example.com", **builders.UNQUALIFIED)

        leads = store.iter_leads(wanted)

        assert [lead.email.partition("@")[0] for lead in leads] == found

    def test_the_newest_leads_come_by_the_page(self, store: Store) -> None:
        """Pages hold each matching lead once, newest first; equal instants are in the order of ids."""
        for number in range(7):
            fields = builders.UNQUALIFIED if number % 2 else {}
            admit(store, NOW + timedelta(days=number // 3), email=f"{number}@example.com", **fields)

        def pages(wanted: LeadFilter) -> list[list[Lead]]:
            found = [store.list_newest(wanted, 3)]
            while found[-1]:
                last = found[-1][-1]
                found.append(store.list_newest(wanted, 3, (last.received_at, last.id)))
            return [list(page) for page in found[:-1]]

        for wanted in (
            LeadFilter(),
            LeadFilter(grade=Grade.COLD),
            LeadFilter(form="web-design", status=Status.INVITED, since=NOW + timedelta(days=1)),
            LeadFilter(form="another"),
        ):
            expected = sorted(store.iter_leads(wanted), key=lambda lead: (lead.received_at, lead.id), reverse=True)
            found = pages(wanted)
            assert [lead for page in found for lead in page] == expected
            assert all(len(page) == 3 for page in found[:-1])

    def test_forms_are_stored_by_version(self, store: Store) -> None:
        """Each version of a form is stored once and never changed."""
        dearer = {**builders.document(), "starting_price": 9000}
        for document in (builders.document(), dearer, builders.document()):
            store.save_form(document)

        assert store.load_forms() == {form.version: form for form in (builders.form(), form_from(dearer))}


class TestMails:
    def test_due_mails_are_listed_in_order(self, store: Store) -> None:
        """At most `limit` mails are listed from their due time on, longest overdue first."""
        for minutes in (2, 1, 3):
            admit(store, NOW + timedelta(minutes=minutes), email=f"at{minutes}@example.com")
        ids = {
            minutes: builders.invitation(NOW + timedelta(minutes=minutes), email=f"at{minutes}@example.com").id
            for minutes in (1, 2, 3)
        }

        assert store.list_due_mails(NOW, 10) == []
        assert store.list_due_mails(NOW + timedelta(minutes=2), 10) == [ids[1], ids[2]]
        assert store.list_due_mails(NOW + timedelta(minutes=5), 2) == [ids[1], ids[2]]

    def test_due_mails_to_prospects_are_listed_first(self, store: Store) -> None:
        """Any number of briefs that waited longer don't keep invitations and reminders back."""
        lead = builders.lead()
        briefs = [builders.composer().brief(lead, None, NOW + timedelta(minutes=minutes)) for minutes in range(3)]
        invitation = builders.invitation(NOW + timedelta(hours=1))
        reminder = builders.composer().reminder(lead, NOW + timedelta(hours=2))
        for mail in (*briefs, reminder, invitation):
            assert mail
            store.add_mail(mail)
        ids = [mail.id for mail in briefs if mail]

        assert store.list_due_mails(NOW + timedelta(minutes=5), 2) == ids[:2]
        assert store.list_due_mails(NOW + timedelta(hours=1), 2) == [invitation.id, ids[0]]
        assert store.list_due_mails(NOW + timedelta(hours=2), 9) == [invitation.id, reminder.id, *ids]
        assert store.list_due_mails(NOW + timedelta(hours=2), 1) == [invitation.id]

    def test_a_settled_mail_to_a_prospect_is_not_listed(self, store: Store) -> None:
        """A settled invitation is no longer among the mails that go first."""
        mails = [builders.invitation(email=f"{name}@example.com") for name in ("ada", "grace", "linus")]
        for mail in mails:
            store.add_mail(mail)
        taken = claim_mail(store, mails[0].id, lambda mail, _lead: mail.claimed("worker", NOW))
        assert taken
        assert store.settle_mail(taken.refused("550", NOW), "worker", lambda lead: lead)

        assert sorted(store.list_due_mails(NOW + timedelta(days=9), 9)) == sorted(mail.id for mail in mails[1:])

    def test_a_claimed_mail_is_not_due(self, store: Store) -> None:
        """A claimed mail is not due again before its lease expires."""
        admit(store)
        (mail_id,) = store.list_due_mails(NOW, 10)

        taken = claim_mail(store, mail_id, lambda mail, _lead: mail.claimed("me", NOW))

        assert taken is not None
        assert (taken.delivery.state, taken.delivery.claim) == (MailState.SENDING, "me")
        assert store.list_due_mails(NOW, 10) == []
        assert store.list_due_mails(NOW + timedelta(hours=1), 10) == [mail_id]

    def test_a_claim_reads_the_lead(self, store: Store) -> None:
        """A claim receives the mail's lead as it is stored at that moment."""
        admit(store)
        (mail_id,) = store.list_due_mails(NOW, 10)
        (lead,) = store.iter_leads()
        seen = []

        claim_mail(store, mail_id, lambda _mail, lead: seen.append(lead))

        assert seen == [lead]

    def test_a_declined_claim_changes_nothing(self, store: Store) -> None:
        """A claim that `take` declines changes nothing; an unknown mail cannot be claimed."""
        admit(store)
        (mail_id,) = store.list_due_mails(NOW, 10)

        assert claim_mail(store, mail_id, lambda _mail, _lead: None) is None
        assert claim_mail(store, "no-mail", lambda mail, _lead: mail) is None
        assert store.list_due_mails(NOW, 10) == [mail_id]

    def test_a_race_for_one_mail_has_one_winner(self, store: Store) -> None:
        """Of eight concurrent claims of one mail, one succeeds."""
        admit(store)
        (mail_id,) = store.list_due_mails(NOW, 10)

        with ThreadPoolExecutor(8) as pool:
            taken = list(
                pool.map(
                    lambda claim: claim_mail(store, mail_id, lambda mail, _lead: mail.claimed(claim, NOW)), "abcdefgh"
                )
            )

        assert sum(mail is not None for mail in taken) == 1

    def test_settling_changes_mail_and_lead(self, store: Store) -> None:
        """Settling a mail removes its due time and changes its lead in the same write."""
        admit(store)
        (mail_id,) = store.list_due_mails(NOW, 10)
        mail = claim_mail(store, mail_id, lambda mail, _lead: mail.claimed("me", NOW))
        assert mail is not None

        kept = store.settle_mail(mail.refused("no", NOW), "me", lambda lead: replace(lead, status=Status.EXPIRED))

        assert kept
        assert store.list_due_mails(NOW + timedelta(days=999), 10) == []
        assert [lead.status for lead in store.iter_leads()] == [Status.EXPIRED]

    def test_only_the_holder_of_the_lease_settles(self, store: Store) -> None:
        """A worker whose lease another has taken over changes neither mail nor lead."""
        admit(store)
        (mail_id,) = store.list_due_mails(NOW, 10)
        mail = claim_mail(store, mail_id, lambda mail, _lead: mail.claimed("me", NOW))
        later = NOW + timedelta(hours=1)
        claim_mail(store, mail_id, lambda mail, _lead: mail.claimed("another", later))
        assert mail is not None

        kept = store.settle_mail(mail.refused("no", NOW), "me", lambda lead: replace(lead, status=Status.EXPIRED))

        assert not kept
        assert [lead.status for lead in store.iter_leads()] == [Status.INVITED]
        assert store.list_due_mails(later + timedelta(hours=1), 10) == [mail_id]

    def test_a_mail_without_a_lead_is_queued_once(self, store: Store) -> None:
        """A mail without a lead is added once, and is claimed and settled like any other."""
        mail = replace(builders.invitation(), id="a-digest", lead_id="", kind=MailKind.DIGEST)

        before = store.has_mail("a-digest")
        added = [store.add_mail(mail), store.add_mail(replace(mail, to="another@example.com"))]

        assert (before, added, store.has_mail("a-digest")) == (False, [True, False], True)
        taken = claim_mail(store, "a-digest", lambda mail, lead: None if lead else mail.claimed("me", NOW))
        assert taken is not None
        assert taken.to == mail.to
        assert store.settle_mail(taken.refused("no", NOW), "me", lambda lead: lead)
        assert store.list_due_mails(NOW + timedelta(days=999), 10) == []
