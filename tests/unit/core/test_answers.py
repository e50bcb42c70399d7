"""Submissions, checked against the form."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

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
    """Return the stored answer to a question."""
    return builders.submission(**{question: value}).answers.get(question)


# Stored values


def test_a_submission_holds_the_sent_values() -> None:
    """Name, address, answers, language and source are stored as they were sent."""
    kept = builders.submission(
        company="Analytical Engines", website="https://engines.example", lang="fr", submission_id="0123-abcd"
    )
    assert (kept.name, kept.email, kept.company) == ("Ada Lovelace", "ada@example.com", "Analytical Engines")
    assert (kept.website, kept.language, kept.submission_id) == ("https://engines.example", "fr", "0123-abcd")
    assert kept.answers == {"budget": "around", "timeline": "soon"}
    assert not kept.trapped


def test_the_source_is_kept() -> None:
    """Each part of the source is stored under its name."""
    told = {name: f"from {name}" for name in SOURCES}
    assert builders.submission(**told).source == Source(**told)


def test_a_long_source_is_cut() -> None:
    """A source that is too long is cut, and refuses nobody."""
    assert builders.submission(referrer="https://example.com/" + "x" * 1000).source.referrer == (
        "https://example.com/" + "x" * 280
    )


def test_a_cut_ends_with_no_space() -> None:
    """A cut within white space leaves none at the end."""
    assert builders.submission(source="x" * 299 + " y").source.source == "x" * 299


@pytest.mark.parametrize(
    ("sent", "kept"), [(["ada", "bob"], "ada"), ([], ""), ({"a": 1}, ""), (7, ""), (False, ""), ([["ada"]], "")]
)
def test_an_invalid_source_is_read_leniently(sent: object, kept: str) -> None:
    """The first of several values counts, and anything but text is empty."""
    assert builders.submission(source=sent).source.source == kept


def test_unknown_fields_are_ignored() -> None:
    """An unknown field changes nothing."""
    assert builders.submission(colour="red", form_version="0123456789ab") == builders.submission()


def test_an_unknown_language_is_the_default() -> None:
    """A language that the form doesn't have, or an invalid value, gives the default language."""
    assert [builders.submission(lang=asked).language for asked in ("nl", "", None, 7, ["nl", "fr"])] == ["en"] * 5
    assert [builders.submission(lang=asked).language for asked in ("fr-CA", "FR", "fr_FR", ["fr"])] == ["fr"] * 4


def test_unanswered_questions_are_left_out() -> None:
    """Empty values of any kind are not among the answers."""
    for nothing in (None, ""):
        kept = builders.submission(pages=nothing, services=nothing, goals=nothing)
        assert set(kept.answers) == {"budget", "timeline"}
    assert "services" not in builders.submission(services=[]).answers
    assert "services" not in builders.submission(services=[""]).answers
    assert {"pages", "goals"}.isdisjoint(builders.submission(pages=" ", goals=" \n ").answers)


@pytest.mark.parametrize("nothing", ["-", "?", "\u2014", "...", "/"])
def test_a_dash_is_no_number(nothing: str) -> None:
    """A sign in a field that may stay empty costs no lead; where a number is needed, it is asked for."""
    assert "pages" not in builders.submission(pages=nothing).answers
    document = builders.document()
    document["questions"][2]["required"] = True
    with pytest.raises(InvalidAnswersError) as caught:
        make_parser(form_from(document))(builders.sent(pages=nothing))
    assert caught.value.errors == {"pages": [Message("Enter a number.")]}


def test_answers_are_in_the_forms_order() -> None:
    """Answers are stored in the order of the questions, not in the order in which they were sent."""
    sent = dict(reversed(builders.sent(goals="More", pages=3, services=["build"]).items()))
    assert list(PARSE(sent).answers) == QUESTIONS


def test_zero_is_an_answer() -> None:
    """The number 0 is an answer like any other."""
    document = builders.document()
    document["questions"][2]["min"] = 0
    assert make_parser(form_from(document))(builders.sent(pages="0")).answers["pages"] == 0


def test_a_filled_in_honeypot_is_noticed() -> None:
    """A submission with the hidden field filled in is marked, and not refused."""
    assert builders.submission(**{TRAP: "Cheap watches"}).trapped
    assert not builders.submission(**{TRAP: "  "}).trapped


def test_a_question_may_have_any_id() -> None:
    """No id that the form file allows clashes with a name of marshmallow."""
    ids = ["load", "dump", "fields", "context", "validate", "unknown", "many", "opts", "get", "meta", "items"]
    document = builders.document()
    document["questions"] = [{"id": name, "type": "text", "label": "Why?"} for name in ids]
    said = {name: f"About {name}" for name in ids}
    assert make_parser(form_from(document))(builders.sent(**said)).answers == said


