"""What a visitor sent, checked against the form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prequal.core.answers import TRAP, Submission, make_parser
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Form, form_from
from prequal.core.scoring import Answer
from prequal.core.source import Source
from prequal.core.text import Message
from support import builders
from unit import strategies

PARSE = make_parser(builders.form())
OURS = ["name", "email", "company", "website", "consent", "lang", "submission_id", "form_version", TRAP]
SOURCES = ["source", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer"]
QUESTIONS = ["budget", "timeline", "pages", "services", "goals"]

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | strategies.any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def errors(**changes: Any) -> dict[str, list[str]]:
    """Return the messages, by field, that a submission with these changes gets."""
    with pytest.raises(InvalidAnswersError) as caught:
        PARSE(builders.sent(**changes))
    return {name: [message.translate(str) for message in said] for name, said in caught.value.errors.items()}


def answer(question: str, value: Any) -> Answer | None:
    """Return what is kept of an answer."""
    return builders.submission(**{question: value}).answers.get(question)


# What is kept


def test_a_submission_holds_what_was_sent() -> None:
    """Name, address, answers, language and source are kept as they were sent."""
    kept = builders.submission(
        company="Analytical Engines", website="https://engines.example", lang="fr", submission_id="0123-abcd"
    )
    assert (kept.name, kept.email, kept.company) == ("Ada Lovelace", "ada@example.com", "Analytical Engines")
    assert (kept.website, kept.language, kept.submission_id) == ("https://engines.example", "fr", "0123-abcd")
    assert kept.answers == {"budget": "around", "timeline": "soon"}
    assert not kept.trapped


def test_the_source_is_kept() -> None:
    """Each part of where somebody came from is kept under its name."""
    told = {name: f"from {name}" for name in SOURCES}
    assert builders.submission(**told).source == Source(**told)


def test_a_long_source_is_cut() -> None:
    """Nobody is turned away for the link they followed: what is too long of it is cut off."""
    assert builders.submission(referrer="https://example.com/" + "x" * 1000).source.referrer == (
        "https://example.com/" + "x" * 280
    )


def test_a_cut_ends_with_no_space() -> None:
    """What is cut off within a space has none at its end."""
    assert builders.submission(source="x" * 299 + " y").source.source == "x" * 299


@pytest.mark.parametrize(
    ("sent", "kept"), [(["ada", "bob"], "ada"), ([], ""), ({"a": 1}, ""), (7, ""), (False, ""), ([["ada"]], "")]
)
def test_an_odd_source_is_what_can_be_read_of_it(sent: object, kept: str) -> None:
    """Of several the first counts, and what is no text is nothing."""
    assert builders.submission(source=sent).source.source == kept


def test_unknown_fields_are_ignored() -> None:
    """A field that nobody asked for changes nothing."""
    assert builders.submission(colour="red", form_version="0123456789ab") == builders.submission()


def test_an_unknown_language_is_the_default() -> None:
    """Who asks for a language that isn't there, or in a way that makes no sense, is answered in the first."""
    assert [builders.submission(lang=asked).language for asked in ("nl", "", None, 7, ["nl", "fr"])] == ["en"] * 5


def test_unanswered_questions_are_left_out() -> None:
    """What was left empty isn't among the answers, whatever emptiness was sent."""
    for nothing in (None, ""):
        kept = builders.submission(pages=nothing, services=nothing, goals=nothing)
        assert set(kept.answers) == {"budget", "timeline"}
    assert "services" not in builders.submission(services=[]).answers
    assert "services" not in builders.submission(services=[""]).answers
    assert {"pages", "goals"}.isdisjoint(builders.submission(pages=" ", goals=" \n ").answers)


def test_answers_are_in_the_forms_order() -> None:
    """Answers are kept in the order of the questions, not in that in which they came."""
    sent = dict(reversed(builders.sent(goals="More", pages=3, services=["build"]).items()))
    assert list(PARSE(sent).answers) == QUESTIONS


def test_zero_is_an_answer() -> None:
    """The number 0 is kept like any other."""
    document = builders.document()
    document["questions"][2]["min"] = 0
    assert make_parser(form_from(document))(builders.sent(pages="0")).answers["pages"] == 0


