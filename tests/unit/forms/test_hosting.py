"""The configuration of static hosts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from prequal.forms import hosting
from prequal.pages.headers import ASSET_CACHING, DESK_HEADERS, FOR_EVERY_ORIGIN, PAGE_CACHING, POLICY, page_headers

HEADERS = page_headers()
PAGES = {"/": HEADERS}


def test_firebase_sends_every_header() -> None:
    """Every path has the headers of pages; assets are cached for ever, responses of the function and errors never."""
    config = json.loads(hosting.firebase("site", ["/assets/style.0a.css"], PAGES, "europe-west1"))["hosting"]
    rules = [
        (rule["source"], {header["key"]: header["value"] for header in rule["headers"]}) for rule in config["headers"]
    ]

    policy = DESK_HEADERS[POLICY].replace("style-src", "style-src 'unsafe-inline'")  # for the report
    desk = {**DESK_HEADERS, POLICY: policy}
    links = HEADERS[POLICY].replace("form-action", "form-action https:")  # for the redirect to a booking page
    assert config["public"] == "site"
    assert rules == [
        ("**", {**HEADERS, "Cache-Control": PAGE_CACHING}),
        ("/assets/style.0a.css", {"Cache-Control": ASSET_CACHING, **FOR_EVERY_ORIGIN}),
        ("/desk", desk),
        ("/desk/**", desk),
        ("/api/**", {"Cache-Control": "private, no-store"}),
        ("/b/**", {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", POLICY: links}),
        ("/404.html", {"Cache-Control": "private, no-store"}),
    ]


def test_firebase_leads_to_the_functions() -> None:
    """The address that the form posts to, the links in mails, and the desk are on the site's own host."""
    config = json.loads(hosting.firebase("site", [], PAGES, "europe-west4"))["hosting"]

    submit, desk = ({"serviceId": f"prequal-{name}", "region": "europe-west4"} for name in ("submit", "desk"))
    assert config["rewrites"] == [
        {"source": "/desk", "run": desk},
        {"source": "/desk/**", "run": desk},
        {"source": "/api/**", "run": submit},
        {"source": "/b/**", "run": submit},
    ]


def test_netlify_sends_every_header() -> None:
    """Each rule has its path, with one header per line below it, and no header twice for one path."""
    rules = {}
    for rule in hosting.netlify(["/assets/style.0a.css"], PAGES).split("\n\n"):
        path, *lines = rule.splitlines()
        rules[path] = dict(line.strip().split(": ", 1) for line in lines)

    assert rules == {"/*": HEADERS, "/assets/style.0a.css": {"Cache-Control": ASSET_CACHING, **FOR_EVERY_ORIGIN}}


def test_nginx_sends_every_header() -> None:
    """Both locations have all of the headers, as neither inherits any."""
    written = hosting.nginx(PAGES)

    for name, value in HEADERS.items():
        assert written.count(f'add_header {name} "{value}" always;') == 2
    assert f'add_header Cache-Control "{PAGE_CACHING}";' in written
    assert f'add_header Cache-Control "{ASSET_CACHING}";' in written


def test_caddy_sends_every_header() -> None:
    """Every header of a page is set; pages and assets have their own caching, in any order that Caddy applies."""
    written = hosting.caddy(PAGES)

    for name, value in HEADERS.items():
        assert f'\t{name} "{value}"\n' in written
    assert f'header /assets/* Cache-Control "{ASSET_CACHING}"\n' in written
    assert f'@pages not path /assets/*\nheader @pages Cache-Control "{PAGE_CACHING}"\n' in written


