"""The owner's own words in mails and pages, in place of ours."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from prequal.core.documents import mail_document, mail_from
from prequal.core.form import Voice, form_from
from prequal.core.mail import Mail
from prequal.pages.site import Site
from prequal.pages.wording import catalogue, filled, placeholders
from prequal.services.mail_composer import MailComposer
from support import builders
from support.builders import NOW
from support.mails import read

_INVITATION = {
    "subject": "{business}: shall we talk?",
    "opening": "Your dinnerware starts at {starting_price}.\n\nI’d like to hear more.",
    "closing": "Bring a <picture>.",
    "signature": "Mira Lund\nPotter",
}


def composer(language: str = "en", **content: Any) -> MailComposer:
    """Return a composer of mails with the owner's words in one language."""
    return replace(builders.composer(), content={builders.form().id: {language: content}})


def reminder(**content: Any) -> Mail:
    """Return the reminder of a lead in English."""
    return composer(**content).reminder(builders.lead(), NOW)


def test_an_invitation_in_the_owners_words() -> None:
    """Each part replaces ours, with placeholders filled in, lines kept and markup escaped."""
    mail = read(composer(invitation=_INVITATION).invitation(builders.lead(), NOW))

    assert mail.subject == "Studio North: shall we talk?"
    assert "Your dinnerware starts at €5,000.\n\nI’d like to hear more.\n" in mail.text
    assert "Your dinnerware starts at €5,000.<br><br>I’d like to hear more." in mail.html
    assert "\n\nBring a <picture>.\n\nMira Lund\nPotter\nhttps://studio.example\n" in mail.text
    assert "Bring a &lt;picture&gt;." in mail.html
    assert "Mira Lund<br>Potter<br>" in mail.html
    for ours in ("getting in touch", "ask something first", "Studio North"):
        assert ours not in mail.text


def test_parts_that_are_left_out_are_ours() -> None:
    """Only the given parts are replaced."""
    ours = read(builders.invitation())
    mail = read(composer(invitation={"signature": "Mira"}).invitation(builders.lead(), NOW))

    assert (mail.subject, mail.text) == (ours.subject, ours.text.replace("\nStudio North\n", "\nMira\n"))


def test_another_language_keeps_its_own_words() -> None:
    """A prospect gets the words of their language."""
    mail = read(composer("en", invitation=_INVITATION).invitation(builders.lead(lang="fr"), NOW))

    assert mail.text == read(builders.invitation(lang="fr")).text


def test_a_reminder_is_signed_as_the_invitation() -> None:
    """A reminder takes subject and signature from the invitation, unless it has its own, and nothing that was said."""
    assert read(reminder(invitation=_INVITATION)).subject == "Studio North: shall we talk?"
    mail = read(reminder(invitation=_INVITATION, reminder={"subject": "Still there?"}))
    assert mail.subject == "Still there?"
    assert "A little while ago we invited you to a call." in mail.text
    assert "\nMira Lund\nPotter\nhttps" in mail.text
    assert "dinnerware" not in mail.text

    own = reminder(invitation=_INVITATION, reminder={"signature": "M.", "opening": "Hi again.", "closing": "Bye."})
    assert "\n\nBye.\n\nM.\nhttps" in read(own).text
    assert "Hi again." in read(own).html


def test_the_words_of_the_moment_travel_with_the_mail() -> None:
    """A mail that comes back from its store is the same; one without words holds nothing of them."""
    mail = composer(invitation=_INVITATION).invitation(builders.lead(), NOW)

    assert read(mail_from(mail_document(mail))).text == read(mail).text
    assert {"words", "voice"}.isdisjoint(builders.invitation().content)


def test_a_mail_of_an_earlier_version_is_rendered() -> None:
    """A mail that was queued before there were words or a voice has ours, of several people."""
    mail = builders.invitation()
    older = replace(mail, content={key: mail.content[key] for key in _CONTENT_OF_0_2})

    assert "We’d like to talk with you" in read(older).text


# The keys of an invitation's content when only the form's words travelled with it.
_CONTENT_OF_0_2 = ("name", "link", "expires_at", "prepare", "business", "price")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\n\n"])
def test_no_word_of_a_subject_adds_a_header(line_end: str) -> None:
    """Wherever a line break comes from, the subject is one line and the headers are ours."""
    subject = f"Hello{line_end}Reply-To: eve@evil.example{line_end}{line_end}Pay"
    mail = composer(invitation={"subject": subject}).invitation(builders.lead(), NOW)
    message = read(mail).message

    assert message["Reply-To"] == mail.reply_to
    assert message["Subject"].split() == ["Hello", "Reply-To:", "eve@evil.example", "Pay"]
    assert message.keys() == read(builders.invitation()).message.keys()


