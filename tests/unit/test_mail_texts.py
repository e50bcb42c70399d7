"""The words of our mails."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from prequal.core.lead import Status
from prequal.core.scoring import score
from support import builders
from support.builders import NOW
from support.mails import read


def brief_text(**changes: Any) -> str:
    """Return the text of the brief of a first submission."""
    mail = builders.composer().brief(builders.lead(**changes), None, NOW)
    assert mail is not None
    return read(mail).text


class TestInvitation:
    def test_it_says_what_they_need(self) -> None:
        """The link, until when it works, and what to think about, in the text as in the HTML."""
        mail = read(builders.invitation())

        link = re.search(r"https://studio\.example/b/\S+", mail.text)
        assert link is not None
        for words in ("Hello Ada Lovelace,", "March 15, 2026", "What should change?", "https://studio.example/privacy"):
            assert words in mail.text
            assert words in mail.html
        assert f'href="{link[0]}"' in mail.html

    def test_it_is_in_their_language(self) -> None:
        """Everything of it is in the prospect's language."""
        mail = read(builders.invitation(lang="fr"))

        assert "Bonjour Ada Lovelace" in mail.text
        assert "15 mars 2026" in mail.text
        assert "Que doit-il changer ?" in mail.text
        assert '<html lang="fr">' in mail.html
        assert mail.subject != read(builders.invitation()).subject

    def test_its_headers_are_fixed_when_it_is_written(self) -> None:
        """Message-ID and Date are the mail's own from the beginning; answers come to us, and no machine answers."""
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

    @pytest.mark.parametrize(
        "name",
        [
            "Buy at http://spam.example now",
            "www.spam.example",
            "spam.example/offer",
            "Win 1000000",
            "me@spam.example",
            "Win cash at spam.example now",
        ],
    )
    def test_it_carries_nobodys_advertisement(self, name: str) -> None:
        """A name that advertises something is not sent on to whatever address was typed."""
        mail = read(builders.invitation(name=name))

        assert name not in mail.text + mail.html + mail.subject
        assert mail.text.startswith("Hello,\n")

    def test_names_are_text(self) -> None:
        """A name is never markup."""
        mail = read(builders.invitation(name="<b>Ada</b>"))

        assert "<b>Ada</b>" not in mail.html
        assert "&lt;b&gt;Ada&lt;/b&gt;" in mail.html
        assert "<b>Ada</b>" in mail.text

    def test_only_the_invited_get_one(self) -> None:
        """A lead without an invitation can't be sent one."""
        with pytest.raises(ValueError, match="without an invitation"):
            builders.invitation(budget="below")

    def test_the_same_lead_has_the_same_mail(self) -> None:
        """The same mail written twice is equal, so that a repeated transaction makes no second mail."""
        assert builders.invitation() == builders.invitation()


