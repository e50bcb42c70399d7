"""MIME messages: no input can add a header or break one."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_string, policy

import pytest

from prequal.core.errors import MailContentError
from prequal.pages.mails import mime_message, render_mail
from support import builders

INJECTION = "=?utf-8?q?x=0D=0AReply-To=3A_eve@evil.example=0D=0A=0D=0APay_Eve?="


@pytest.mark.parametrize("subject", [INJECTION, f"Call: Eve {INJECTION} z · Hot", "=?unknown-8bit?q?=FF?="])
def test_an_encoded_word_in_a_subject_stays_text(subject: str) -> None:
    """An encoded word in a subject stays text and cannot add a header."""
    mail = builders.invitation()

    message = message_from_string(mime_message(mail, subject, "Hello,\n", "<p>Hello,\n"), policy=policy.default)

    assert message["Subject"] == subject
    assert message["Reply-To"] == mail.reply_to
    assert message.get_body(("plain",)).get_content().splitlines() == ["Hello,"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "subject",
    [
        "Call: Zoë Żółć, Café de l’Été et Associés · Very hot 100/100, once more for all of us",
        "Звонок: Анастасия Преображенская, Производственное объединение «Северное сияние» · горячий 85/100",
        "Call:  Ada   Lovelace, Analytical Engines and Difference Engines Unlimited · Hot 90/100",
        "👩‍🚀" * 30,
    ],
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    """A subject in any script comes back to the character, in a message of ASCII lines."""
    message = mime_message(builders.invitation(), subject, "Hello,\n", "<p>Hello,\n")

    assert message.isascii()
    assert message_from_string(message, policy=policy.default)["Subject"] == subject


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?a=0Ab?=@example.com",
        "=?~{?q?=40||_=0Aa=?=?@example.com",
        "Eve <=?utf-8?q?a?=@example.com>",
        "ada@example.com\r\nBcc: eve@evil.example",
        "ada@example.com\nBcc: eve@evil.example",
    ],
)
@pytest.mark.parametrize("field", ["to", "sender", "reply_to"])
def test_an_unsafe_address_is_refused(field: str, address: str) -> None:
    """An address with an encoded word or a line break raises MailContentError."""
    with pytest.raises(MailContentError, match="The mail can't be written"):
        render_mail(replace(builders.invitation(), **{field: address}))  # type: ignore[arg-type]


def test_a_senders_name_may_be_an_encoded_word() -> None:
    """The sender's name may be an encoded word."""
    mail = replace(builders.invitation(), sender="=?utf-8?q?Caf=C3=A9?= <hello@studio.example>")

    message = message_from_string(render_mail(mail), policy=policy.default)

    assert message["From"] == "Café <hello@studio.example>"


def test_a_rendering_error_is_a_mail_content_error() -> None:
    """Any exception of rendering becomes a MailContentError."""
    with pytest.raises(MailContentError, match="The mail can't be rendered: KeyError"):
        render_mail(replace(builders.invitation(), content={}))


def test_equal_mails_render_to_equal_bytes() -> None:
    """Rendering a mail twice gives the same ASCII text."""
    mail = builders.invitation(lang="fr")

    assert render_mail(mail) == render_mail(mail)
    assert render_mail(mail).isascii()
