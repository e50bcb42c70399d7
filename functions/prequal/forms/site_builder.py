"""The static site as files, for any host."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from prequal.files import replace_folder
from prequal.forms.compilation import read_assets
from prequal.forms.hosting import NETLIFY, netlify
from prequal.pages.site import Notice, Site, home


def build_site(site: Site, folder: Path) -> None:
    """Write the whole site to a folder, replacing the previous content."""
    files = dict(_files(site))
    with replace_folder(folder) as new:
        for path, text in files.items():
            _write(new / path, text.encode())
        for asset in read_assets():
            _write(new / asset.path.lstrip("/"), asset.content)
            if asset.name == "icon.png":
                # Old browsers and link previews request it unasked.
                _write(new / "favicon.ico", _ico(asset.content))


def _files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield pages, then files for programs: search engines, phones with the page on their home screen, the host."""
    for language in site.form.languages:
        start = home(site.form, language).lstrip("/")
        yield f"{start}index.html", site.landing(language)
        yield f"{start}thanks/index.html", site.thanks(language)
        yield f"{start}privacy/index.html", site.privacy(language)
    yield "404.html", site.notice(Notice.NOT_FOUND, site.form.default_language)
    yield "sitemap.xml", _sitemap(site)
    yield "robots.txt", f"User-agent: *\nDisallow: /api/\nDisallow: /b/\n\nSitemap: {site.public_url}/sitemap.xml\n"
    yield "manifest.webmanifest", _manifest(site)
    yield NETLIFY, netlify(site.assets.values(), site.headers)


def _sitemap(site: Site) -> str:
    """List the landing page in each language, with its alternates in the others."""
    form = site.form
    addresses = {language: f"{site.public_url}{home(form, language)}" for language in form.languages}
    others = {**addresses, "x-default": addresses[form.default_language]}
    links = "".join(
        f'    <xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(address)}/>\n'
        for language, address in others.items()
    )
    entries = "".join(f"  <url>\n    <loc>{address}</loc>\n{links}  </url>\n" for address in addresses.values())
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>\n{entries}</urlset>\n'


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