class TestBrief:
    def test_nobody_wants_one_unless_set(self) -> None:
        """Without an owner's address there is none."""
        assert builders.composer(owner="").brief(builders.lead(), None, NOW) is None

    def test_it_explains_every_point(self) -> None:
        """Each question with its answer in words and its points, and the total that they make."""
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

    def test_what_was_not_answered_is_said(self) -> None:
        """A question without an answer is there too, with no points."""
        assert re.search(r" 0 {2}How many pages\?\n +no answer", brief_text())

    def test_it_goes_to_the_owner_and_its_answer_to_the_prospect(self) -> None:
        """An answer to the brief reaches the prospect."""
        mail = builders.composer().brief(builders.lead(), None, NOW)

        assert mail is not None
        assert (mail.to, mail.reply_to) == ("owner@studio.example", "ada@example.com")

    def test_its_subject_is_an_entry_for_the_calendar(self) -> None:
        """Who calls, and how good a lead it is: it needs no other words once it is an appointment."""
        mail = builders.composer().brief(builders.lead(company="Engines"), None, NOW)

        assert mail is not None
        assert read(mail).subject == "Call: Ada Lovelace, Engines · Warm 40/65"

    def test_it_helps_to_look_them_up(self) -> None:
        """Their site, the site behind their address, and searches for their name."""
        text = brief_text(website="lovelace.example", company="Engines & Co", email="ada@engines.example")

        assert "https://lovelace.example" in text
        assert "The site behind their address\n  https://engines.example" in text
        assert "q=Ada%20Lovelace%20Engines%20%26%20Co" in text

    def test_a_domain_that_only_ends_alike_is_another(self) -> None:
        """art.com is not in smart.com."""
        assert "\n  https://art.example\n" in brief_text(website="smart.example", email="ada@art.example")

    @pytest.mark.parametrize("email", ["ada@gmail.com", "ada@hotmail.fr", "ada@lovelace.example"])
    def test_a_domain_that_says_nothing_new_is_left_out(self, email: str) -> None:
        """The domain of a mail provider, or of the site that is there already, is no link of its own."""
        domain = email.partition("@")[2]
        text = brief_text(website="www.lovelace.example", email=email)

        assert f"\n  https://{domain}\n" not in text

    def test_changed_answers_are_shown(self) -> None:
        """On another attempt the owner sees what was said before, and what now."""
        before = builders.lead(budget="below", goals="A site")
        after = replace(builders.lead(NOW + timedelta(hours=1), goals="A site"), attempts=2)

        mail = builders.composer().brief(after, before, NOW)

        assert mail is not None
        changed = read(mail).text.partition("Changed since the last attempt")[2].partition("Answers and points")[0]
        assert "Less" in changed
        assert "About that" in changed
        assert "A site" not in changed

    def test_a_changed_site_is_shown(self) -> None:
        """Who they say they are may change as well as what they want."""
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
    def test_what_became_of_the_last_attempt(self, status: Status, ended: str) -> None:
        """The owner sees when they came before, how good they were, and how it ended."""
        later = NOW + timedelta(days=60)  # when it ended, or was scored anew
        before = replace(builders.lead(budget="below", timeline="rushed"), status=status, updated_at=later)
        after = replace(builders.lead(NOW + timedelta(days=90)), attempts=2)

        mail = builders.composer().brief(after, before, NOW)

        assert mail is not None
        assert f"Last time\n---------\n\nMarch 2, 2026\nCold: -10 of 65 points{ended}\n" in read(mail).text
        assert f"Cold: -10 of 65 points{ended}" in read(mail).html
        assert "Last time" not in brief_text()

    def test_what_to_ask(self) -> None:
        """Questions that the prospect skipped come first, then the suggested ones, with prices filled in."""
        text = brief_text(pages=7, services=["design"])

        asked = text.partition("Ask in the call\n---------------\n\n")[2].partition("\n\n")[0]
        assert asked.splitlines() == [
            "- What should change?",
            "- What do you have today?",
            "- Is there a budget of €5,000?",
        ]

    def test_what_to_ask_is_a_handful(self) -> None:
        """However much was left out, nobody keeps more than a handful of questions in mind."""
        writer = replace(builders.composer(), suggestions=[f"Question {number}?" for number in range(9)])

        mail = writer.brief(builders.lead(), None, NOW)

        assert mail is not None
        assert re.findall(r"Question (\d)\?", read(mail).text) == ["0", "1", "2"]

    def test_where_they_came_from(self) -> None:
        """The source is there when there is one."""
        assert "utm_campaign: spring" in brief_text(utm_campaign="spring")
        assert "utm_campaign" not in brief_text()

    def test_its_total_is_the_scores(self) -> None:
        """The brief shows the score that was stored, not one of its own."""
        lead = builders.lead()
        higher = replace(lead, score=replace(score(builders.form(), lead.answers), total=64))

        mail = builders.composer().brief(higher, None, NOW)

        assert mail is not None
        assert "64 of 65" in read(mail).text
