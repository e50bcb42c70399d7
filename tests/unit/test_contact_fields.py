"""The contact fields, the consent and the short texts that a form asks for, on the way from the page to the owner."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prequal.core.addresses import phone_link
from prequal.core.answers import Submission, body_limit, make_parser
from prequal.core.documents import lead_document, lead_from
from prequal.core.errors import InvalidAnswersError
from prequal.core.exported_lead import lead_json
from prequal.core.form import Form, form_from
from prequal.core.lead import Attempt, Lead, first_attempt
from prequal.core.lifecycle import opened, resubmitted
from prequal.core.scoring import score
from prequal.owner.terminal import describe_lead
from prequal.pages.site import Site
from prequal.pages.wording import catalogue, languages
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW
from support.mails import read
from support.world import World

if TYPE_CHECKING:
    from prequal.adapters.sqlite.store import SqliteLeadStore

NO = ["no", " OFF ", "0", "False", "null", "\uff4e\uff4f", False, 0, None, ["0"], ["no", ""], ["off", False, None]]
NOTHING = ["", "  ", [], ["", " "]]


def form_with(format: str = "paragraphs", **changes: Any) -> Form:  # noqa: A002, the key's own name
    """Return a form with some keys changed, and the format of its text question."""
    document = builders.document()
    document["questions"][4]["format"] = format
    return form_from({**document, **changes})


def submit(form: Form, **changes: Any) -> Submission:
    """Return a checked submission."""
    return make_parser(form)(builders.sent(**changes))


def refused(form: Form, **changes: Any) -> dict[str, list[str]]:
    """Return the messages of a refused submission by field."""
    with pytest.raises(InvalidAnswersError) as caught:
        submit(form, **changes)
    return {field: [message.sentence for message in said] for field, said in caught.value.errors.items()}


def admitted(form: Form, **changes: Any) -> tuple[Lead, Attempt]:
    """Return lead and attempt of a first submission."""
    given = submit(form, **changes)
    return first_attempt(form, given, score(form, given.answers), NOW)


PHONE = form_with(contact={"phone": "optional"})
REQUIRED = form_with(contact={"company": "required", "website": "required", "phone": "required"})
NOTICE = form_with(consent="notice")


class TestSubmission:
    def test_a_field_that_is_off_is_dropped(self) -> None:
        """Fields that the form doesn't ask are ignored, as any unknown field."""
        off = form_with(contact={"company": "off", "website": "off"})
        kept = submit(off, company="Engines", website={"not": "text"}, phone="+47 22 33 44 55")
        assert (kept.company, kept.website, kept.phone) == ("", "", "")

    def test_required_fields_are_refused_only_when_empty(self) -> None:
        """An empty required field gets its own message, in the order of the page; anything typed is taken."""
        empty = {"phone": "\u200b ", "company": "", "website": None}
        assert refused(REQUIRED, **empty, name="") == {
            "name": ["Enter your name."],
            "phone": ["Enter your phone number."],
            "company": ["Enter your company’s name."],
            "website": ["Enter your website’s address."],
        }
        kept = submit(REQUIRED, phone="-", company="?", website="none yet")
        assert (kept.phone, kept.company, kept.website) == ("-", "?", "none yet")

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("  +47 (0)22-33.44 55 ", "+47 (0)22-33.44 55"),
            ("call after six\r\n0044\x00", "call after six 0044"),
            ("\u202a+47\u00a022\u202c", "+47 22"),
            ("٠١٢", "٠١٢"),
            ("1" * 500, "1" * 100),
            (4722334455, "4722334455"),
            ({"a": 1}, ""),
        ],
    )
    def test_a_phone_number_is_kept_as_it_was_typed(self, typed: object, kept: str) -> None:
        """Nothing typed as a phone number is a reason to refuse: it is cleaned, and cut."""
        assert submit(PHONE, phone=typed).phone == kept

    def test_a_corrected_number_is_another_submission(self) -> None:
        """The phone number is part of a submission's fingerprint."""
        numbers = {submit(PHONE, phone=phone).fingerprint for phone in ("", "1", "2")}
        assert len(numbers) == 3
        assert submit(PHONE).fingerprint == builders.submission().fingerprint

    @pytest.mark.parametrize("value", NO, ids=str)
    def test_an_explicit_no_is_refused_in_every_form(self, value: object) -> None:
        """Nothing is kept if only plain noes are sent, whether the form has a box or a sentence."""
        said = "Nothing is kept without your agreement to the privacy note: send your answers again to agree."
        sent = {**builders.sent(), "consent": value}
        for form, messages in ((NOTICE, [said]), (builders.form(), None)):
            with pytest.raises(InvalidAnswersError) as caught:
                make_parser(form)(sent)
            assert list(caught.value.errors) == ["consent"]
            assert messages in (None, [message.sentence for message in caught.value.errors["consent"]])

    @pytest.mark.parametrize("value", NOTHING, ids=str)
    def test_a_notice_needs_no_answer(self, value: object) -> None:
        """Without a box, sending is enough; with one, silence is a no."""
        assert submit(NOTICE, consent=value)
        assert make_parser(NOTICE)(builders.sent(consent=None))
        assert make_parser(NOTICE)(builders.sent(consent=["0", "yes"]))
        assert list(refused(builders.form(), consent=value)) == ["consent"]

    def test_a_line_has_no_breaks(self) -> None:
        """A text of one line is stored on one, and refused when it is too long; paragraphs keep theirs."""
        typed = " More orders\r\n\r\nfrom\tshops "
        assert submit(form_with("line"), goals=typed).answers["goals"] == "More orders from shops"
        assert submit(form_with("paragraphs"), goals=typed).answers["goals"] == "More orders\n\nfrom shops"
        assert list(refused(form_with("line"), goals="x" * 601)) == ["goals"]

    def test_the_longest_answers_fit(self) -> None:
        """The limit of a body has room for the phone number, in any script."""
        sent = builders.sent(
            phone="👩" * 100, company="👩" * 160, website="👩" * 300, name="👩" * 120, goals="👩" * 600
        )
        assert len(json.dumps(sent)) < body_limit(PHONE)
        assert submit(PHONE, **sent)


