"""The pages' links: every address and every anchor on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from prequal.forms.site_builder import build_site
from support.gallery import configured_site, pages_in, write_answers

HOST = "https://studio.example"
FUNCTION = {"/api/leads"}

_ADDRESSES = {"href", "src", "action", "poster"}
_LISTS_OF_ADDRESSES = {"srcset", "imagesrcset"}
# A <meta> whose content is an address.
_META = {"og:url", "og:image", "twitter:image"}
_IDS = {"for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "headers", "list"}


class _Page(HTMLParser):
    """A parser that collects a page's addresses, its ids, and the ids that it refers to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.meant: list[str] = []
        self._templates = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Collect an element's addresses and ids, unless it is within a template, which is filled in later."""
        self._templates += tag == "template"
        if self._templates:
            return
        values = {name: value or "" for name, value in attrs}
        self.addresses += [values[name] for name in _ADDRESSES & values.keys()]
        for name in _LISTS_OF_ADDRESSES & values.keys():
            self.addresses += [item.split()[0] for item in values[name].split(",")]
        if {values.get("property"), values.get("name")} & _META:
            self.addresses.append(values["content"])
        self.ids += [values["id"]] if "id" in values else []
        self.meant += [id_ for name in _IDS & values.keys() for id_ in values[name].split()]

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._templates -= tag == "template"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as it is deployed, and the function's pages beside it."""
    folder = tmp_path_factory.mktemp("site")
    site = configured_site(HOST)
    build_site([site], folder)
    write_answers(site, folder)
    return folder


@pytest.fixture(scope="module")
def pages(folder: Path) -> Mapping[str, _Page]:
    """Read every page."""
    return {path: _Page(html) for path, html in pages_in(folder).items()}


def test_every_address_leads_somewhere(folder: Path, pages: Mapping[str, _Page]) -> None:
    """Each link, picture, script, alternate and form of each page leads to a file of the site or to the function."""
    lost = {
        (path, address)
        for path, page in pages.items()
        for address in page.addresses
        if not _exists(folder, _absolute(path, address))
    }

    assert lost == set()


def test_every_anchor_is_there(pages: Mapping[str, _Page]) -> None:
    """Each link to a part of a page names an id on that page."""
    lost = set()
    for path, page in pages.items():
        for address in page.addresses:
            target = urlsplit(_absolute(path, address))
            if target.fragment and target.fragment not in pages[target.path].ids:
                lost.add((path, address))

    assert lost == set()


def test_every_id_that_is_spoken_of_is_there_once(pages: Mapping[str, _Page]) -> None:
    """Labels and descriptions name elements of their page, and no two elements have the same id."""
    for path, page in pages.items():
        assert set(page.meant) <= set(page.ids), path
        assert len(page.ids) == len(set(page.ids)), path


def test_no_link_leads_to_another_site(pages: Mapping[str, _Page]) -> None:
    """Every link leads to this site or to the studio's mail address."""
    everywhere = {_absolute(path, address) for path, page in pages.items() for address in page.addresses}

    assert {address for address in everywhere if not address.startswith(HOST)} == {"mailto:hello@studio.example"}


def test_addresses_in_machine_readable_files_exist(folder: Path) -> None:
    """The addresses in the site map, robots.txt, the manifest, the styles and the structured data exist."""
    named = set(_named_for_machines(folder))

    assert {address for address in named if not _exists(folder, urljoin(HOST, address))} == set()
    assert {f"{HOST}/", f"{HOST}/pl/", f"{HOST}/sitemap.xml", "/"} <= named


def _named_for_machines(folder: Path) -> Iterator[str]:
    yield from re.findall(r"<loc>(.*?)</loc>", (folder / "sitemap.xml").read_text())
    yield from re.findall(r'href="(.*?)"', (folder / "sitemap.xml").read_text())
    yield from re.findall(r"^Sitemap: (.*)$", (folder / "robots.txt").read_text(), re.MULTILINE)
    manifest = json.loads((folder / "manifest.webmanifest").read_text())
    yield manifest["start_url"]
    yield from (icon["src"] for icon in manifest["icons"])
    for style in folder.glob("assets/*.css"):
        yield from re.findall(r"url\([\"']?(.*?)[\"']?\)", style.read_text())
    for html in pages_in(folder).values():
        for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL):
            yield from re.findall(rf'"({re.escape(HOST)}.*?)"', data)


def _absolute(path: str, address: str) -> str:
    return urljoin(urljoin(HOST, path), address)


def _exists(folder: Path, address: str) -> bool:
    """Return whether an address of the site leads to a served file or to the function; other sites are not checked."""
    if not address.startswith(HOST):
        return True
    path = urlsplit(address).path or "/"
    file = folder / path.lstrip("/")
    return path in FUNCTION or path.startswith("/b/") or file.is_file() or (file / "index.html").is_file()
