"""Texts of invitations and briefs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from prequal.core.form import Method
from prequal.core.lead import Booking, Note, Status
from prequal.core.lifecycle import booked
from prequal.core.mail import MailKind
from prequal.core.scoring import score
from prequal.desk.actions import actions_for
from prequal.pages.mails import render_mail
from prequal.pages.zone import Zone
from support import builders
from support.builders import NOW
from support.mails import ReadMail, read


def brief_text(**changes: Any) -> str:
    """Return the text of the brief of a first submission."""
    mail = builders.composer().brief(builders.lead(**changes), None, NOW)
    assert mail is not None
    return read(mail).text


class TestInvitation:
    def test_it_holds_link_expiry_and_preparation(self) -> None:
        """Text and HTML hold the booking link, its last day, and the form's questions to prepare."""
        mail = read(builders.invitation())

        link = re.search(r"https://studio\.example/b/\S+", mail.text)
        assert link is not None
        for words in ("Hello,", "March 15, 2026", "What should change?", "https://studio.example/privacy"):
            assert words in mail.text
            assert words in mail.html
        assert f'href="{link[0]}"' in mail.html

    def test_it_is_in_the_prospects_language(self) -> None:
        """Subject, text and HTML are in the prospect's language."""
        mail = read(builders.invitation(lang="fr"))

        assert mail.text.startswith("Bonjour,\n")
        assert "15 mars 2026" in mail.text
        assert "Que doit-il changer\xa0?" in mail.text
        assert '<html lang="fr">' in mail.html
        assert mail.subject != read(builders.invitation()).subject

    def test_its_headers_are_fixed_when_it_is_queued(self) -> None:
        """Message-ID and Date come from the queued mail; replies go to the sender."""
        mail = builders.invitation()

        headers = dict(read(mail).message.items())

        assert (
            headers.items()
            >= {
                "Message-ID": f"<{mail.id}@studio.example>",
                "Date": "Mon, 02 Mar 2026 09:30:00 +0000",
                "Auto-Submitted": "auto-generated",
                "To": "ada@example.com",
                "From": "Studio North <hello@studio.example>",
                "Reply-To": "Studio North <hello@studio.example>",
            }.items()
        )

    @pytest.mark.parametrize("kind", ["invitation", "reminder"])
    def test_nothing_that_was_typed_goes_to_an_unproven_address(self, kind: str) -> None:
        """Anybody may have typed the address: the mail has neither the name nor any answer."""
        typed = {"name": "Win at evil。com", "company": "evil.example", "goals": "Call +⁴⁴ ⁷⁹⁰⁰"}
        lead = builders.lead(**typed)

        mail = read(getattr(builders.composer(), kind)(lead, NOW))

        for text in typed.values():
            assert text not in mail.text + mail.html + mail.subject
        assert mail.text.startswith("Hello,\n")

    def test_a_proven_address_is_greeted_by_name(self) -> None:
        """Once a link was used, later mail greets by name; markup in it is escaped in the HTML."""
        lead = replace(builders.lead(name="<b>Ada</b>"), proven=True)

        mail = read(builders.composer().reminder(lead, NOW))

        assert mail.text.startswith("Hello <b>Ada</b>,\n")
        assert "<b>Ada</b>" not in mail.html
        assert "&lt;b&gt;Ada&lt;/b&gt;" in mail.html

    @pytest.mark.parametrize(
        ("language", "greeting"), [("pl", "Dzień dobry!\n"), ("ru", "Здравствуйте, Ada Lovelace!\n")]
    )
    def test_a_name_is_greeted_as_it_is(self, language: str, greeting: str) -> None:
        """A name that can't be put into another case stands where the nominative is right, or not at all."""
        composer = replace(
            builders.composer(),
            forms=builders.lead_forms(replace(builders.form(), languages=(language,), prepare={language: ()})),
        )
        lead = replace(builders.lead(), proven=True, language=language)

        assert read(composer.reminder(lead, NOW)).text.startswith(greeting)

    def test_the_link_is_in_the_text_once(self) -> None:
        """The text has the link once, on a line of its own; the HTML shows it only at its end, below the signature."""
        mail = read(builders.invitation())
        [link] = re.findall(r"^https://studio\.example/b/\S+$", mail.text, re.MULTILINE)

        assert mail.text.count(link) == 1
        assert mail.html.count(f">{link}<") == 1
        assert mail.html.index(f">{link}<") > mail.html.index(">https://studio.example<")

    def test_inboxes_show_more_than_the_subject(self) -> None:
        """The first words of each kind of mail are for the inbox: they say what is not in the subject."""
        mail, owner = builders.invitation(), builders.composer()
        lead = replace(TestCall.LEAD, proven=True)
        known = {
            MailKind.INVITATION: ("Pick a time by March 15, 2026.", mail),
            MailKind.BRIEF: ("About that · This season", owner.brief(lead, None, NOW)),
            MailKind.DEBRIEF: ("It’s won · It’s lost", owner.follow_up(MailKind.DEBRIEF, lead, NOW)),
            MailKind.SIGN_IN: ("It works once, for 15 minutes.", None),
            MailKind.NOTICE: ("List them, and release those", None),
        }
        content = {"link": "https://studio.example", "business": "Studio North", "minutes": 15, "most_a_day": 50}
        for kind, (words, rendered) in known.items():
            html = read(rendered or replace(mail, kind=kind, content=content)).html
            preheader = re.search(r'<body[^>]*>\s*<div style="max-height: 0[^>]*>(.*?)</div>', html, re.DOTALL)
            assert preheader is not None
            assert preheader[1].strip().startswith(words)

    def test_nothing_is_loaded(self) -> None:
        """No mail program asks a server for a picture, a font or a style."""
        assert not re.search(r"<(img|link|script)|url\(|@import|src=", read(builders.invitation()).html)

    def test_a_lead_without_an_invitation_is_refused(self) -> None:
        """Composing the invitation of a lead that has none raises an error."""
        with pytest.raises(ValueError, match="without an invitation"):
            builders.invitation(budget="below")

    def test_equal_leads_have_equal_mails(self) -> None:
        """Composing twice gives equal mails, so that a repeated transaction queues no second one."""
        assert builders.invitation() == builders.invitation()