def test_an_absent_key_changes_nothing() -> None:
    """A form without the new keys has the version, fields and consent that it had."""
    document = builders.document()
    form = form_from(document)
    assert form.version == "ece1690f6304"
    assert (submit(form).phone, form.asks_consent) == ("", True)
    document["questions"].append({"id": "code", "type": "text", "format": "line", "label": "Code?"})
    assert form_from(document).questions[-1].max_length == 200


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("+47 22 33 44 55", "tel:+4722334455"),
        ("\uff0b44 (0)20\u2011 7946.0958", "tel:+442079460958"),
        ("+1 (555) 010-9999", "tel:+15550109999"),
        *(
            (text, None)
            for text in [
                *("", "-", "22 33 44 55", "0044 20 7946 0958", "+47", "+0 22 33 44 55", "+47 22 33 44 55 / 66"),
                *("+47 22 33 44 55 ext. 3", "+" + "1" * 16, "+1 555 010 9999;ext=1", "+٤٧٢٢٣٣٤٤٥٥", "tel:+4722334455"),
            ]
        ),
    ],
)
def test_a_link_is_made_only_of_a_number(typed: str, link: str | None) -> None:
    """A text becomes a link only if it surely is a phone number, with the code of its country."""
    assert phone_link(typed) == link


class TestPages:
    def site(self, store: SqliteLeadStore, form: Form) -> Site:
        """Return the pages of a form."""
        return replace(World(store).web.main.site, form=form)

    def test_the_page_asks_what_the_form_says(self, store: SqliteLeadStore) -> None:
        """Fields that are off are absent; others come in one order, and tell whether they may stay empty."""
        page = self.site(store, form_with(contact={"company": "off", "phone": "required"}, consent="notice")).landing(
            "en"
        )
        contact = page.partition('<fieldset class="contact">')[2].partition("</fieldset>")[0]

        assert 'type="tel" autocomplete="tel" id="phone" name="phone"' in contact
        assert contact.index('id="email"') < contact.index('id="phone"') < contact.index('id="website"')
        assert "company" not in contact
        assert contact.count("(optional)") == 1
        assert '<progress max="5"' in page  # two questions, name, email and phone
        assert 'name="consent"' not in page
        assert "We keep your answers to get back to you." in page

    def test_a_refused_page_keeps_everything(self, store: SqliteLeadStore) -> None:
        """The page with errors, without a script, shows phone number and line as they were typed."""
        form = form_with("line", contact={"phone": "required"}, consent="notice")
        sent = builders.sent(phone='<b>"1"', goals="More", name="", consent="no")
        with pytest.raises(InvalidAnswersError) as caught:
            make_parser(form)(sent)
        page = self.site(store, form).landing("fr", sent, caught.value)

        assert 'name="phone" value="&lt;b&gt;&#34;1&#34;"' in page
        assert '<input type="text" id="goals" name="goals" value="More"' in page
        assert "<textarea" not in page
        summary = page.partition('<section class="summary')[2].partition("</section>")[0]
        assert [f'href="#{field}"' in summary for field in ("name", "consent", "goals")] == [True, True, False]
        assert 'id="consent"' in page

    @pytest.mark.parametrize("language", languages())
    def test_the_privacy_note_names_the_basis(self, store: SqliteLeadStore, language: str) -> None:
        """The note's legal basis is consent where visitors tick a box, and what they ask for where they don't."""
        document = {**builders.document(), "languages": ["en", language]}
        content = {language: {**World(store).web.main.site.content["en"], "privacy": {"contact": ""}}}
        notes = [
            replace(self.site(store, form_from({**document, **keys})), content=content).privacy(language)
            for keys in ({"consent": "notice", "contact": {"company": "off", "website": "off"}},
                         {"consent": "required", "contact": {"phone": "optional"}})
        ]  # fmt: skip

        basis = {
            "en": ("6(1)(b)", "6(1)(a)"),
            "ru": ("6(1)(b)", "6(1)(a)"),
            "fr": ("point\u00a0b", "point\u00a0a"),
            "nl": ("onder b", "onder a"),
            "pl": ("lit. b", "lit. a"),
        }[language]
        of_prospects = [note.partition(catalogue(language).gettext("If you have been our client"))[0] for note in notes]
        for note, own, other in ((of_prospects[0], *basis), (of_prospects[1], *reversed(basis))):
            assert own in note
            assert other not in note
        fields = [catalogue(language).gettext(f"your {what}") for what in ("phone number", "company’s name")]
        assert [[field in note for field in fields] for note in notes] == [[False, False], [True, True]]


