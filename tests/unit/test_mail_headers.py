"""Header fields: every text decodes to what was written, in lines that every server takes."""

from __future__ import annotations

import re
from email import message_from_string, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prequal.core.errors import MailContentError
from prequal.pages.mail_headers import mailbox_field, text_field

# All that has a meaning in a header, and characters of one to four bytes.
_TRICKY = st.sampled_from([*" \t=?_\"\\()<>@,;:.%'-azAZ09", "=?", "?=", "é", "·", "Ж", "中", "👋", "👩‍🚀", "\u0301"])
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
texts = st.text(_CHARACTERS) | st.lists(_TRICKY | _CHARACTERS, max_size=120).map("".join)
# A display name has no space at its ends, and no encoded word of its own.
names = texts.map(lambda text: " ".join(text.replace("=?", "").split())).filter(bool)
_WORD = re.compile(r"=\?utf-8\?[qb]\?([!->@-~]+)\?=")


def check_lines(field: str) -> None:
    """Check that no line is too long, and each encoded word stands alone and holds whole characters."""
    lines = field.split("\r\n")
    assert all(len(line) <= 78 for line in lines)
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    for word in re.findall(r"\S*=\?\S*", field):
        assert _WORD.fullmatch(word)
        assert len(word) <= 75
        str(make_header(decode_header(word))).encode()  # decodes on its own


def parse(field: str, *, modern: bool) -> str:
    """Return a field's value as a mail program decodes it: by Python's new parser or by its old one."""
    name = field.partition(":")[0]
    message = message_from_string(f"{field}\r\n\r\n", policy=policy.default if modern else policy.compat32)
    return str(message[name]) if modern else str(make_header(decode_header(re.sub(r"\r?\n", "", message[name]))))


@pytest.mark.parametrize("modern", [True, False])
@given(text=texts)
@example("Call: Zoë Żółć, Café de l’Été et Associés · Very hot 100/100, once more")
@example("Call: " + "word " * 30 + "·")
@example("é" * 200)
@example("👩‍🚀" * 40)
@example("=?utf-8?q?x=0D=0AReply-To=3A_eve@evil.example?=")
@example("  two  spaces  ")
def test_a_subject_decodes_to_what_was_written(text: str, *, modern: bool) -> None:
    """A subject in any script comes back to the character."""
    field = text_field("Subject", text)

    assert field.isascii()
    check_lines(field)
    assert parse(field, modern=modern) == text


@given(name=names)
@example("Studio North")
@example('North, "Studio" & Söhne (GmbH)')
@example("Студия Север " * 12)
@example("Studio " * 20 + "North")
def test_a_display_name_decodes_to_what_was_written(name: str) -> None:
    """A display name in any script comes back to the character, beside its address."""
    quoted = re.sub(r'(["\\])', r"\\\1", name)
    field = mailbox_field("Reply-To", f'"{quoted}" <hello@studio.example>')

    assert field.isascii()
    assert all(len(line) <= 78 for line in field.split("\r\n"))
    display, address = parseaddr(re.sub(r"\r?\n", "", field.removeprefix("Reply-To: ")))
    assert (str(make_header(decode_header(display))), address) == (name, "hello@studio.example")
    if field.count("=?utf-8?") > 1:  # Python 3.11.7's new parser puts spaces between the words of a name
        return
    read = message_from_string(f"{field}\r\n\r\n", policy=policy.default)["Reply-To"].addresses
    assert [(one.display_name, one.addr_spec) for one in read] == [(name, "hello@studio.example")]


def test_plain_fields_stay_readable() -> None:
    """Short ASCII is not encoded; a name is quoted only where it must be."""
    assert text_field("Subject", "Choose a time to talk") == "Subject: Choose a time to talk"
    assert mailbox_field("To", "ada@example.com") == "To: ada@example.com"
    assert mailbox_field("From", "Studio North <a@b.example>") == "From: Studio North <a@b.example>"
    assert mailbox_field("From", '"North, Studio" <a@b.example>') == 'From: "North, Studio" <a@b.example>'


@pytest.mark.parametrize("text", ["a\r\nBcc: eve@evil.example", "a\nb", "a\rb"])
def test_a_line_break_is_refused(text: str) -> None:
    """A line break in a subject or in an encoded display name could begin another header."""
    with pytest.raises(MailContentError, match="line break"):
        text_field("Subject", text)
    with pytest.raises(MailContentError, match="line break"):
        mailbox_field("From", f"{make_header([(text, 'utf-8')]).encode()} <a@b.example>")
