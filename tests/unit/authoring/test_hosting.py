"""What the hosts of the site are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prequal.authoring import hosting
from prequal.pages.headers import ASSET_CACHING, PAGE_CACHING, PAGE_HEADERS

if TYPE_CHECKING:
    from pathlib import Path


def test_firebase_sends_every_header() -> None:
    """Everything has the headers of pages; assets are kept for ever, answers and errors never."""
    config = json.loads(hosting.firebase("site", ["/assets/style.0a.css"], "europe-west1"))["hosting"]
    rules = [
        (rule["source"], {header["key"]: header["value"] for header in rule["headers"]}) for rule in config["headers"]
    ]

    assert config["public"] == "site"
    assert rules == [
        ("**", {**PAGE_HEADERS, "Cache-Control": PAGE_CACHING}),
        ("/assets/style.0a.css", {"Cache-Control": ASSET_CACHING}),
        ("/api/**", {"Cache-Control": "no-store"}),
        ("/b/**", {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}),
        ("/404.html", {"Cache-Control": "no-store"}),
    ]


def test_firebase_leads_to_the_function() -> None:
    """What the page posts to, and the links in mails, are the function's, on the site's own host."""
    config = json.loads(hosting.firebase("site", [], "europe-west4"))["hosting"]

    function = {"serviceId": "prequal-submit", "region": "europe-west4"}
    assert config["rewrites"] == [{"source": "/api/**", "run": function}, {"source": "/b/**", "run": function}]


def test_netlify_sends_every_header() -> None:
    """A path a rule, a header a line below it, and no header twice for one path."""
    rules = {}
    for rule in hosting.netlify(["/assets/style.0a.css"]).split("\n\n"):
        path, *lines = rule.splitlines()
        rules[path] = dict(line.strip().split(": ", 1) for line in lines)

    assert rules == {"/*": PAGE_HEADERS, "/assets/style.0a.css": {"Cache-Control": ASSET_CACHING}}


def test_nginx_sends_every_header() -> None:
    """Both locations have all of the headers, since neither inherits any."""
    written = hosting.nginx()

    for name, value in PAGE_HEADERS.items():
        assert written.count(f'add_header {name} "{value}" always;') == 2
    assert f'add_header Cache-Control "{PAGE_CACHING}";' in written
    assert f'add_header Cache-Control "{ASSET_CACHING}";' in written


def test_caddy_sends_every_header() -> None:
    """Every header of a page is there; pages and assets each have their caching, in whatever order Caddy reads it."""
    written = hosting.caddy()

    for name, value in PAGE_HEADERS.items():
        assert f'\t{name} "{value}"\n' in written
    assert f'header /assets/* Cache-Control "{ASSET_CACHING}"\n' in written
    assert f'@pages not path /assets/*\nheader @pages Cache-Control "{PAGE_CACHING}"\n' in written


def test_nothing_within_a_page_is_trusted() -> None:
    """The policy lets in this site's own files, and neither scripts nor styles that stand in a page."""
    policy = PAGE_HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_all_files_are_written_beside_the_site(tmp_path: Path) -> None:
    """Firebase is told of the site's folder from where its own file lies."""
    hosting.write_hosting(tmp_path, tmp_path / "site", [], "europe-west1")

    assert json.loads((tmp_path / "firebase.json").read_text(encoding="utf-8"))["hosting"]["public"] == "site"
    assert (tmp_path / "nginx.conf").read_text(encoding="utf-8") == hosting.nginx()
    assert (tmp_path / "caddy.conf").read_text(encoding="utf-8") == hosting.caddy()
