"""The MIME form of a mail: typed text never becomes a header."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from prequal.adapters.mime import as_bytes
from prequal.core.errors import TransportError
from support import builders

INJECTION = "=?utf-8?q?x=0D=0AReply-To=3A_eve@evil.example=0D=0A=0D=0APay_Eve?="


@pytest.mark.parametrize("subject", [INJECTION, f"Call: Eve {INJECTION} z · Hot", "=?unknown-8bit?q?=FF?="])
def test_an_encoded_word_in_a_subject_is_text(subject: str) -> None:
    """What looks like an encoded word is text: it ends no header, and begins none."""
    mail = replace(builders.invitation(), subject=subject)

    read = message_from_bytes(as_bytes(mail), policy=policy.default)

    assert read["Subject"].split() == subject.replace("=?", "= ?").split()
    assert read["Reply-To"] == mail.reply_to
    assert read.get_body(("plain",)).get_content().splitlines() == mail.text.splitlines()  # type: ignore[union-attr]


@pytest.mark.parametrize("header", ["to", "reply_to", "sender"])
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
def test_an_address_that_no_header_can_hold_is_refused_for_good(header: str, address: str) -> None:
    """Trying again can't help, and the other mails don't wait for this one."""
    with pytest.raises(TransportError, match="The mail can't be written") as refusal:
        as_bytes(replace(builders.invitation(), **{header: address}))  # type: ignore[arg-type]

    assert refusal.value.permanent


def test_a_senders_name_may_be_an_encoded_word() -> None:
    """An owner may write the sender's name as mail programs show it in a header."""
    mail = replace(builders.invitation(), sender="=?utf-8?q?Caf=C3=A9?= <hello@studio.example>")

    assert message_from_bytes(as_bytes(mail), policy=policy.default)["From"] == "Café <hello@studio.example>"