class TestOwner:
    def test_the_number_is_kept_with_lead_and_attempt(self) -> None:
        """Lead and attempt hold the phone number; a later attempt's replaces it only once that is shown."""
        lead, attempt = admitted(PHONE, phone="+47 1")
        again, later = admitted(PHONE, phone="+47 2")
        assert (lead.phone, attempt.phone) == ("+47 1", "+47 1")
        beside = resubmitted(lead, again)
        assert beside.phone == "+47 1"
        assert opened(beside, NOW + timedelta(hours=1), later).phone == "+47 2"

    def test_older_documents_have_none(self) -> None:
        """A lead that was stored before the field existed is read with an empty one."""
        document = lead_document(builders.lead())
        del document["phone"]
        assert lead_from(document).phone == ""

    def test_it_is_shown_and_exported(self) -> None:
        """`leads show` has the number and its changes, an export of lines has it before the notes."""
        lead, attempt = admitted(PHONE, phone="+47 1")
        _, later = admitted(PHONE, phone="")
        shown = describe_lead(lead, [attempt, later], [], {}, UTC_ZONE)
        assert "\nPhone:    +47 1\n" in shown
        assert "Phone: +47 1 → none" in shown
        names = list(json.loads(lead_json(lead, builders.form())))
        assert names[names.index("outcome") :][:3] == ["outcome", "phone", "notes"]

    @pytest.mark.parametrize(
        ("phone", "link"), [("+47 22 33 44 55", "tel:+4722334455"), ("22 33 44 55 <b>", None), ("", None)]
    )
    def test_the_brief_has_it(self, phone: str, link: str | None) -> None:
        """The brief shows the number, as a link where it surely is one, and what it was before."""
        composer = replace(builders.composer(), forms=builders.lead_forms(PHONE))
        lead, before = admitted(PHONE, phone=phone)[0], admitted(PHONE, phone="+47 1")[0]
        mail = composer.brief(lead, before, NOW)
        assert mail is not None
        brief = read(mail)

        assert (f"Phone: {phone}" in brief.text) == bool(phone)
        assert f"Phone\n  +47 1\n→ {phone or 'no answer'}" in brief.text
        assert ('href="tel:' in brief.html) == (link is not None)
        assert link is None or f'href="{link}"' in brief.html
        assert "<b>" not in brief.html
        older = replace(mail, content={name: part for name, part in mail.content.items() if name != "phone"})
        assert f"Phone: {phone}" not in read(older).text if phone else True

    def test_no_prospect_is_sent_it(self) -> None:
        """Mails to prospects hold no number, proven or not: anybody may have typed it."""
        composer = replace(builders.composer(), forms=builders.lead_forms(PHONE))
        lead = replace(admitted(PHONE, phone="+47 22 33 44 55")[0], proven=True)
        for mail in (composer.invitation(lead, NOW), composer.reminder(lead, NOW)):
            assert "22 33" not in json.dumps(mail.content, default=str)
