"""A mail as bytes: whatever people have typed stays where it was."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_string, policy

import pytest

from prequal.core.errors import MailContentError
from prequal.pages.mails import render_mail
from prequal.pages.mime import mime_message
from support import builders

INJECTION = "=?utf-8?q?x=0D=0AReply-To=3A_eve@evil.example=0D=0A=0D=0APay_Eve?="


@pytest.mark.parametrize("subject", [INJECTION, f"Call: Eve {INJECTION} z · Hot", "=?unknown-8bit?q?=FF?="])
def test_a_subject_is_no_code(subject: str) -> None:
    """Text that looks like an encoded word stays text: it ends no header, and begins none."""
    mail = builders.invitation()

    message = message_from_string(mime_message(mail, subject, "Hello,\n", "<p>Hello,\n"), policy=policy.default)

    assert message["Subject"].split() == subject.replace("=?", "= ?").split()
    assert message["Reply-To"] == mail.reply_to
    assert message.get_body(("plain",)).get_content().splitlines() == ["Hello,"]  # type: ignore[union-attr]


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
def test_an_address_that_no_header_can_hold_is_refused(field: str, address: str) -> None:
    """The refusal is final: trying again would give the same."""
    with pytest.raises(MailContentError, match="The mail can't be written"):
        render_mail(replace(builders.invitation(), **{field: address}))  # type: ignore[arg-type]


def test_a_senders_name_may_be_an_encoded_word() -> None:
    """An owner may write the sender's name as mail programs show it in a header."""
    mail = replace(builders.invitation(), sender="=?utf-8?q?Caf=C3=A9?= <hello@studio.example>")

    message = message_from_string(render_mail(mail), policy=policy.default)

    assert message["From"] == "Café <hello@studio.example>"


def test_any_fault_of_rendering_is_one_of_that_mail() -> None:
    """Content that a template can't use is a fault of this mail, whatever Python says of it."""
    with pytest.raises(MailContentError, match="The mail can't be rendered: KeyError"):
        render_mail(replace(builders.invitation(), content={}))


def test_equal_mails_are_equal_bytes() -> None:
    """Rendered twice, a mail is the same to the byte, and in ASCII."""
    mail = builders.invitation(lang="fr")

    assert render_mail(mail) == render_mail(mail)
    assert render_mail(mail).isascii()
