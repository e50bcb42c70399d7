"""The built site: its pages, and the files for programs."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from prequal.core.form import form_from
from prequal.forms.compilation import read_assets
from prequal.forms.hosting import write_hosting
from prequal.forms.site_builder import build_site
from prequal.forms.site_content import read_content, read_picture
from prequal.pages.site import Site, headers_by_path
from prequal.resources import SHIPPED
from support import builders

PUBLIC_URL = "https://start.studio.example"
_XML = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def site(public_url: str = PUBLIC_URL, without: tuple[str, ...] = (), function_url: str = "", **business: str) -> Site:
    """Return the site of a small form with the checkout's texts, without some sections."""
    document = builders.document()
    document["business"].update(business)
    words = read_content(SHIPPED / "site" / "content", document["languages"])
    return Site(
        form=form_from(document),
        content={
            language: {key: part for key, part in parts.items() if key not in without}
            for language, parts in words.items()
        },
        assets={asset.name: asset.path for asset in read_assets(form_from(document), contents=[words])},
        picture=read_picture(),
        public_url=public_url,
        function_url=function_url,
    )


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Build the site."""
    build_site([site()], tmp_path / "site")
    return tmp_path / "site"


def test_pages_for_frames_are_built_where_sites_may_show_them(tmp_path: Path) -> None:
    """With sites that may show the form, each language has a page with the form alone, and its thanks; else none."""
    for name, frames in (("without", []), ("with", ["https://studio.example"])):
        build_site([replace(site(), frames=frames)], tmp_path / name)
    found = [
        sorted(path.relative_to(tmp_path / name).as_posix() for path in (tmp_path / name).rglob("embed/**/*.html"))
        for name in ("without", "with")
    ]
    assert found == [
        [],
        ["embed/index.html", "embed/thanks/index.html", "fr/embed/index.html", "fr/embed/thanks/index.html"],
    ]
    page = (tmp_path / "with/fr/embed/index.html").read_text()
    assert '<meta name="robots" content="noindex">' in page
    assert 'class="hero' not in page


def test_the_script_of_blocks_stays_at_its_address(built: Path) -> None:
    """The script is at an address without a hash, wrapped into a function, since it shares a page with others."""
    [asset] = built.glob("assets/form.*.js")
    script = (built / "embed.js").read_text()
    assert asset.read_text() in script
    assert script.startswith('"use strict";\n(() => {')


def test_turnstile_is_loaded_where_it_is_set(tmp_path: Path) -> None:
    """With a site key, the page with the form loads Turnstile's script, and every host allows that and its frame."""
    origin = "https://challenges.cloudflare.com"
    with_key = replace(site(), turnstile_key="0x4AAA-studio_north")
    build_site([with_key], tmp_path / "site")
    write_hosting(tmp_path, tmp_path / "site", [], headers_by_path([with_key]), "europe-west1")
    pages = {path: path.read_text() for path in (tmp_path / "site").rglob("*.html")}
    hosts = [tmp_path / name for name in ("firebase.json", "nginx.conf", "caddy.conf", "site/_headers")]

    loading = {path.relative_to(tmp_path / "site").as_posix() for path, page in pages.items() if origin in page}
    assert loading == {"index.html", "fr/index.html"}
    home = pages[tmp_path / "site/fr/index.html"]
    assert f'<script src="{origin}/turnstile/v0/api.js" async></script>' in home
    assert '<div class="cf-turnstile" data-sitekey="0x4AAA-studio_north" data-language="fr"></div>' in home
    for host in hosts:
        assert f"script-src 'self' {origin};" in host.read_text()
        assert f"frame-src {origin};" in host.read_text()
    for answering in (with_key, replace(with_key, function_url="https://f.example")):
        headers = answering.answer_headers(framed=False)
        assert f" {origin}; style-src" in headers["Content-Security-Policy"]
        assert f"frame-src {origin};" in headers["Content-Security-Policy"]
    assert "loads Turnstile from Cloudflare" in pages[tmp_path / "site/privacy/index.html"]


def test_nothing_is_loaded_from_others(built: Path) -> None:
    """Without Turnstile, neither a page nor a header names another host to load from."""
    for path in built.rglob("*.html"):
        assert "cloudflare" not in path.read_text()
    assert "frame-src" not in (built / "_headers").read_text()
    assert "loads nothing from anybody else" in (built / "privacy/index.html").read_text().replace("\n", " ")


def linked_data(page: str) -> dict[str, Any]:
    """Return the JSON-LD of a page."""
    [written] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told: dict[str, Any] = json.loads(written)
    return told


def test_the_sitemap_lists_every_language(built: Path) -> None:
    """The sitemap has the page in each language, each with all alternates, and robots.txt names the sitemap."""
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
    """A link preview finds title, description, language and picture, the picture by its absolute address."""
    page = (built / "fr" / "index.html").read_text(encoding="utf-8")
    told = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', page))

    assert told["title"].startswith("Studio North")
    assert "€" in told["description"]
    assert (told["locale"], told["locale:alternate"]) == ("fr_FR", "en_US")
    assert told["url"] == f"{PUBLIC_URL}/fr/"
    shown = (built / told["image"].removeprefix(f"{PUBLIC_URL}/")).read_bytes()
    assert struct.unpack(">II", shown[16:24]) == (1200, 630)