def test_filling_the_trap_is_noticed() -> None:
    """Whoever fills in the field that no person sees is taken for a machine, and told nothing."""
    assert builders.submission(**{TRAP: "Cheap watches"}).trapped
    assert not builders.submission(**{TRAP: "  "}).trapped


def test_a_question_may_have_any_id() -> None:
    """No id that the form file allows collides with a name of the library that checks the answers."""
    ids = ["load", "dump", "fields", "context", "validate", "unknown", "many", "opts", "get", "meta", "items"]
    document = builders.document()
    document["questions"] = [{"id": name, "type": "text", "label": "Why?"} for name in ids]
    said = {name: f"About {name}" for name in ids}
    assert make_parser(form_from(document))(builders.sent(**said)).answers == said


# What a page of another version of the form sends

OTHER = "0123456789ab"


def test_valid_answers_of_another_version_are_taken() -> None:
    """Who answered a form that has changed meanwhile has answered all the same, if the answers still are some."""
    assert builders.submission(form_version=OTHER, question_of_old="yes") == builders.submission()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"services": ["printing", "build"]}, ("build",)),
        ({"services": "printing"}, None),
        ({"services": ["printing"]}, None),
        ({"services": "build"}, ("build",)),
    ],
)
def test_an_option_that_is_gone_is_as_if_it_were_not_chosen(
    sent: dict[str, object], kept: tuple[str, ...] | None
) -> None:
    """Of another version's options those are taken that are still there; a question left without one is unanswered."""
    assert builders.submission(form_version=OTHER, **sent).answers.get("services") == kept


@pytest.mark.parametrize("gone", ["gold", ["around", "gold"], 7, {}])
def test_a_required_question_whose_answer_is_gone_is_asked_again(gone: object) -> None:
    """Whose only answer is no more offered is asked anew, and not told to choose what is offered."""
    with pytest.raises(InvalidAnswersError) as caught:
        builders.submission(form_version=OTHER, budget=gone)
    assert caught.value.outdated
    assert caught.value.errors == {"budget": [Message("Choose one of the answers.")]}


@pytest.mark.parametrize("version", [None, "", builders.form().version])
def test_the_current_page_is_not_outdated(version: str | None) -> None:
    """Where the version is this one's, or isn't told, an option that isn't offered is a fault as ever."""
    with pytest.raises(InvalidAnswersError) as caught:
        builders.submission(form_version=version, budget="gold")
    assert not caught.value.outdated
    assert caught.value.errors == {"budget": [Message("Choose one of the answers that are offered.")]}


# What is refused


def test_everything_that_is_missing_is_said_at_once() -> None:
    """An empty submission gets a message for each field that is needed, in the order of the page."""
    with pytest.raises(InvalidAnswersError) as caught:
        PARSE({})
    assert list(caught.value.errors) == ["budget", "timeline", "name", "email", "consent"]
    assert str(caught.value) == "These answers can't be taken: budget, timeline, name, email, consent."


def test_each_kind_of_question_asks_for_itself() -> None:
    """A required question that was left empty is asked for in the words of its type."""
    document = builders.document()
    for question in document["questions"]:
        question["required"] = True
    with pytest.raises(InvalidAnswersError) as caught:
        make_parser(form_from(document))(builders.sent(budget=None))
    said = {name: [message.sentence for message in messages] for name, messages in caught.value.errors.items()}
    assert said == {
        "budget": ["Choose one of the answers."],
        "pages": ["Enter a number."],
        "services": ["Choose at least one of the answers."],
        "goals": ["Write a few words."],
    }


@pytest.mark.parametrize("nothing", [None, "", " ", "\r\n", "\u00a0", "\u202e", "\x00"])
def test_white_space_is_no_name(nothing: str | None) -> None:
    """A name of nothing that can be seen is missing."""
    assert errors(name=nothing) == {"name": ["Enter your name."]}


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_an_address_is_needed(nothing: str | None) -> None:
    """Without an address there is no lead."""
    assert errors(email=nothing) == {"email": ["Enter your email address."]}


@pytest.mark.parametrize("field", ["name", "company", "website", "email", "goals"])
@pytest.mark.parametrize("value", [7, True, 1.5, ["Ada"], {"first": "Ada"}])
def test_what_is_not_text_is_refused(field: str, value: object) -> None:
    """A field of text that JSON sends as something else gets a message."""
    assert errors(**{field: value}) == {field: ["Write this as text."]}


