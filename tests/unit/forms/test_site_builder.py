"""The built site: what people find, and what only programs read."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from prequal.core.form import form_from
from prequal.forms.compilation import read_assets, read_picture
from prequal.forms.site_builder import build_site
from prequal.forms.site_content import read_content
from prequal.pages.site import Site
from prequal.resources import SHIPPED
from support import builders

PUBLIC_URL = "https://start.studio.example"
_XML = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def site(public_url: str = PUBLIC_URL, without: tuple[str, ...] = (), function_url: str = "", **business: str) -> Site:
    """Return the site of a small form with the checkout's words, but for some sections."""
    document = builders.document()
    document["business"].update(business)
    words = read_content(SHIPPED / "site" / "content", document["languages"])
    return Site(
        form=form_from(document),
        content={
            language: {key: part for key, part in parts.items() if key not in without}
            for language, parts in words.items()
        },
        assets={asset.name: asset.path for asset in read_assets()},
        picture=read_picture(),
        public_url=public_url,
        function_url=function_url,
    )


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Build the site."""
    build_site(site(), tmp_path / "site")
    return tmp_path / "site"


def linked_data(page: str) -> dict[str, Any]:
    """Return what a page tells search engines of the business."""
    [written] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told: dict[str, Any] = json.loads(written)
    return told


def test_search_engines_are_told_of_every_language(built: Path) -> None:
    """The sitemap has the page in each language, each with all of them, and robots.txt has the sitemap."""
    urls = ET.parse(built / "sitemap.xml").findall("s:url", _XML)  # noqa: S314, our own file

    assert [url.findtext("s:loc", "", _XML) for url in urls] == [f"{PUBLIC_URL}/", f"{PUBLIC_URL}/fr/"]
    for url in urls:
        assert {link.get("hreflang"): link.get("href") for link in url.findall("x:link", _XML)} == {
            "en": f"{PUBLIC_URL}/",
            "fr": f"{PUBLIC_URL}/fr/",
            "x-default": f"{PUBLIC_URL}/",
        }
    assert f"Sitemap: {PUBLIC_URL}/sitemap.xml" in (built / "robots.txt").read_text()


def test_a_shared_link_has_a_picture(built: Path) -> None:
    """Title, description, language and picture are there for who shows a link, the picture by its whole address."""
    page = (built / "fr" / "index.html").read_text(encoding="utf-8")
    told = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', page))

    assert told["title"].startswith("Studio North")
    assert "€" in told["description"]
    assert (told["locale"], told["locale:alternate"]) == ("fr_FR", "en_US")
    assert told["url"] == f"{PUBLIC_URL}/fr/"
    shown = (built / told["image"].removeprefix(f"{PUBLIC_URL}/")).read_bytes()
    assert struct.unpack(">II", shown[16:24]) == (1200, 630)


def test_the_business_is_described_as_data() -> None:
    """Name and address of the business are there as JSON-LD, and no name can break out of it."""
    told = linked_data(site(name="North </script> & Söhne").landing("en"))

    assert (told["@type"], told["name"]) == ("Organization", "North </script> & Söhne")
    assert told["url"] == "https://studio.example"


def test_icons(built: Path) -> None:
    """The manifest's icons are there, and favicon.ico is one."""
    manifest = json.loads((built / "manifest.webmanifest").read_text(encoding="utf-8"))

    assert manifest["name"] == "Studio North"
    assert all((built / icon["src"].lstrip("/")).is_file() for icon in manifest["icons"])
    icon = (built / "favicon.ico").read_bytes()
    kind, count, width = struct.unpack("<2xHHB", icon[:7])
    assert (kind, count, width) == (1, 1, 180)
    assert icon[22:30] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("section", ["steps", "price", "faq", "footer"])
