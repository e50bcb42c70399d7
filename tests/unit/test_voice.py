"""The voice of a form: with `voice: I`, every sentence of ours to visitors is in the first person singular."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

import pytest
from babel.messages.pofile import read_po

from prequal.core.answers import make_parser
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Form, Voice, form_from
from prequal.core.mail import Mail
from prequal.pages.past_clients import QuestionnaireSite
from prequal.pages.site import Notice, Site
from prequal.pages.wording import CATALOGUES, DOMAIN, catalogue, languages
from prequal.services.mail_composer import MailComposer
from support import builders
from support.builders import NOW
from support.mails import read

# Words of the first person plural, in Polish and Russian with the endings of verbs.
_WE = {
    "en": r"we|us|ours?",
    "fr": r"nous|notre|nos|nôtres?",
    "nl": r"we|wij|ons|onze|jullie",
    "ru": r"мы|нас|нам|нами|наш\w*|\w+(?:[аяуе]ем|[жчшщлдвзрстмпб]им|[жшлврдсмб]ем)(?:ся)?",
    "pl": r"my|nas|nam|nami|nasz\w*|\w+my",
}
# Words that only look like it.
_OTHERS = {"ru": {"вашем", "писем"}, "pl": {"firmy"}}
_OF_THE_OWNER = {
    "briefs.py",
    "digests.py",
    "labels.py",
    "shortfall.py",
    "_digest.txt",
    "_score.txt",
    "brief.html",
    "brief.txt",
    "debrief.html",
    "debrief.txt",
    "digest.html",
    "digest.txt",
}
_NOTICE_TO_THE_OWNER = ("mail/notice.html", "mail/notice.txt")
_CONTENT = {
    "title": "T",
    "description": "D",
    "hero": {"headline": "H", "lead": "L", "action": "A"},
    "form": {"title": "F"},
    "privacy": {"contact": "C"},
}


def first_person_plural(text: str, language: str) -> list[str]:
    """Return the words of a text that say we."""
    found = re.findall(rf"(?<!\w)(?:{_WE[language]})(?!\w)", text, re.IGNORECASE)
    return [word for word in found if word.lower() not in _OTHERS.get(language, set())]


def sentences_for_visitors() -> list[str]:
    """Return our sentences, but those that only the owner reads."""
    with (CATALOGUES / "en" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id and not message.context]
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in messages
        if not all(
            PurePath(place).name in _OF_THE_OWNER or place.endswith(_NOTICE_TO_THE_OWNER)
            for place, _ in message.locations
        )
    ]


def form(voice: str | None = "I") -> Form:
    """Return a form in every language, with this voice."""
    document = {
        **builders.document(),
        "languages": languages(),
        "questions": [
            {"id": "budget", "axis": "fit", "type": "one", "label": "B", "options": [{"id": "a", "label": "A"}]}
        ],
        **({"voice": voice} if voice else {}),
    }
    document["invitation"] = {}
    return form_from(document)


def site(voice: str | None = "I") -> Site:
    """Return the pages of such a form."""
    names = ("form.js", "icon.png", "icon.svg", "share.png", "style.css")
    assets = {name: f"/assets/{name}" for name in names}
    content = dict.fromkeys(languages(), _CONTENT)
    return Site(form=form(voice), content=content, assets=assets, public_url="https://studio.example")


def mails(language: str, voice: str | None = "I") -> list[Mail]:
    """Return the mails that a prospect gets from such a form."""
    composer = replace(builders.composer(), forms=builders.lead_forms(form(voice)))
    lead = replace(builders.lead(), language=language)
    return [composer.invitation(lead, NOW), composer.reminder(lead, NOW)]


def pages(language: str) -> Iterator[str]:
    """Yield every page that a visitor can meet."""
    rendered = site()
    yield rendered.landing(language)
    yield rendered.landing(language, trouble=True)
    yield rendered.landing(language, {}, _errors(rendered.form))
    yield rendered.thanks(language)
    yield rendered.privacy(language)
    yield replace(rendered, turnstile_key="key").privacy(language)
    yield rendered.invitation(builders.lead(), "/b/token", language)
    asked = QuestionnaireSite.of(rendered, "/b/clients/token")
    yield asked.landing(language)
    yield asked.landing(language, {}, _errors(asked.form))
    yield asked.thanked(language)
    yield from (rendered.notice(notice, language) for notice in Notice)


def _errors(asked: Form) -> InvalidAnswersError:
    with pytest.raises(InvalidAnswersError) as caught:
        make_parser(asked)({"email": "a\u00f8@example.com"})
    return caught.value


@pytest.mark.parametrize("language", languages())
def test_no_sentence_to_visitors_says_we(language: str) -> None:
    """In each catalogue, a sentence that says we has a twin that doesn't, and others need none."""
    we, one = catalogue(language), catalogue(language, Voice.ONE)
    plural = {sentence for sentence in sentences_for_visitors() if first_person_plural(we.gettext(sentence), language)}

    assert [said for each in sentences_for_visitors() if first_person_plural(said := one.gettext(each), language)] == []
    assert len(plural) > 15  # the words are found at all


@pytest.mark.parametrize("language", languages())
def test_no_page_or_mail_says_we(language: str) -> None:
    """Every page, error and mail to a prospect speaks for one person."""
    for page in pages(language):
        assert first_person_plural(page, language) == []
    for mail in mails(language):
        rendered = read(mail)
        assert first_person_plural(f"{rendered.subject} {rendered.text} {rendered.html}", language) == []


@pytest.mark.parametrize("language", languages())
def test_our_sentences_presume_no_trade(language: str) -> None:
    """No sentence to visitors speaks of a project or a studio, whatever the owner's business is."""
    trade = re.compile(r"studio|proje[ck]t|студи|проект|agence|bureau", re.IGNORECASE)
    for voice in Voice:
        translate = catalogue(language, voice).gettext
        assert [said for each in sentences_for_visitors() if trade.search(said := translate(each))] == []


def test_without_a_voice_several_people_speak() -> None:
    """A form without the key says we, in pages and mails."""
    assert "If you don’t hear from us" in site(None).thanks("en")
    assert "If you don’t hear from me" in site().thanks("en")
    for voice, words in ((None, "Our invitation still stands"), ("I", "My invitation still stands")):
        assert words in read(mails("en", voice)[1]).html


def test_the_owners_mails_stay_as_they_are() -> None:
    """A brief is the same in either voice."""
    briefs = [
        read(_brief(replace(builders.composer(), forms=builders.lead_forms(form(voice))))) for voice in (None, "I")
    ]

    assert briefs[0].text == briefs[1].text


def _brief(composer: MailComposer) -> Mail:
    mail = composer.brief(builders.lead(), None, NOW)
    assert mail is not None
    return mail
