"""Placeholders in the owner's texts: prices, in the reader's number and currency style."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prequal.core.form import Form, form_from
from prequal.forms.form_check import check_form
from prequal.pages.wording import filled, languages, placeholders
from prequal.resources import SHIPPED
from support import builders
from support.builders import NOW
from support.mails import read

_TEXT = ["{usual_from} – {usual_to}", {"more": "{amount:14000}, {amount:0}, {other}, {amount:x}"}, 7]


def priced(**changes: Any) -> Form:
    """Return a form with usual amounts in every language."""
    document = {**builders.document(), "languages": languages(), "usual": [5000, 12000], **changes}
    document["invitation"]["prepare"] = ["From {usual_from}, or {amount:900}?"]
    return form_from(document)


@pytest.mark.parametrize(
    ("language", "first", "more"),
    [
        ("en", "€5,000 – €12,000", "€14,000, €0"),
        ("fr", "5\u202f000\xa0€ – 12\u202f000\xa0€", "14\u202f000\xa0€, 0\xa0€"),
        ("nl", "€\xa05.000 – €\xa012.000", "€\xa014.000, €\xa00"),
        ("ru", "5\xa0000\xa0€ – 12\xa0000\xa0€", "14\xa0000\xa0€, 0\xa0€"),
        ("pl", "5000\xa0€\xa0– 12\xa0000\xa0€", "14\xa0000\xa0€, 0\xa0€"),
    ],
)
def test_amounts_are_in_the_readers_style(language: str, first: str, more: str) -> None:
    """Usual amounts, and any other, are written as the language does; what is unknown stays."""
    values = placeholders(priced(), language)

    assert filled(_TEXT, values) == [first, {"more": f"{more}, {{other}}, {{amount:x}}"}, 7]


def test_a_queued_mail_keeps_the_amounts_of_its_moment() -> None:
    """Its content holds the usual amounts: a mail is rendered without the form."""
    mail = replace(builders.composer(), forms=builders.lead_forms(priced(currency="CHF"))).invitation(
        builders.lead(), NOW
    )

    assert "From CHF\xa05,000, or CHF\xa0900?" in read(mail).text.replace("CHF", "CHF\xa0").replace("\xa0\xa0", "\xa0")


def test_a_mail_of_an_older_version_is_rendered() -> None:
    """A mail that was queued without usual amounts has the others."""
    mail = replace(builders.composer(), forms=builders.lead_forms(priced())).invitation(builders.lead(), NOW)
    older = replace(mail, content={**mail.content, "price": {"amount": 5000, "currency": "EUR"}})

    assert "From {usual_from}, or €900?" in read(older).text


def test_page_texts_are_checked(tmp_path: Path) -> None:
    """The check names file and line of a placeholder in the page texts that nothing fills in."""
    content = tmp_path / "content"
    shutil.copytree(SHIPPED / "site/content", content)
    english = content / "en.yaml"
    text = english.read_text(encoding="utf-8").replace('amount: "{starting_price}"', 'amount: "{price}, {amount:5k}"')
    english.write_text(text, encoding="utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "{price}" in each)

    report = check_form(SHIPPED / "schema/form.yaml", content)

    assert [(fault.file, fault.line, "{amount:5k}" in fault.message) for fault in report.errors] == [
        (str(english), line, True)
    ]
    assert [(fault.file, fault.line, fault.at) for fault in report.warnings if "{price}" in fault.message] == [
        (str(english), line, "content.en.price.amount")
    ]