def test_the_thank_you_page_in_the_owners_words() -> None:
    """Title, steps and something more for everybody replace our sentences, or follow them; links are links."""
    own = {
        "title": "Got it",
        "text": ["We read it tonight.", "Then we write."],
        "more": ["See https://pots.example/care"],
    }

    page = _site(thanks=own).thanks("en")
    for words in ("<h1>Got it</h1>", "<li>We read it tonight.</li>", "<li>Then we write.</li>"):
        assert words in page
    assert 'href="https://pots.example/care"' in page
    assert "good fit" not in page

    page = _site(thanks={"more": ["Bye"]}).thanks("en")
    for words in ("Your answers have arrived", "good fit", "Bye</p>"):
        assert words in page


def test_the_thank_you_page_names_the_mail_to_look_for() -> None:
    """It has the sender and the subject of the invitation, the owner's or ours; without a sender, neither."""
    known = replace(_site(invitation=_INVITATION), sender='"Studio North" <hello@studio.example>')
    for words in ("<dd>Studio North</dd>", "<dd>hello@studio.example</dd>", "<dd>Studio North: shall we talk?</dd>"):
        assert words in known.thanks("en")
    assert "<dd>Studio North : choisissez" in replace(_site(), sender="a@b.example").thanks("fr").replace("\xa0", " ")
    assert "<dd>" not in _site(invitation=_INVITATION).thanks("en")


def test_the_call_in_the_owners_words() -> None:
    """Inboxes show the call and the last day first; it stands in both parts, in the reminder, and behind the link."""
    own = composer(invitation={**_INVITATION, "call": "Half an hour at {business}."})
    for mail in (own.invitation(builders.lead(), NOW), own.reminder(builders.lead(), NOW)):
        beginning = re.sub("<[^>]+>", "", read(mail).html.partition("<body")[2].partition("</div>")[0])
        assert beginning.endswith("Half an hour at Studio North. Pick a time by March 15, 2026.")
        assert "\n\nHalf an hour at Studio North.\n\n" in read(mail).text

    page = _site(invitation={**_INVITATION, "call": "Half an hour, free."}).invitation(builders.lead(), "/b/t", "en")
    for words in ("Half an hour, free.", "Your dinnerware starts at €5,000."):
        assert words in page


def test_the_privacy_note_ends_in_the_owners_words() -> None:
    """Paragraphs of the owner follow the rest of the note; without them there is no heading for them."""
    more = ["{business} is bound by secrecy.", "Write to us: law@studio.example"]
    page = _site(privacy={"contact": "C", "more": more}).privacy("en")
    assert "<p>Studio North is bound by secrecy.</p>" in page
    assert 'href="mailto:law@studio.example"' in page

    assert "Also good to know" in page
    assert "Also good to know" not in _site().privacy("en")


def test_no_line_ends_where_a_language_forbids_it() -> None:
    """In our sentences and the owner's, words of one letter, dashes and French punctuation are bound; others stay."""
    assert filled(["Zdjęcia i opis: www.a.pl/o/z"], placeholders(builders.form(), "pl")) == [
        "Zdjęcia i\u00a0opis: www.a.pl/o/z"
    ]
    assert filled("И в дом", placeholders(builders.form(), "ru")) == "И в дом".replace(" ", "\u00a0")
    assert filled("Да — нет", placeholders(builders.form(), "ru")) == "Да\u00a0— нет"
    assert filled("Tak – nie", placeholders(builders.form(), "pl")) == "Tak\u00a0– nie"
    assert (
        filled("Où : «ici» ? https://a.fr/?b", placeholders(builders.form(), "fr"))
        == "Où\u00a0: «ici»\u00a0? https://a.fr/?b"
    )
    assert filled("I saw a i w o", placeholders(builders.form(), "en")) == "I saw a i w o"
    for voice in Voice:
        assert "z\u00a0linkiem" in catalogue("pl", voice).gettext(_GOOD_FIT)


_GOOD_FIT = (
    "If it looks like a good fit, you’ll get an email with a link to choose a time for a call, usually within minutes. "
    "It may land among the junk mail, so look there too."
)


def _site(**content: Any) -> Site:
    texts = {"description": "D", "privacy": {"contact": "C"}, **content}
    names = ("icon.png", "icon.svg", "style.css")
    return Site(
        form=form_from(builders.document()),
        content={"en": texts, "fr": texts},
        assets=dict.fromkeys(names, "/a"),
        public_url="https://studio.example",
    )