# Pages of another version of the form

OTHER = "0123456789ab"


def test_valid_answers_to_another_version_are_accepted() -> None:
    """Answers to another version of the form are accepted if they are still valid."""
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
def test_a_removed_option_counts_as_not_chosen(sent: dict[str, object], kept: tuple[str, ...] | None) -> None:
    """Of another version's options those that still exist count; a question without any is unanswered."""
    assert builders.submission(form_version=OTHER, **sent).answers.get("services") == kept


@pytest.mark.parametrize("gone", ["gold", ["around", "gold"], 7, {}])
def test_a_required_question_with_a_removed_answer_is_asked_again(gone: object) -> None:
    """The visitor is asked to choose an answer, without blame for an option that no longer exists."""
    with pytest.raises(InvalidAnswersError) as caught:
        builders.submission(form_version=OTHER, budget=gone)
    assert caught.value.outdated
    assert caught.value.errors == {"budget": [Message("Choose one of the answers.")]}


@pytest.mark.parametrize("version", [None, "", builders.form().version])
def test_the_current_page_is_not_outdated(version: str | None) -> None:
    """With this version, or without one, an option that isn't offered is an error."""
    with pytest.raises(InvalidAnswersError) as caught:
        builders.submission(form_version=version, budget="gold")
    assert not caught.value.outdated
    assert caught.value.errors == {"budget": [Message("Choose one of the answers that are offered.")]}


# Refusals


def test_all_missing_fields_are_reported_at_once() -> None:
    """An empty submission gets a message for each required field, in the order of the page."""
    with pytest.raises(InvalidAnswersError) as caught:
        PARSE({})
    assert list(caught.value.errors) == ["budget", "timeline", "name", "email", "consent"]
    assert str(caught.value) == "These answers can't be taken: budget, timeline, name, email, consent."


def test_each_kind_of_question_has_its_own_message() -> None:
    """A required question without an answer gets the message of its type."""
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


@pytest.mark.parametrize(
    "nothing", [None, "", " ", "\r\n", "\u00a0", "\u202e", "\x00", "\u200b", "\u3164", "\u2800", "\u115f \ufe0f"]
)
def test_white_space_is_no_name(nothing: str | None) -> None:
    """A name without a visible character is missing."""
    assert errors(name=nothing) == {"name": ["Enter your name."]}


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_an_email_address_is_required(nothing: str | None) -> None:
    """A submission without an email address is refused."""
    assert errors(email=nothing) == {"email": ["Enter your email address."]}


@pytest.mark.parametrize("field", ["name", "email", "goals"])
@pytest.mark.parametrize("value", [7, True, 1.5, ["Ada"], {"first": "Ada"}])
def test_only_text_is_accepted_as_text(field: str, value: object) -> None:
    """A text field with another type of JSON value is refused."""
    assert errors(**{field: value}) == {field: ["Write this as text."]}


@pytest.mark.parametrize("field", ["company", "website"])
@pytest.mark.parametrize(("value", "kept"), [(["a.example", "b.example"], "a.example"), ([], ""), (7, ""), ({}, "")])
def test_an_optional_field_refuses_nobody(field: str, value: object, kept: str) -> None:
    """Of several values of a field that isn't needed the first counts, and anything but text is empty."""
    assert getattr(builders.submission(**{field: value}), field) == kept


@pytest.mark.parametrize(("field", "length"), [("name", 120), ("goals", 600)])
def test_a_text_has_a_maximum_length(field: str, length: int) -> None:
    """A text of the maximum length after cleaning is accepted; one more character is refused."""
    assert builders.submission(**{field: f"  {'é' * length} "})
    assert errors(**{field: "é" * (length + 1)}) == {field: [f"Shorten this to {length} characters or fewer."]}


@pytest.mark.parametrize(("field", "length"), [("company", 160), ("website", 300)])
def test_an_optional_field_is_cut(field: str, length: int) -> None:
    """A field that helps, but isn't needed, refuses nobody: it is cut to its length."""
    for text in ("é" * (length + 1), "é" * 20_000, "é" * (length - 1) + " é"):
        assert getattr(builders.submission(**{field: text}), field) == text[:length].rstrip()


