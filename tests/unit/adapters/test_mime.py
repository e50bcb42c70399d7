"""A mail as bytes: whatever people have typed stays where it was."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from prequal.adapters.mime import as_bytes
from prequal.core.errors import TransportError
from support import builders

INJECTION = "=?utf-8?q?x=0D=0AReply-To=3A_eve@evil.example=0D=0A=0D=0APay_Eve?="


@pytest.mark.parametrize("subject", [INJECTION, f"Call: Eve {INJECTION} z · Hot", "=?unknown-8bit?q?=FF?="])
def test_a_subject_is_no_code(subject: str) -> None:
    """What looks like an encoded word is text: it ends no header, and begins none."""
    mail = replace(builders.invitation(), subject=subject)

    read = message_from_bytes(as_bytes(mail), policy=policy.default)

    assert read["Subject"].split() == subject.replace("=?", "= ?").split()
    assert read["Reply-To"] == mail.reply_to
    assert read.get_body(("plain",)).get_content().splitlines() == mail.text.splitlines()  # type: ignore[union-attr]


@pytest.mark.parametrize("address", ["=?utf-8?q?a=0Ab?=@example.com", "=?~{?q?=40||_=0Aa=?=?@example.com"])
def test_what_cannot_be_written_is_refused_for_good(address: str) -> None:
    """An address that no header can hold is no reason to try again, nor to keep other mails waiting."""
    with pytest.raises(TransportError, match="The mail can't be written") as refusal:
        as_bytes(replace(builders.invitation(), to=address))

    assert refusal.value.permanent
