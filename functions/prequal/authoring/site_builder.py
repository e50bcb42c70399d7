"""Building the static site: what any static host can serve."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from prequal.authoring.compiling import assets
from prequal.pages.site import Notice, home

if TYPE_CHECKING:
    from pathlib import Path

    from prequal.pages.site import Site


def build_site(site: Site, folder: Path) -> None:
    """Write the whole site into a folder, in the place of whatever was there."""
    pages = {}
    for language in site.form.languages:
        start = home(site.form, language).lstrip("/")
        pages[f"{start}index.html"] = site.landing(language)
        pages[f"{start}thanks/index.html"] = site.thanks(language)
    pages["404.html"] = site.notice(Notice.NOT_FOUND, site.form.default_language)
    if folder.exists():
        shutil.rmtree(folder)
    for path, html in pages.items():
        _write(folder / path, html.encode())
    for asset in assets():
        _write(folder / asset.path.lstrip("/"), asset.content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