@pytest.mark.parametrize("field", ["name", "email", "company", "website", "goals", "pages", "source", "lang", TRAP])
@pytest.mark.parametrize("text", ["\u0327\u0301", "\u0f73", " \u200b", "é", "\ud800", "<@"])
def test_lengths_are_bounded_before_anything_else(field: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text is composed beyond four times its length, and no letter with more marks than real letters have."""
    composed: list[str] = []
    compose = unicodedata.normalize

    def noted(form: Literal["NFC"], of: str) -> str:
        composed.append(of)
        return compose(form, of)

    monkeypatch.setattr(unicodedata, "normalize", noted)
    for length in (2_000, 16_000):
        with suppress(InvalidAnswersError):
            PARSE(builders.sent(**{field: "a" + text * length}))

    assert all(len(text) <= 4 * 600 for text in composed)
    assert not any(re.search("[\u0301\u0327\u0f73]{31}", text) for text in composed)


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: everyone@example.com", "Ada\nBcc: everyone@example.com", "Ada\x85\u2028Bcc: everyone@example.com"],
)
def test_no_header_is_injected(name: str) -> None:
    """A name stays on the line of its header."""
    kept = builders.submission(name=name, company=name)
    assert kept.name == kept.company == "Ada Bcc: everyone@example.com"


def test_paragraphs_are_kept() -> None:
    """A text of several lines keeps its lines."""
    assert answer("goals", "More sales.\r\n\r\nFewer calls.\x00") == "More sales.\n\nFewer calls."


# Choices


@pytest.mark.parametrize("value", ["colour", " ", "Around", 0, True, ["around"], {"around": True}])
def test_only_offered_options_can_be_chosen(value: object) -> None:
    """An answer that isn't the id of an option is refused."""
    assert errors(budget=value) == {"budget": ["Choose one of the answers that are offered."]}


@pytest.mark.parametrize("value", ["colour", ["design", "colour"], [["design"]], [None], 7, {"design": True}, [{}]])
def test_all_of_several_options_must_be_offered(value: object) -> None:
    """Several answers are refused together if one of them isn't the id of an option."""
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
    """Several answers, or one as a form sends it, are stored in the form's order, each once."""
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
        ("\uff11\uff12", 12),
        ("\u200b12", 12),
        ("12\u200e", 12),
        ("12.", 12),
        ("12,00", 12),
        ("12 people", 12),
        ("~12", 12),
        ("ca. 12", 12),
        ("About 12 people", 12),
        ("12 personnes, environ", 12),
        ("12 чел.", 12),
        ("€120", 120),
        ("120 €", 120),
        ("US$120", 120),
        ("120 EUR", 120),
        ("CHF 120.\u2013", 120),
        ("120,-", 120),
        ("kr 120", 120),
        ("Kč 120", 120),
        ("MX$ 120", 120),
        ("120 р.", 120),  # noqa: RUF001
        ("120円", 120),
        ("12人", 12),
        ("12 сотрудников", 12),
        ("12 of us", 12),
        ("12!", 12),
        ("approximately 12", 12),
    ],
)
def test_a_number_is_read_as_people_type_it(value: object, kept: int) -> None:
    """A number may be sent as a number or as text, with spaces around it, and in the digits of any script."""
    assert answer("pages", value) == kept


@pytest.mark.parametrize(
    "text",
    ["1 500", "1.500", "1,500", "1'500", "1\u00a0500", "1\u202f500", "1500", "1\u2019500", "1.500,00", "1,500.00",
     "1 500,00 zł", "1`500", "1\u02d9500", "1\u066c500",
     "Fr. 1\u2019500.\u2013", "\uff11\uff0c\uff15\uff10\uff10", "1.500 people"],
)  # fmt: skip
def test_thousands_may_be_grouped(text: str) -> None:
    """Thousands may be grouped in the way of any language."""
    document = builders.document()
    document["questions"][2]["max"] = 10_000
    assert make_parser(form_from(document))(builders.sent(pages=text)).answers["pages"] == 1500


@pytest.mark.parametrize(
    "value",
    ["twelve", "0.500", "0,500", "1.5", "12,5", "1,50", "1,5000", "1.500.00", "1-2", "1\u20132", "1 2", "10 to 20",
     "12e3", "5k", "5 thousand", "5 mln", "5 тыс", "5 сотен", "5万円",
     "5 Mio", "5 MIO", "5 Mio. €", "5 T€", "5 TEUR", "M$5", "5 Tsd. €",
     "12 and a half", "12+", "12%", "3rd", "1_500", "½",
     "1" * 30_000, "12" + "x" * 200, "0x12", "--1", "²", "1" * 16, 1.5, True,
     [12], {}, float("nan"), float("inf")],
)  # fmt: skip
def test_anything_but_a_whole_number_is_refused(value: object) -> None:
    """An invalid number is refused, with an example of a valid one."""
    assert errors(pages=value) == {"pages": ["Enter one whole number in digits, like 12."]}


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
    """A bound itself is accepted; beyond it, the message names the bound."""
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