@pytest.mark.parametrize(("field", "length"), [("name", 120), ("company", 160), ("goals", 600)])
def test_a_text_has_a_greatest_length(field: str, length: int) -> None:
    """A text of the greatest length is taken, counted after cleaning; one character more is refused."""
    assert builders.submission(**{field: f"  {'é' * length} "})
    assert errors(**{field: "é" * (length + 1)}) == {field: [f"Shorten this to {length} characters or fewer."]}


def test_a_website_has_a_greatest_length() -> None:
    """A web address is as long as 300 characters."""
    address = "https://example.com/" + "x" * 280
    assert builders.submission(website=address).website == address
    assert errors(website=address + "x") == {"website": ["Shorten this to 300 characters or fewer."]}


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: everyone@example.com", "Ada\nBcc: everyone@example.com", "Ada\x85\u2028Bcc: everyone@example.com"],
)
def test_no_header_is_injected(name: str) -> None:
    """A name stays on the line of its header."""
    kept = builders.submission(name=name, company=name)
    assert kept.name == kept.company == "Ada Bcc: everyone@example.com"


def test_paragraphs_are_kept() -> None:
    """A text of several lines keeps them."""
    assert answer("goals", "More sales.\r\n\r\nFewer calls.\x00") == "More sales.\n\nFewer calls."


# Addresses


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" ada@example.com\n", "ada@example.com"),
        ("Ada+web@EXAMPLE.com", "Ada+web@example.com"),
        ("ada@münchen.de", "ada@xn--mnchen-3ya.de"),
        ("ada@b\u00fccher.example.com", "ada@xn--bcher-kva.example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
    ],
)
def test_an_address_is_normalised(sent: str, kept: str) -> None:
    """An address is kept as every mail server takes it."""
    assert builders.submission(email=sent).email == kept


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@example..com",
        "ada@[127.0.0.1]",
        "Ada <ada@example.com>",
        "ada@example.com, eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada @example.com",
        "adä@example.com",
        "ada@-example.com",
        "ada@\ud800.com",
        "=?utf-8?q?eve=40evil.example=2C?=@example.com",
        "a" * 300 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """What no mail server would take for one address is refused, with an example of one."""
    assert errors(email=address) == {"email": ["Enter an email address in the correct form, like name@example.com."]}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("example.com", "https://example.com"),
        (" http://www.example.com/ ", "http://www.example.com/"),
        ("HTTPS://Example.com:8443/a?b=c#d", "HTTPS://Example.com:8443/a?b=c#d"),
        ("example.com/?next=https://example.org", "https://example.com/?next=https://example.org"),
        ("social.example/@ada", "https://social.example/@ada"),
        ("münchen.de", "https://münchen.de"),
        ("example.com.", "https://example.com."),
        ("", ""),
        (" ", ""),
    ],
)
def test_a_website_is_a_whole_address(sent: str, kept: str) -> None:
    """A web address is kept as it was written, with https:// where it had no beginning."""
    assert builders.submission(website=sent).website == kept


@pytest.mark.parametrize(
    "address",
    [
        "none",
        "..",
        "example..com",
        "//example.com",
        "ftp://example.com",
        "javascript://example.com/%0aalert(1)",
        "mailto:ada@example.com",
        "ada@example.com",
        "https://ada:secret@example.com",
        "https://example.com:many",
        "https://exa<mple>.com",
        'https://exam"ple.com',
        "https://exam\\ple.com",
        "https://example.com and more",
        "https://[::1",
        "https://" + "x" * 64 + ".com",
    ],
)
def test_what_is_no_website_is_refused(address: str) -> None:
    """What couldn't be a link to somebody's website is refused, with an example of one."""
    assert errors(website=address) == {
        "website": ["Enter a web address in the correct form, like www.example.com."],
    }


# Choices


@pytest.mark.parametrize("value", ["colour", " ", "Around", 0, True, ["around"], {"around": True}])
def test_only_what_is_offered_can_be_chosen(value: object) -> None:
    """An answer that isn't an option's id is refused."""
    assert errors(budget=value) == {"budget": ["Choose one of the answers that are offered."]}


