"""Addresses of mail and of websites, as people type them."""

from __future__ import annotations

import sys

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from prequal.core.addresses import web_link
from prequal.core.answers import make_parser
from prequal.core.errors import InvalidAnswersError
from prequal.pages.wording import catalogue, languages
from support import builders


def refusal(address: str, language: str = "en") -> str:
    """Return the message that an email address gets."""
    with pytest.raises(InvalidAnswersError) as caught:
        make_parser(builders.form())(builders.sent(email=address))
    [message] = caught.value.errors["email"]
    return message.translate(catalogue(language).gettext)


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
def test_an_email_address_is_normalised(sent: str, kept: str) -> None:
    """An address is stored in the form that every mail server accepts."""
    assert builders.submission(email=sent).email == kept


@pytest.mark.parametrize(
    "sent",
    [
        "ann@example.com.",
        "ann@example.com,",
        "ann@example.com ;",
        "ann@example.com/",
        "mailto:ann@example.com",
        "mailto://ann@example.com",
        "mailto:ann%40example.com",
        "ann%40example.com",
        "MAILTO: ann@example.com?subject=Hello%20you",
        "E-mail: ann@example.com",
        "<ann@example.com>",
        "<mailto:ann@example.com>",
        "Ann Lee <ann@example.com>",
        "Ann Lee <ann@example.com",
        "\uff0cann@example.com\u3001",
        "ann@example.com\u2026",
        "*ann@example.com*",
        "`ann@example.com`",
        '"ann@example.com" <ann@example.com>,',
        "(ann@example.com)",
        "\u201cann@example.com\u201d",
        "'ann@example.com'",
        "ann @ example.com",
        "ann@ example.com",
        "ann@@example.com",
        "ann\uff20example.com",
        "\uff41nn@example\uff0ecom",
        "ann@example\u3002com",
        "ann@example.com\u200e",
        "\u200bann@example.com",
        "\ufeffann@example.com",
        "ann@exam\u00adple.com\u2060",
        "ann\U000e0041@example.com",
        "ann@example.com\ufffc",
    ],
)
def test_an_address_with_an_obvious_slip_is_repaired(sent: str) -> None:
    """An address is found in the text around it, and without characters that nobody can see."""
    assert builders.submission(email=sent).email == "ann@example.com"


def test_a_typographic_apostrophe_is_a_plain_one() -> None:
    """Phones type the apostrophe of typography."""
    assert builders.submission(email="o\u2019neil@example.ie").email == "o'neil@example.ie"


def test_a_repaired_address_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is plain once it is repaired doesn't need email-validator, which takes long to import."""
    monkeypatch.setitem(sys.modules, "email_validator", None)
    assert builders.submission(email="Ann <ann@example.com>.").email == "ann@example.com"


labels = st.sampled_from([*SPECIAL_USE_DOMAIN_NAMES, "com", "example", "xn--mnchen-3ya", "c", "9"]) | st.from_regex(
    r"[a-z0-9-]{1,3}", fullmatch=True
)


@given(
    local=st.from_regex(r"[a-z0-9_+.-]{1,5}", fullmatch=True) | st.sampled_from(["a" * 63, "a" * 65, "info"]),
    domain=st.lists(labels, min_size=1, max_size=4).map(".".join),
)
def test_addresses_are_judged_as_by_the_library(local: str, domain: str) -> None:
    """The addresses that are taken without email-validator are those that it would return as they are."""
    address = f"{local}@{domain}"
    try:
        expected = validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        assert refusal(address)
    else:
        assert builders.submission(email=address).email == expected


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ada", "has an @ in it"),
        ("ada@example.com, eve@example.com", "one email address only"),
        ("Ada <ada@example.com>, Eve <eve@example.com>", "one email address only"),
        ("ada@example.com\r\nBcc: eve@example.com", "one email address only"),
        ("ada lovelace@example.com", "Take the space out"),
        ("josé@example.es", "We can’t write to an address with “é” before the @. Enter another address"),
        ("jose\u0301@example.es", "with “é” before the @"),
        ("иван@почта.рф", "with “и” before the @"),
        ("ada@example,com", "Check the “,”"),
        ("ada@exam_ple.com", "Check the “_”"),
        ("ada@[127.0.0.1]", "Check the “[”"),
        ("a(d)a@example.com", "Check the “(”"),
        ("a" * 400 + "@example.com", "320 characters or fewer"),
        *(
            (address, "in the correct form, like name@example.com")
            for address in [
                "ada@",
                "@example.com",
                "ada@localhost",
                "ada@example..com",
                "ada@-example.com",
                "a..da@example.com",
                "ada@\ud800.com",
                "=?utf-8?q?eve=40evil.example=2C?=@example.com",
                "a" * 300 + "@example.com",
            ]
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_words_that_say_why(address: str, words: str) -> None:
    """The message names the fault, in every language."""
    assert words in refusal(address)
    said = {refusal(address, language) for language in languages()}
    assert len(said) == len(languages())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" http://www.example.com/ ", "http://www.example.com/"),
        ("www.foo.de\u200e", "www.foo.de"),
        ("foo.com,  bar.com", "foo.com, bar.com"),
        *((text, text) for text in ["none", "-", "?", "instagram: @foo", "info@foo.de", "https://foo.com/über uns"]),
        ("\u200b", ""),
        (" ", ""),
    ],
)
def test_a_website_is_kept_as_it_was_typed(typed: str, kept: str) -> None:
    """An optional field never costs a lead, whatever is typed there."""
    assert builders.submission(website=typed).website == kept


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("example.com", "https://example.com"),
        ("foo.co.il/", "https://foo.co.il/"),
        ("www.studio.gallery", "https://www.studio.gallery"),
        ("HTTPS://Example.com:8443/a?b=c#d", "HTTPS://Example.com:8443/a?b=c#d"),
        ("example.com/?next=https://example.org", "https://example.com/?next=https://example.org"),
        ("social.example/@ada", "https://social.example/@ada"),
        ("foo_bar.wixsite.com/mysite", "https://foo_bar.wixsite.com/mysite"),
        ("münchen.de", "https://münchen.de"),
        ("ромашка.рф", "https://ромашка.рф"),
        ("example.com.", "https://example.com."),
        ("https://coming.soon", "https://coming.soon"),
        ("\u201cwww.foo.de\u201d", "https://www.foo.de"),
        *(
            (text, None)
            for text in [
                *("", "none", "..", "-", "n.a.", "coming.soon", "www.foo", "1.2.3.4", "foo.com, bar.com", "a@foo.de"),
                *("foo..com", "-foo.de", "foo\u2013bar.de", "http:// foo.com", "http//www.foo.com", "//example.com"),
                *("https://foo.com/über uns", "ftp://example.com", "javascript://example.com/%0aalert(1)"),
                *("mailto:ada@example.com", "https://ada:secret@example.com", "https://example.com:many"),
                *("https://exa<mple>.com", 'https://exam"ple.com', "https://exam\\ple.com", "https://[::1"),
                *("https://" + "x" * 64 + ".com", "printer.local", "https://shop.test", "https://localhost"),
            ]
        ),
    ],
)
def test_a_link_is_made_only_of_an_address(text: str, link: str | None) -> None:
    """A text becomes a link only if it surely is the address of a website."""
    assert web_link(text) == link