class TestBrief:
    def test_there_is_none_without_an_owner(self) -> None:
        """Without an owner's address, no brief is composed."""
        assert builders.composer(owner="").brief(builders.lead(), None, NOW) is None

    def test_it_explains_every_point(self) -> None:
        """The brief shows every question with its answer and points, and the total."""
        text = brief_text(pages=7, services=["design", "build"], goals="More orders\nfrom shops")

        assert "Hot: 65 of 65 points" in text
        assert "Fit 45 (at least 20) · Intent 20" in text
        for line in (
            "+20  Our projects start at €5,000",
            "About that",
            "+10  How many pages?",
            "+15  What do you need?",
        ):
            assert line in text
        assert "Design, Building" in text
        assert "from shops" in text

    def test_desired_answers(self) -> None:
        """The total of a form that counts desired answers is not said to be points."""
        lead = builders.lead()
        counted = replace(lead, score=replace(lead.score, method=Method.TRAITS, total=4, max=6))

        mail = builders.composer().brief(counted, None, NOW)

        assert mail
        for words in (read(mail).text, read(mail).html):
            assert "Warm: 4 of 6 desired answers" in words
            assert "points" not in words

    def test_an_unanswered_question_is_shown(self) -> None:
        """A question without an answer is shown with no points."""
        assert re.search(r" 0 {2}How many pages\?\n +no answer", brief_text())

    def test_it_goes_to_the_owner_and_replies_go_to_the_prospect(self) -> None:
        """The brief is addressed to the owner, and a reply to it to the prospect."""
        mail = builders.composer().brief(builders.lead(), None, NOW)

        assert mail is not None
        assert (mail.to, mail.reply_to) == ("owner@studio.example", "ada@example.com")

    def test_its_subject_suits_a_calendar(self) -> None:
        """The subject names the prospect, the company and the score, so that it can title an appointment."""
        mail = builders.composer().brief(builders.lead(company="Engines"), None, NOW)

        assert mail is not None
        assert read(mail).subject == "Call: Ada Lovelace, Engines · Warm 40/65"

    def test_it_leads_to_the_desk(self) -> None:
        """Text and HTML link to the lead's page at the desk; a mail of an earlier version has no such link."""
        lead = builders.lead()
        mail = builders.composer().brief(lead, None, NOW)

        assert mail is not None
        page = f"https://studio.example/desk/leads/{lead.id}"
        assert f"Open at the desk:\n{page}\n" in read(mail).text
        assert f'href="{page}"' in read(mail).html
        earlier = replace(mail, content={name: each for name, each in mail.content.items() if name != "desk_page"})
        assert "at the desk" not in read(earlier).text + read(earlier).html

    def test_it_says_why_nobody_was_invited(self) -> None:
        """On a lead that does not qualify, subject and first lines say so and why, and the link is to the form."""
        lead = builders.lead(**builders.UNQUALIFIED)
        mail = builders.composer().brief(lead, None, NOW)

        assert mail is not None
        assert read(mail).subject == "Not invited: Ada Lovelace · Cold -10/65"
        assert read(mail).text.startswith(
            "Ada Lovelace\n"
            "Cold: -10 of 65 points\n"
            "Fit 0 (at least 20) · Intent -10\n\n"
            "They were not invited, and no mail went to them.\n"
            "Ruled out: Cannot afford the starting price.\n"
            "-10 of 65 points; Warm begins at 30.\n"
            "Fit is 0, and the minimum 20.\n\n"
        )
        assert "Ruled out: Cannot afford the starting price." in read(mail).html
        for part in (read(mail).text, read(mail).html):
            assert f"https://studio.example/desk/leads/{lead.id}#invite" in part

    def test_it_links_to_sites_and_searches(self) -> None:
        """The brief links to the prospect's site, to the site of the mail domain, and to searches for the name."""
        text = brief_text(website="lovelace.example", company="Engines & Co", email="ada@engines.example")

        assert "https://lovelace.example" in text
        assert "The site behind their address\n  https://engines.example" in text
        assert "q=Ada%20Lovelace%20Engines%20%26%20Co" in text

    @pytest.mark.parametrize("website", ["foo\u2013bar.de", "http//www.foo.com", "info@foo.de", "coming soon", "none"])
    def test_it_has_no_dead_link(self, website: str) -> None:
        """A website that surely is no address is shown as it was typed, without a link."""
        text = brief_text(website=website)

        assert f"Website: {website}" in text
        assert "Their website" not in text

    def test_a_domain_with_the_same_ending_is_another(self) -> None:
        """A domain is not taken for part of another that only ends with the same letters."""
        assert "\n  https://art.example\n" in brief_text(website="smart.example", email="ada@art.example")

    @pytest.mark.parametrize("email", ["ada@gmail.com", "ada@hotmail.fr", "ada@lovelace.example"])
    def test_a_domain_without_information_is_left_out(self, email: str) -> None:
        """The domain of a mail provider or of the named site is not linked separately."""
        domain = email.partition("@")[2]
        text = brief_text(website="www.lovelace.example", email=email)

        assert f"\n  https://{domain}\n" not in text

    def test_changed_answers_are_shown(self) -> None:
        """After a later attempt, the brief shows each changed answer before and after."""
        before = builders.lead(budget="below", goals="A site")
        after = replace(builders.lead(NOW + timedelta(hours=1), goals="A site"), attempts=2)

        mail = builders.composer().brief(after, before, NOW)

        assert mail is not None
        changed = read(mail).text.partition("Changed since the last attempt")[2].partition("Answers and points")[0]
        assert "Less" in changed
        assert "About that" in changed
        assert "A site" not in changed

    def test_a_changed_site_is_shown(self) -> None:
        """After a later attempt, the brief shows a changed company."""
        before = builders.lead(company="Engines")
        after = replace(builders.lead(NOW + timedelta(hours=1), company="Bernoulli & Sons"), attempts=2)

        mail = builders.composer().brief(after, before, NOW)

        assert mail is not None
        assert "Company\n  Engines\n→ Bernoulli & Sons\n" in read(mail).text
        assert "Bernoulli &amp; Sons" in read(mail).html

    @pytest.mark.parametrize(
        ("status", "ended"),
        [
            (Status.RECEIVED, ", Cannot afford the starting price"),
            (Status.EXPIRED, ", did not book"),
            (Status.WON, ", won"),
            (Status.LOST, ", lost"),
        ],
    )
    def test_the_last_round_is_summarised(self, status: Status, ended: str) -> None:
        """After a later attempt, the brief shows the date, score and result of the previous round."""
        later = NOW + timedelta(days=60)  # the end of the round, or a rescoring
        before = replace(builders.lead(budget="below", timeline="rushed"), status=status, updated_at=later)
        after = replace(builders.lead(NOW + timedelta(days=90)), attempts=2)

        mail = builders.composer().brief(after, before, NOW)

        assert mail is not None
        assert f"Last time\n---------\n\n2 March 2026\nCold: -10 of 65 points{ended}\n" in read(mail).text
        assert f"Cold: -10 of 65 points{ended}" in read(mail).html
        assert "Last time" not in brief_text()

    def test_questions_for_the_call(self) -> None:
        """The questions for the call are the unanswered ones of the form, then suggestions with prices filled in."""
        text = brief_text(pages=7, services=["design"])

        asked = text.partition("Ask in the call\n---------------\n\n")[2].partition("\n\n")[0]
        assert asked.splitlines() == [
            "- What should change?",
            "- What do you have today?",
            "- Is there a budget of €5,000?",
        ]

    def test_few_questions_are_suggested(self) -> None:
        """At most three suggestions are shown."""
        suggestions = {"web-design": [f"Question {number}?" for number in range(9)]}
        composer = replace(builders.composer(), suggestions=suggestions)

        mail = composer.brief(builders.lead(), None, NOW)

        assert mail is not None
        assert re.findall(r"Question (\d)\?", read(mail).text) == ["0", "1", "2"]

    def test_the_source_is_shown(self) -> None:
        """The source is shown if there is one."""
        assert "utm_campaign: spring" in brief_text(utm_campaign="spring")
        assert "utm_campaign" not in brief_text()

    def test_lines_end_between_words(self) -> None:
        """A line of the text has at most 72 characters, and a word with a hyphen stays whole."""
        mail = builders.composer().brief(builders.lead(goals="well-known words " * 20), None, NOW)
        assert mail is not None
        lines = [line for line in read(mail).text.splitlines() if "://" not in line]
        assert max(map(len, lines)) <= 72
        assert not [line for line in lines if re.search(r"\w-$", line)]

    def test_the_stored_total_is_shown(self) -> None:
        """The brief shows the stored score and does not compute its own."""
        lead = builders.lead()
        higher = replace(lead, score=replace(score(builders.form(), lead.answers), total=64))

        mail = builders.composer().brief(higher, None, NOW)

        assert mail is not None
        assert "64 of 65" in read(mail).text