@pytest.mark.parametrize("value", ["colour", ["design", "colour"], [["design"]], [None], 7, {"design": True}, [{}]])
def test_all_of_several_are_offered(value: object) -> None:
    """Several answers are refused as a whole when one of them isn't an option's id."""
    assert errors(services=value) == {"services": ["Choose one of the answers that are offered."]}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("build", ("build",)),
        (["build"], ("build",)),
        (["build", "design"], ("design", "build")),
        (["build", "build"], ("build",)),
        (["", "build"], ("build",)),
    ],
)
def test_several_answers_are_in_the_forms_order(value: object, kept: tuple[str, ...]) -> None:
    """Several answers, or one as a form sends it, are kept in the form's order, each once."""
    assert answer("services", value) == kept


# Numbers


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (12, 12),
        (12.0, 12),
        ("12", 12),
        (" 12 ", 12),
        ("+12", 12),
        ("0012", 12),
        ("١٢", 12),
    ],
)
def test_a_number_is_read_as_people_type_it(value: object, kept: int) -> None:
    """A number may come as a number or as text, with spaces around it, and in the digits of any script."""
    assert answer("pages", value) == kept


@pytest.mark.parametrize("text", ["1 500", "1.500", "1,500", "1'500", "1\u00a0500", "1\u202f500", "1500"])
def test_thousands_may_be_grouped(text: str) -> None:
    """A thousand is a thousand however a language groups its digits."""
    document = builders.document()
    document["questions"][2]["max"] = 10_000
    assert make_parser(form_from(document))(builders.sent(pages=text)).answers["pages"] == 1500


@pytest.mark.parametrize(
    "value",
    ["twelve", "0.500", "0,500", "1.5", "12,5", "1,50", "1,5000", "12e3", "0x12", "--1", "-", "²", "1" * 16, 1.5, True,
     [12], {}, float("nan"), float("inf")],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    """What can't be read as one whole number gets a message with an example."""
    assert errors(pages=value) == {"pages": ["Enter a whole number, like 12."]}


@pytest.mark.parametrize(
    ("bounds", "taken", "refused", "message"),
    [
        ({"min": 1, "max": 500}, [1, 500], [0, -1, 501, "501", 10**30, 1e300], "Enter a number from 1 to 500."),
        ({"min": 1}, [1, 10**12], [0, "-1"], "Enter a number of 1 or more."),
        ({"max": 500}, [500, -(10**12)], [501], "Enter a number of 500 or less."),
        ({}, [10**12], [10**12 + 1], "Enter a number of 1000000000000 or less."),
        ({}, [-(10**12)], [-(10**12) - 1], "Enter a number of -1000000000000 or more."),
    ],
)
def test_a_number_has_bounds(bounds: dict[str, int], taken: list[object], refused: list[object], message: str) -> None:
    """A bound itself is taken; beyond it, the message says which bound there is."""
    document = builders.document()
    question = {key: value for key, value in document["questions"][2].items() if key not in ("min", "max")}
    document["questions"][2] = {**question, **bounds}
    parse = make_parser(form_from(document))
    for value in taken:
        assert parse(builders.sent(pages=value)).answers["pages"] == value
    for value in refused:
        with pytest.raises(InvalidAnswersError) as caught:
            parse(builders.sent(pages=value))
        assert [said.translate(str) for said in caught.value.errors["pages"]] == [message]


# Consent and the submission's id


@pytest.mark.parametrize("value", ["yes", "on", "1", True, 1, ["", "on"]])
def test_any_value_is_consent(value: object) -> None:
    """A ticked box may send any value."""
    assert builders.submission(consent=value)


@pytest.mark.parametrize("value", [None, "", "  ", False, 0, [], ["", " "]])
def test_nothing_goes_without_consent(value: object) -> None:
    """Whoever doesn't agree to the privacy note is asked to, and nothing is kept."""
    assert errors(consent=value) == {
        "consent": ["Tick the box to agree to the privacy note: without it we may not keep your answers."],
    }


@pytest.mark.parametrize("value", ["abcd1234", "A_b-" * 16, ""])
def test_a_submission_id_is_kept(value: str) -> None:
    """An id of 8 to 64 letters, digits, _ and - is kept; a browser without JavaScript sends none."""
    assert builders.submission(submission_id=value).submission_id == value


@pytest.mark.parametrize("value", ["abcd123", "a" * 65, "abcd 1234", "abcd1234\n", "äbcd1234", 12345678, ["abcd1234"]])
def test_another_submission_id_is_refused(value: object) -> None:
    """Any other id is a mistake of whoever wrote the page, and is told to them."""
    assert errors(submission_id=value) == {
        "submission_id": ["A submission_id has 8 to 64 characters: letters, digits, _ and -."],
    }


# The fingerprint


def test_the_same_words_have_the_same_fingerprint() -> None:
    """Neither the case of the address, the language, the source nor the id of the submission makes other words."""
    again = builders.submission(email="ADA@example.com", lang="fr", source="a friend", submission_id="abcd1234")
    assert again.fingerprint == builders.submission().fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ada"},
        {"email": "ada@example.org"},
        {"company": "Engines"},
        {"website": "engines.example"},
        {"pages": 3},
        {"services": ["design"]},
        {"goals": "More"},
        {"timeline": "rushed"},
        {TRAP: "Buy now"},
    ],
)
def test_other_words_have_another_fingerprint(change: dict[str, object]) -> None:
    """Whoever says anything else says something new."""
    assert builders.submission(**change).fingerprint != builders.submission().fingerprint