class TestFrames:
    FRAMED = page_headers(frames=["https://a.example", "https://b.example"])
    PAGES: ClassVar = {"/": HEADERS, "/embed/": FRAMED, "/fr/embed/": FRAMED}
    NOWHERE, SOMEWHERE = "frame-ancestors 'none'", "frame-ancestors https://a.example https://b.example"

    def test_only_the_named_sites_may_show_a_page(self) -> None:
        """The policies differ in nothing but the sites that may show the page."""
        own, framed = (headers["Content-Security-Policy"] for headers in (HEADERS, self.FRAMED))
        assert own.replace(self.NOWHERE, self.SOMEWHERE) == framed
        assert HEADERS.keys() == self.FRAMED.keys()

    def test_firebase(self) -> None:
        """The later of two rules for a header applies."""
        config = json.loads(hosting.firebase("site", [], self.PAGES, "europe-west1"))["hosting"]
        policies = {
            rule["source"]: header["value"]
            for rule in config["headers"]
            for header in rule["headers"]
            if header["key"] == "Content-Security-Policy"
        }
        assert list(policies) == ["**", "/embed/**", "/fr/embed/**", "/desk", "/desk/**", "/b/**"]
        assert [self.SOMEWHERE in policy for policy in policies.values()] == [False, True, True, False, False, False]

    def test_netlify(self) -> None:
        """Whether a host sends the policies of both rules or the later one, only the named sites may show the page."""
        every, *framed = hosting.netlify([], self.PAGES).split("\n\n")
        assert every.startswith("/*\n")
        assert "frame-ancestors" not in every
        assert "  X-Frame-Options: DENY" in every
        assert [rule.splitlines()[0] for rule in framed if self.SOMEWHERE in rule] == ["/embed/*", "/fr/embed/*"]
        assert not any("X-Frame-Options" in rule for rule in framed)
        assert "X-Frame-Options" not in hosting.netlify([], PAGES)

    def test_nginx(self) -> None:
        """The longest location applies, and has every header."""
        written = hosting.nginx(self.PAGES)
        for path in ("/embed/", "/fr/embed/"):
            location = written.partition(f"location {path} {{")[2].partition("}")[0]
            assert [location.count(f'add_header {name} "{value}" always;') for name, value in self.FRAMED.items()] == [
                1
            ] * len(self.FRAMED)

    def test_caddy(self) -> None:
        """Each path has one policy."""
        written = hosting.caddy(self.PAGES)
        assert '@unframed not path /embed/* /fr/embed/*\nheader @unframed Content-Security-Policy "' in written
        assert [line.split()[1] for line in written.splitlines() if self.SOMEWHERE in line] == [
            "/embed/*",
            "/fr/embed/*",
        ]
        assert written.count(self.NOWHERE) == 1


def test_inline_scripts_and_styles_are_blocked() -> None:
    """The policy allows this site's own files, and neither inline scripts nor inline styles."""
    policy = HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_policy_names_the_other_origin_for_submissions_alone() -> None:
    """If the function has another origin, the site's pages may send to it, and load nothing from it."""
    function = "https://function.example"
    policy = page_headers(function=function)["Content-Security-Policy"]

    assert f"connect-src 'self' {function}; form-action 'self' {function};" in policy
    assert policy.replace(f" {function}", "") == HEADERS["Content-Security-Policy"]


def test_a_page_from_elsewhere_loads_from_the_site_alone() -> None:
    """A page that the function serves elsewhere loads its style from the site, and may lead to it."""
    policy = page_headers(site="https://studio.example")["Content-Security-Policy"]

    assert (
        "style-src https://studio.example; font-src https://studio.example; img-src https://studio.example;" in policy
    )
    assert "form-action 'self' https://studio.example;" in policy


def test_all_files_are_written_beside_the_site(tmp_path: Path) -> None:
    """The site's folder in firebase.json is relative to that file."""
    hosting.write_hosting(tmp_path, tmp_path / "site", [], PAGES, "europe-west1")

    assert json.loads((tmp_path / "firebase.json").read_text(encoding="utf-8"))["hosting"]["public"] == "site"
    assert (tmp_path / "nginx.conf").read_text(encoding="utf-8") == hosting.nginx(PAGES)
    assert (tmp_path / "caddy.conf").read_text(encoding="utf-8") == hosting.caddy(PAGES)
