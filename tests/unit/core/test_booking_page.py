"""Booking pages: which one a lead gets, and the values of its placeholders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from prequal.core.booking_page import booking_page, parse_booking_url, split_name
from prequal.core.form import form_from
from prequal.core.lead import Lead
from prequal.core.web_address import AddressError
from support import builders

OTHERWISE = "https://cal.example/intro"


def form_with(*booking: dict[str, Any]) -> Any:
    """Return a form with these booking pages."""
    return form_from({**builders.document(), "booking": list(booking)})


def filled(address: str, lead: Lead) -> str:
    """Return a query with its placeholders filled in."""
    return booking_page(None, lead, f"https://cal.example/?{address}").removeprefix("https://cal.example/?")


@pytest.mark.parametrize(
    ("given", "encoded"),
    [
        ("Zoë & Sons = 1 #2 + 50% / ?", "Zo%C3%AB%20%26%20Sons%20%3D%201%20%232%20%2B%2050%25%20%2F%20%3F"),
        ("Анна", "%D0%90%D0%BD%D0%BD%D0%B0"),
        ("Ada 😀", "Ada%20%F0%9F%98%80"),
        ("{email}", "%7Bemail%7D"),
        ("", ""),
    ],
)
def test_values_are_encoded(given: str, encoded: str) -> None:
    """Whatever a value holds, it stays one value of the address."""
    assert filled("n={name}&x=1", replace(builders.lead(), name=given)) == f"n={encoded}&x=1"


def test_every_placeholder_is_filled_in() -> None:
    """Contact, language, grade, id and answers; options by their ids, and what is missing is empty."""
    sent = {"services": ["design", "build"], "pages": 12, "goals": "More calls,\nfewer mails"}
    lead = replace(builders.lead(**sent), name="Jan van der Berg", phone="+32 2", company="", language="fr")
    address = (
        "{name}|{first_name}|{last_name}|{email}|{phone}|{company}|{language}|{lead}|{grade}|"
        "{answers.budget}|{answers.services}|{answers.pages}|{answers.goals}|{answers.gone}"
    )
    assert filled(address, lead).split("|") == [
        "Jan%20van%20der%20Berg",
        "Jan",
        "van%20der%20Berg",
        "ada%40example.com",
        "%2B32%202",
        "",
        "fr",
        lead.id,
        lead.score.grade.value,
        "around",
        "design%2Cbuild",
        "12",
        "More%20calls%2C%0Afewer%20mails",
        "",
    ]


def test_a_long_text_is_cut() -> None:
    """Servers refuse very long addresses: a text ends after 500 characters."""
    lead = replace(builders.lead(), answers={"goals": "я" * 600})
    assert filled("{answers.goals}", lead) == "%D1%8F" * 500


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Ada", "Ada", ""),
        ("", "", ""),
        ("ada maria lovelace", "ada maria", "lovelace"),
        ("Anne-Marie Dupont-Moretti", "Anne-Marie", "Dupont-Moretti"),
        ("Ada Maria King", "Ada Maria", "King"),
        ("Jan de Vries", "Jan", "de Vries"),
        ("Juana Inés de la Cruz", "Juana Inés", "de la Cruz"),
        ("van Gogh", "van", "Gogh"),
        ("Анна Павловна Шерер", "Анна Павловна", "Шерер"),
    ],
)
def test_names_are_split(name: str, first: str, last: str) -> None:
    """The last word is the last name, with the words before it that are written small."""
    assert split_name(name) == (first, last)


def test_the_first_page_whose_condition_holds_is_used() -> None:
    """Answers, grade and language decide; without a page of their own, leads get that of the settings."""
    french = {"if": {"language": ["fr"]}, "url": "https://cal.example/fr"}
    hot = {"if": {"grade": ["hot"], "services": ["build"]}, "url": "https://cal.example/hot?s={answers.services}"}
    form = form_with(french, hot)
    lead = builders.lead(services=["design", "build"], pages=12)
    assert lead.score.grade == "hot"

    assert booking_page(form, lead, OTHERWISE) == "https://cal.example/hot?s=design%2Cbuild"
    assert booking_page(form, replace(lead, language="fr"), OTHERWISE) == "https://cal.example/fr"
    assert booking_page(form, replace(lead, answers={"services": ("design",)}), OTHERWISE) == OTHERWISE
    assert booking_page(form, replace(lead, answers={}), OTHERWISE) == OTHERWISE
    assert booking_page(form_with(hot, french), replace(lead, language="fr"), OTHERWISE).endswith(
        "/hot?s=design%2Cbuild"
    )
    assert booking_page(form_with(hot, {"url": "https://cal.example/all"}), builders.lead(), "").endswith("/all")


@pytest.mark.parametrize(
    "address",
    [
        "https://cal.example/{answers.team}/intro?{first_name}&{last_name}&{phone}&{company}&{language}&{grade}&{lead}",
        "http://localhost:8080/booking?name={name}",
        "http://127.0.0.1/?{email}",
    ],
)
def test_a_good_address(address: str) -> None:
    """Encrypted, or on this machine, with placeholders that are known, it is taken as it is."""
    assert parse_booking_url(address) == address


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://cal.example/intro", "does not begin with https://"),
        ("https://{name}/intro", "has an impossible host, {name}"),
        ("https://{answers.team}.cal.example/intro", "has an impossible host"),
        ("https://cal.example/{score}", "not known, {score}: use {name}, {first_name}, "),
        ("https://cal.example/{answers}", "{answers.ID} with the id of a question"),
    ],
)
def test_a_bad_address(address: str, says: str) -> None:
    """Anything else is refused, an answer in the place of the host too."""
    with pytest.raises(AddressError) as refused:
        parse_booking_url(address)
    assert says in str(refused.value)