def test_a_section_can_be_off(section: str) -> None:
    """A section without words leaves nothing behind, and the rest stays."""
    headings = {
        "steps": "How it goes",
        "price": "What it costs",
        "faq": "Good to know",
        "footer": "a studio of two.</p>",
    }
    page = site(without=(section,)).landing("en")

    assert [name for name, heading in headings.items() if heading in page] == [
        name for name in headings if name != section
    ]
    assert "</form>" in page


def test_every_small_word_can_be_off() -> None:
    """A page without any of what may be left out is still a page."""
    bare = site()
    words = dict(bare.content["en"])
    words["hero"] = {key: words["hero"][key] for key in ("headline", "lead", "action")}
    words["form"] = {"title": "Ask us"}
    words["price"] = {key: words["price"][key] for key in ("title", "amount", "text")}
    page = Site(form=bare.form, content={"en": words, "fr": words}, assets=bare.assets, public_url=PUBLIC_URL)

    assert "Ask us" in page.landing("en")
    assert "<svg" not in page.landing("en")


@pytest.mark.parametrize(
    ("public_url", "privacy_url", "href"),
    [
        ("https://studio.example", "https://studio.example/privacy", "/fr/privacy/"),
        ("https://studio.example", "https://studio.example/privacy/", "/fr/privacy/"),
        (PUBLIC_URL, f"{PUBLIC_URL}/privacy", "/fr/privacy/"),
        ("http://localhost:8080", "https://studio.example/privacy", "/fr/privacy/"),
        ("http://localhost:8080", "https://lawyers.example/privacy", "https://lawyers.example/privacy"),
        ("http://localhost:8080", "https://studio.example/legal", "https://studio.example/legal"),
        (PUBLIC_URL, "https://studio.example/privacy", "https://studio.example/privacy"),
    ],
)
def test_the_privacy_note_is_the_one_that_is_meant(public_url: str, privacy_url: str, href: str) -> None:
    """A note at this site's own address is the built page, in the reader's language; any other is a link elsewhere."""
    page = site(public_url, privacy_url=privacy_url).landing("fr")

    assert page.count(f'href="{href}"') == 2


def test_the_privacy_note_is_written_from_the_form(built: Path) -> None:
    """It names each question, how long answers are kept, and who is to be written to."""
    note = (built / "fr" / "privacy" / "index.html").read_text(encoding="utf-8")

    assert "<li>Nos projets commencent à 5\u202f000\xa0€. Aviez-vous prévu cette somme" in note
    assert "<dd>2 ans</dd>" in note
    assert "<dd>180\xa0jours</dd>" in note
    assert '<a href="mailto:hello@studio.example">hello@studio.example</a>' in note


def test_what_was_there_is_gone(built: Path) -> None:
    """Building again leaves nothing behind of what was built before."""
    (built / "old.html").write_text("old")

    build_site(site(), built)

    assert not (built / "old.html").exists()


def test_a_function_elsewhere_gets_the_answers(tmp_path: Path) -> None:
    """The form leads to the function's own address, and the host is told to let it."""
    build_site(site(function_url="https://function.example"), tmp_path)

    assert 'action="https://function.example/api/leads"' in (tmp_path / "fr/index.html").read_text(encoding="utf-8")
    assert "form-action 'self' https://function.example;" in (tmp_path / "_headers").read_text(encoding="utf-8")


def test_a_page_from_elsewhere_leads_to_the_site() -> None:
    """What a function elsewhere answers finds every file and page at the site, and runs no script on its own host."""
    answered = site(function_url="https://function.example").landing("fr", {}, trouble=True)

    leads_to = re.findall(r'(?:href|src|data-thanks)="([^"#][^"]*)"', answered)
    assert [address for address in leads_to if not address.startswith(("https://", "mailto:"))] == []
    assert f'href="{PUBLIC_URL}/" lang="en"' in answered
    assert f'<link rel="canonical" href="{PUBLIC_URL}/fr/">' in answered
    assert "form.js" not in answered
    assert 'class="progress"' not in answered