# Whatever comes


@given(st.dictionaries(st.sampled_from([*OURS, *SOURCES, *QUESTIONS]) | st.text(), any_json))
@example(dict.fromkeys([*OURS, *SOURCES, *QUESTIONS], "�"))
def test_any_object_is_taken_or_refused(sent: dict[str, object]) -> None:
    """Any JSON object at all is a submission, or gets messages of ours; nothing else happens."""
    taken_or_refused(PARSE, sent)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*OURS, *SOURCES, *QUESTIONS], any_json)))
def test_a_valid_submission_with_anything_in_it(changes: dict[str, object]) -> None:
    """Whatever stands in some fields of a valid submission, the answer is about these fields alone."""
    refused = taken_or_refused(PARSE, {**builders.sent(), **changes})
    assert set(refused) <= set(changes)


@given(st.data())
def test_valid_answers_are_kept(data: st.DataObject) -> None:
    """Whatever a form asks, the valid answers to it are kept; several of one in the form's order, its alphabet here."""
    form = data.draw(strategies.forms())
    answers = data.draw(strategies.answers_to(form))
    in_order = {
        question: tuple(sorted(value)) if isinstance(value, tuple) else value for question, value in answers.items()
    }
    assert make_parser(form)(builders.sent(**answers)).answers == in_order


def taken_or_refused(parse: Any, sent: Mapping[str, object]) -> Mapping[str, object]:
    """Check a submission, that it can be kept or the messages can be read; return the errors."""
    try:
        submission: Submission = parse(sent)
    except InvalidAnswersError as refused:
        for messages in refused.errors.values():
            assert messages
            assert all(isinstance(message, Message) and "%(" not in message.translate(str) for message in messages)
        return refused.errors
    kept = [submission.name, submission.email, submission.company, submission.website, dict(submission.answers)]
    json.dumps(kept, ensure_ascii=False).encode()
    assert len(submission.fingerprint) == 32
    assert submission.name
    assert len(submission.name) <= 120
    assert "\n" not in submission.name + submission.email + submission.company + submission.website
    return {}


def test_errors_are_in_the_order_of_the_page() -> None:
    """Messages come in the order in which the page asks: the questions, then who it is."""
    said = errors(
        **dict.fromkeys(["submission_id", "consent", "website", "company", "email", "name"], 0),
        **{question: {} for question in reversed(QUESTIONS)},
    )
    assert list(said) == [*QUESTIONS, "name", "email", "company", "website", "consent", "submission_id"]


def test_the_form_is_the_only_state() -> None:
    """One parser serves many submissions, and keeps nothing of any."""
    form: Form = builders.form()
    parse = make_parser(form)
    first = parse(builders.sent(goals="Mine"))
    assert parse(builders.sent()) == builders.submission()
    assert parse(builders.sent(goals="Mine")) == first