@pytest.mark.parametrize("value", ["yes", "on", "1", "Oui", True, 1, ["", "on"], ["0", "yes"], ["no", True]])
def test_any_value_is_consent(value: object) -> None:
    """A ticked box may have any value."""
    assert builders.submission(consent=value)


def nested(depth: int) -> list[object]:
    """Return a list within lists."""
    inner: list[object] = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "value",
    [None, "", "  ", False, 0, 0.0, [], ["", " "], {}, {"a": 1}, "false", "False", "0", " NO ", "off", "null", ["0"],
     ["off", "No", 0, None], "\uff4e\uff4f", "no\u200b", [["yes"]], nested(500), nested(20_000)],
    ids=lambda value: str(value)[:20] if not isinstance(value, list) or len(value) != 1 else "nested",
)  # fmt: skip
def test_consent_is_required(value: object) -> None:
    """A submission without consent, or with a plain no in each value, is refused."""
    assert errors(consent=value) == {
        "consent": ["Tick the box to agree to the privacy note: without it, your answers may not be kept."],
    }


@pytest.mark.parametrize("value", ["abcd1234", "A_b-" * 16, ""])
def test_a_submission_id_is_stored(value: str) -> None:
    """An id of 8 to 64 letters, digits, _ and - is stored; a browser without JavaScript sends none."""
    assert builders.submission(submission_id=value).submission_id == value


@pytest.mark.parametrize("value", ["abcd123", "a" * 65, "abcd 1234", "abcd1234\n", "äbcd1234", 12345678, ["abcd1234"]])
def test_an_invalid_submission_id_is_refused(value: object) -> None:
    """The message is for the author of the page that sends it."""
    assert errors(submission_id=value) == {
        "submission_id": ["A submission_id has 8 to 64 characters: letters, digits, _ and -."],
    }


# The fingerprint


def test_equal_answers_have_equal_fingerprints() -> None:
    """The case of the address, the language, the source and the submission's id make no difference."""
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
def test_different_answers_have_different_fingerprints(change: dict[str, object]) -> None:
    """A change of any answer or contact field changes the fingerprint."""
    assert builders.submission(**change).fingerprint != builders.submission().fingerprint


# Arbitrary input


@given(st.dictionaries(st.sampled_from([*OURS, *SOURCES, *QUESTIONS]) | st.text(), any_json))
@example(dict.fromkeys([*OURS, *SOURCES, *QUESTIONS], "�"))
def test_any_object_is_accepted_or_refused(sent: dict[str, object]) -> None:
    """Any JSON object is a valid submission or gets our messages; nothing else happens."""
    accepted_or_refused(PARSE, sent)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*OURS, *SOURCES, *QUESTIONS], any_json)))
def test_errors_are_about_invalid_fields_alone(changes: dict[str, object]) -> None:
    """With arbitrary values in some fields of a valid submission, only these fields get messages."""
    refused = accepted_or_refused(PARSE, {**builders.sent(), **changes})
    assert set(refused) <= set(changes)


@given(st.data())
def test_valid_answers_are_stored(data: st.DataObject) -> None:
    """Valid answers to any form are stored; several to one question in the form's order, here alphabetical."""
    form = data.draw(strategies.forms())
    answers = data.draw(strategies.answers_to(form))
    in_order = {
        question: tuple(sorted(value)) if isinstance(value, tuple) else value for question, value in answers.items()
    }
    assert make_parser(form)(builders.sent(**answers)).answers == in_order


def accepted_or_refused(parse: Any, sent: Mapping[str, object]) -> Mapping[str, object]:
    """Check that a submission can be stored or that its messages can be read; return the messages."""
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
    """Messages come in the order of the page: the questions, then the contact fields."""
    said = errors(
        **dict.fromkeys(["submission_id", "consent", "email", "name"], 0),
        **{question: {} for question in reversed(QUESTIONS)},
    )
    assert list(said) == [*QUESTIONS, "name", "email", "consent", "submission_id"]


def test_a_parser_has_no_state() -> None:
    """One parser serves many submissions, and remembers none."""
    form: Form = builders.form()
    parse = make_parser(form)
    first = parse(builders.sent(goals="Mine"))
    assert parse(builders.sent()) == builders.submission()
    assert parse(builders.sent(goals="Mine")) == first


@pytest.mark.parametrize("field", ["name", "email", "submission_id", *QUESTIONS])
def test_nested_values_are_refused(field: str) -> None:
    """No depth of lists is taken for an answer, nor breaks anything."""
    for depth in (0, 1, 500, 20_000):
        value = [nested(depth)]
        assert list(errors(**{field: value})) == [field]
        with suppress(InvalidAnswersError):
            PARSE(builders.sent(**{field: value}, form_version=OTHER))