def test_the_business_is_described_as_data() -> None:
    """The page has name and address of the business as JSON-LD, and no name can break out of it."""
    told = linked_data(site(name="North </script> & Söhne").landing("en"))

    assert (told["@type"], told["name"]) == ("Organization", "North </script> & Söhne")
    assert told["url"] == "https://studio.example"


def test_icons(built: Path) -> None:
    """The icons of the manifest exist, and favicon.ico is one."""
    manifest = json.loads((built / "manifest.webmanifest").read_text(encoding="utf-8"))

    assert manifest["name"] == "Studio North"
    assert all((built / icon["src"].lstrip("/")).is_file() for icon in manifest["icons"])
    icon = (built / "favicon.ico").read_bytes()
    kind, count, width = struct.unpack("<2xHHB", icon[:7])
    assert (kind, count, width) == (1, 1, 180)
    assert icon[22:30] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("section", ["steps", "price", "faq", "footer"])
def test_a_section_can_be_off(section: str) -> None:
    """A section without texts leaves no trace, and the rest stays."""
    headings = {
        "steps": "How it goes",
        "price": "For that you get",
        "faq": "Good to know",
        "footer": "a studio of two.</p>",
    }
    page = site(without=(section,)).landing("en")

    assert [name for name, heading in headings.items() if heading in page] == [
        name for name in headings if name != section
    ]
    assert "</form>" in page


def test_every_optional_text_can_be_off() -> None:
    """A page without any optional text is still a page."""
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
def test_the_link_to_the_privacy_note(public_url: str, privacy_url: str, href: str) -> None:
    """A note at this site's own address is the built page, in the reader's language; any other is a link elsewhere."""
    page = site(public_url, privacy_url=privacy_url).landing("fr")

    assert page.count(f'href="{href}"') == 2


def test_the_privacy_note_is_written_from_the_form(built: Path) -> None:
    """It names each question, the retention of answers, and the contact."""
    note = (built / "fr" / "privacy" / "index.html").read_text(encoding="utf-8")

    assert "<li>Nos projets commencent à 5\u202f000\xa0€. Aviez-vous prévu cette somme" in note
    assert "<dd>2 ans</dd>" in note
    assert "<dd>180\xa0jours</dd>" in note
    assert '<a href="mailto:hello@studio.example">hello@studio.example</a>' in note


def test_a_build_replaces_the_one_before(built: Path) -> None:
    """A build removes the files of the previous one."""
    (built / "old.html").write_text("old")

    build_site([site()], built)

    assert not (built / "old.html").exists()


def test_the_form_posts_to_a_function_elsewhere(tmp_path: Path) -> None:
    """The form posts to the function's own address, and the policy in the host's headers allows it."""
    build_site([site(function_url="https://function.example")], tmp_path)

    assert 'action="https://function.example/api/leads"' in (tmp_path / "fr/index.html").read_text(encoding="utf-8")
    assert "form-action 'self' https://function.example;" in (tmp_path / "_headers").read_text(encoding="utf-8")


def test_a_page_from_elsewhere_leads_to_the_site() -> None:
    """A page of a function elsewhere loads its files from the site, links to it, and runs no script of its own host."""
    answered = site(function_url="https://function.example").landing("fr", {}, trouble=True)

    leads_to = re.findall(r'(?:href|src|data-thanks)="([^"#][^"]*)"', answered)
    assert [address for address in leads_to if not address.startswith(("https://", "mailto:"))] == []
    assert f'href="{PUBLIC_URL}/" lang="en"' in answered
    assert f'<link rel="canonical" href="{PUBLIC_URL}/fr/">' in answered
    assert "form.js" not in answered
    assert 'class="progress"' not in answered


def test_nothing_of_the_rules_is_in_the_site(tmp_path: Path) -> None:
    """No file of the site or for its hosts, nor a name of one, has a booking page, points, grades or a knock-out."""
    questions = builders.document()["questions"]
    questions[0]["options"][0]["rules_out"] = "Cannot afford us"
    booking = [
        {"if": {"budget": ["around"], "grade": ["hot"]}, "url": "https://cal.example/hot?grade={grade}"},
        {"if": {"language": ["fr"]}, "url": "https://appel.example/fr"},
    ]
    form = form_from({**builders.document(), "questions": questions, "booking": booking})
    pages = replace(site(), form=form)
    build_site([pages], tmp_path / "site")
    write_hosting(tmp_path, tmp_path / "site", pages.assets.values(), headers_by_path([pages]), "europe-west1")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".html"]) > 4
    words = rb"\b(?:points|grades?|qualif\w+)\b|['\"](?:hot|warm|cold)\b"
    secret = rb"cal\.example|appel\.example|rules_out|Cannot afford us|" + words
    for path in files:
        found = re.search(secret, path.name.encode() + b" " + path.read_bytes())
        assert found is None, f"{path} has {found and found[0]!r}"