class TestCall:
    """Mails around a call at 14:00 in Oslo."""

    LEAD = booked(
        replace(builders.lead(company="Engines"), notes=(Note(at=NOW, by="owner", text="Met at the <b>fair</b>"),)),
        Booking(id="one", booked_at=NOW, starts_at=datetime(2026, 3, 5, 13, tzinfo=UTC)),
        NOW,
    )

    def read(self, kind: MailKind, zone: str = "Europe/Oslo") -> ReadMail:
        """Render the mail of a kind for an owner in a time zone."""
        mail = builders.composer().follow_up(kind, self.LEAD, NOW)
        assert mail is not None
        return read(replace(mail, message=render_mail(mail, Zone(ZoneInfo(zone)))))

    def test_the_brief_of_the_morning_says_when(self) -> None:
        """Subject and first lines have the time in the owner's zone; notes, answers and questions follow."""
        mail = self.read(MailKind.BRIEF)

        assert mail.subject == "Call at 14:00: Ada Lovelace, Engines · Warm 40/65"
        assert mail.text.startswith("Ada Lovelace\nYour call: 5 Mar 2026, 14:00\nWarm: 40 of 65 points\n")
        for words in ("Your call: 5 Mar 2026, 14:00", "Answers and points", "Ask in the call", "/desk/leads/"):
            assert words in mail.text
            assert words in mail.html
        assert "- Met at the <b>fair</b>\n" in mail.text
        assert "Met at the &lt;b&gt;fair&lt;/b&gt;" in mail.html

    def test_utc_is_named(self) -> None:
        """Times say that they are in UTC, as they are in the cloud if the owner has set no zone."""
        assert self.read(MailKind.BRIEF, "UTC").subject.startswith("Call at 13:00 UTC: ")

    def test_the_question_leads_to_each_answer(self) -> None:
        """HTML links to the forms of the lead's page: won, lost, an offer, a note. The text links to the page once."""
        mail = self.read(MailKind.DEBRIEF)

        assert mail.subject == "How was the call with Ada Lovelace, Engines?"
        assert "It was set for 5 Mar 2026, 14:00." in mail.text
        page = f"https://studio.example/desk/leads/{self.LEAD.id}"
        for part in ("won", "lost", "offered", "note"):
            assert f'href="{page}#{part}"' in mail.html
        assert f"It’s won · It’s lost · An offer is made · Write a note\n{page}\n" in mail.text
        offers = [action.name for action in actions_for(self.LEAD)]
        assert {"won", "lost", "offered"} <= {*offers}
