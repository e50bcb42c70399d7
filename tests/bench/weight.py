"""The weight of the start page: the page, and the files that it links to load."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import brotli

from bench.table import Row, Section, size, times
from prequal.forms.site_builder import build_site
from prequal.pages.site import Site

# 14 KiB: about what a server may send before the browser has acknowledged anything (ten packets, RFC 6928).
BUDGET = 14 * 1024

_LOADING = {"stylesheet", "icon", "preload", "modulepreload"}


def with_brotli(content: bytes) -> bytes:
    """Compress at the highest quality, as a host does for static files."""
    compressed: bytes = brotli.compress(content, quality=11)
    return compressed


_ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip -9": lambda content: gzip.compress(content, 9, mtime=0),
    "brotli 11": with_brotli,
}


def weight(site: Site, folder: Path) -> Iterator[Section]:
    """Build the site and weigh the start page, a section for each encoding."""
    build_site([site], folder)
    files = loaded(folder)
    for name, encode in _ENCODINGS.items():
        yield Section(f"Weight of the start page, {name}", list(_rows(files, encode)))


def is_extra(path: str) -> bool:
    """Return whether a file is a font or a picture below the first view: the page is readable without it."""
    return path.endswith(".woff2") or path.startswith("/assets/pictures/")


def loaded(folder: Path, start: str = "/") -> Mapping[str, bytes]:
    """Return the files that a browser fetches before a start page can be used, by path."""
    page = (folder / start.lstrip("/") / "index.html").read_bytes()
    links = _Links()
    links.feed(page.decode())
    return {start: page, **{path: (folder / path.lstrip("/")).read_bytes() for path in links.loaded}}


def _rows(files: Mapping[str, bytes], encode: Callable[[bytes], bytes]) -> Iterator[Row]:
    total = 0
    for path, content in files.items():
        length = len(encode(content))
        total += 0 if is_extra(path) else length
        yield _beside_raw(_name(path), length, len(content))
    yield _beside_raw(
        "without fonts, pictures", total, sum(len(each) for path, each in files.items() if not is_extra(path))
    )
    yield Row("of the budget", size(total), f"14 KiB {size(BUDGET)}", times(total / BUDGET))


def _beside_raw(what: str, length: int, raw: int) -> Row:
    return Row(what, size(length), f"raw {size(raw)}", times(length / raw))


def _name(path: str) -> str:
    """Return a file's name without the hash of its content."""
    name = PurePosixPath(path)
    return PurePosixPath(name.stem).stem + name.suffix or "index.html"


class _Links(HTMLParser):
    """A parser that collects the addresses of the files that a page loads, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Collect the address that this element loads, if any."""
        values = dict(attrs)
        address = values.get("src")
        if tag == "link" and _LOADING & set((values.get("rel") or "").split()):
            address = values.get("href")
        if address:
            self.loaded.append(address)
