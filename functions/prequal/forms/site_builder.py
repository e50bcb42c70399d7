"""The static site as files, for any host."""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

from prequal.files import replace_folder
from prequal.forms.compilation import read_assets
from prequal.forms.hosting import NETLIFY, netlify
from prequal.pages.site import Notice, Site, headers_by_path


def build_site(sites: Sequence[Site], folder: Path) -> None:
    """Write the pages of all forms, the main one first, to a folder, replacing the previous content."""
    files = dict(_files(sites))
    with replace_folder(folder) as new:
        for path, text in files.items():
            _write(new / path.lstrip("/"), text.encode())
        for asset in read_assets(*(site.form for site in sites), contents=[site.content for site in sites]):
            _write(new / asset.path.lstrip("/"), asset.content)
            if asset.name == "icon.png":
                # Old browsers and link previews request it unasked.
                _write(new / "favicon.ico", _ico(asset.content))
            if asset.name == "form.js":
                # For blocks on other sites, which stay as they were pasted: at an address that stays, too, and as a
                # function, since other sites may not load our modules.
                _write(new / "embed.js", b'"use strict";\n(() => {\n' + asset.content + b"})();\n")


def _files(sites: Sequence[Site]) -> Iterator[tuple[str, str]]:
    """Yield pages, then files for programs: search engines, phones with the page on their home screen, the host."""
    main = sites[0]
    # Beside others, the main form has a page of its own name too, so that all of them can be linked to alike.
    copies = [replace(main, is_main=False, is_copy=True)] if len(sites) > 1 else []
    for site in (*sites, *copies):
        paths = site.paths
        for language in site.form.languages:
            yield f"{paths.home(language)}index.html", site.landing(language)
            yield f"{paths.thanks(language)}index.html", site.thanks(language)
            yield f"{paths.privacy(language)}index.html", site.privacy(language)
            if site.frames and not site.is_copy:
                yield f"{paths.frame(language)}index.html", site.landing(language, framed=True)
                yield f"{paths.thanks(language, framed=True)}index.html", site.thanks(language, framed=True)
    yield "404.html", main.notice(Notice.NOT_FOUND, main.form.default_language)
    yield "sitemap.xml", _sitemap(sites)
    yield "robots.txt", f"User-agent: *\nDisallow: /api/\nDisallow: /b/\n\nSitemap: {main.public_url}/sitemap.xml\n"
    yield "manifest.webmanifest", _manifest(main)
    yield NETLIFY, netlify(main.assets.values(), headers_by_path(sites))


def _sitemap(sites: Sequence[Site]) -> str:
    """List the landing pages in each language, with their alternates in the others."""
    entries = "".join(map(_sitemap_entries, sites))
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>\n{entries}</urlset>\n'


def _sitemap_entries(site: Site) -> str:
    addresses = {language: f"{site.public_url}{site.paths.home(language)}" for language in site.form.languages}
    others = {**addresses, "x-default": addresses[site.form.default_language]}
    links = "".join(
        f'    <xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(address)}/>\n'
        for language, address in others.items()
    )
    return "".join(f"  <url>\n    <loc>{address}</loc>\n{links}  </url>\n" for address in addresses.values())


def _manifest(site: Site) -> str:
    icons = [
        {"src": site.assets["icon.svg"], "sizes": "any", "type": "image/svg+xml"},
        {"src": site.assets["icon.png"], "sizes": "180x180", "type": "image/png"},
    ]
    name = site.form.business.name
    manifest = {"name": name, "lang": site.form.default_language, "start_url": "/", "icons": icons}
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _ico(png: bytes) -> bytes:
    """Wrap a square PNG of at most 255 pixels as an ICO file, which may contain PNGs since Windows Vista."""
    width, height = struct.unpack(">II", png[16:24])
    heading = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", width, height, 0, 0, 1, 32, len(png), 22)
    return heading + entry + png


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
