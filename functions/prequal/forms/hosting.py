"""Configuration of static hosts, each in its own format.

`pages` are the headers of every page, by the beginning of its path: `/`, and longer ones of those with another policy,
which other sites may show in a frame.

Where caching is set by the address of a request, each asset is named: the error for an asset that is missing, for
instance during a deployment, must not be cached for a year.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from prequal.pages.headers import (
    ASSET_CACHING,
    DESK_HEADERS,
    FOR_EVERY_ORIGIN,
    NO_CACHING,
    NO_REFERRER,
    PAGE_CACHING,
    POLICY,
    UNFRAMED,
)

Headers: TypeAlias = Mapping[str, str]
Pages: TypeAlias = Mapping[str, Headers]

ASSETS = "/assets/"
NETLIFY = "_headers"
_ASSETS = {"Cache-Control": ASSET_CACHING, **FOR_EVERY_ORIGIN}
# The names of the functions in infra/.
_SUBMIT, _DESK = "prequal-submit", "prequal-desk"
# The desk's report holds its style, which the desk itself allows on that page alone.
_DESK_HEADERS = {**DESK_HEADERS, POLICY: DESK_HEADERS[POLICY].replace("style-src", "style-src 'unsafe-inline'")}
# Pages whose form leads on to any booking page.
_LINKS = "/b/**"
# The functions' own paths, and their headers.
_ROUTES = {
    "/desk": (_DESK, _DESK_HEADERS),
    "/desk/**": (_DESK, _DESK_HEADERS),
    "/api/**": (_SUBMIT, {"Cache-Control": NO_CACHING}),
    _LINKS: (_SUBMIT, {"Cache-Control": NO_CACHING, "Referrer-Policy": NO_REFERRER}),
}


def netlify(assets: Iterable[str], pages: Pages) -> str:
    """Return the file `_headers` of Netlify and Cloudflare Pages.

    Two rules that match would send a header twice, so pages have no rule for caching: both hosts revalidate anyway.
    Of two policies browsers apply both, so that of every page must not forbid frames where some may be framed. Instead,
    X-Frame-Options does, which browsers ignore where a policy names the sites that may.
    """
    all_pages = pages["/"]
    if len(pages) > 1:
        policy = all_pages[POLICY].removesuffix(UNFRAMED)
        all_pages = {**all_pages, POLICY: policy, "X-Frame-Options": "DENY"}
    rules = {"/*": all_pages, **_other_policies(pages, "*"), **dict.fromkeys(assets, _ASSETS)}
    blocks = ([path, *(f"  {name}: {value}" for name, value in headers.items()), ""] for path, headers in rules.items())
    return "\n".join("\n".join(block) for block in blocks)


def firebase(site: str, assets: Iterable[str], pages: Pages, region: str) -> str:
    """Return a `firebase.json` for a site in this folder, with the functions in a region.

    Of two rules for one header, the later one applies. Whether a rule also replaces a function's own header is not
    documented: these suit either way. By default Firebase caches an error for ten minutes.
    """
    rules = {
        "**": {**pages["/"], "Cache-Control": PAGE_CACHING},
        **_other_policies(pages, "**"),
        **dict.fromkeys(assets, _ASSETS),
        **{path: headers for path, (_, headers) in _ROUTES.items()},
        _LINKS: {**_ROUTES[_LINKS][1], POLICY: pages["/"][POLICY].replace("form-action", "form-action https:")},
        "/404.html": {"Cache-Control": NO_CACHING},
    }
    hosting = {
        "public": site,
        "ignore": [NETLIFY],
        "trailingSlash": True,
        "rewrites": [
            {"source": path, "run": {"serviceId": name, "region": region}} for path, (name, _) in _ROUTES.items()
        ],
        "headers": [
            {"source": source, "headers": [{"key": name, "value": value} for name, value in headers.items()]}
            for source, headers in rules.items()
        ],
    }
    return json.dumps({"hosting": hosting}, indent=2) + "\n"


def nginx(pages: Pages) -> str:
    """Return the directives for an nginx server whose `root` is the site.

    A location that sets a header inherits none. Cache-Control is without `always`, so that errors are not cached.
    """

    def location(path: str, headers: Headers, caching: str) -> str:
        lines = "".join(f'    add_header {name} "{value}" always;\n' for name, value in headers.items())
        return f'location {path} {{\n{lines}    add_header Cache-Control "{caching}";\n}}\n'

    return (
        "# Written by `prequal build`. Include it in the server block whose root is the built site.\n"
        "error_page 404 /404.html;\n"
        + "".join(location(path, headers, PAGE_CACHING) for path, headers in pages.items())
        + location(ASSETS, {**pages["/"], **FOR_EVERY_ORIGIN}, ASSET_CACHING)
    )


def caddy(pages: Pages) -> str:
    """Return the directives for a Caddy site. If it handles errors, it must keep them from being cached."""
    others = _other_policies(pages, "*")
    # Each path has one policy, as Caddy may apply directives in any order.
    policies = [f'header {path} {POLICY} "{headers[POLICY]}"' for path, headers in others.items()]
    if others:
        policies += [f"@unframed not path {' '.join(others)}", f'header @unframed {POLICY} "{pages["/"][POLICY]}"']
    lines = [f'\t{name} "{value}"' for name, value in pages["/"].items() if not (others and name == POLICY)]
    caching = [
        *(f'header {ASSETS}* {name} "{value}"' for name, value in _ASSETS.items()),
        f"@pages not path {ASSETS}*",
        f'header @pages Cache-Control "{PAGE_CACHING}"',
    ]
    heading = ["# Written by `prequal build`. Import it in the site.", "header {"]
    return "\n".join([*heading, *lines, "}", *policies, *caching, ""])


def _other_policies(pages: Pages, wildcard: str) -> Mapping[str, Headers]:
    """Return the policy, as a header, of each beginning of a path that has one of its own."""
    return {f"{path}{wildcard}": {POLICY: headers[POLICY]} for path, headers in pages.items() if path != "/"}


def write_hosting(build: Path, site: Path, assets: Iterable[str], pages: Pages, region: str) -> None:
    """Write the files for Firebase, nginx and Caddy beside the site. Netlify's is part of the site."""
    config = firebase(site.relative_to(build).as_posix(), assets, pages, region)
    (build / "firebase.json").write_text(config, encoding="utf-8")
    (build / "nginx.conf").write_text(nginx(pages), encoding="utf-8")
    (build / "caddy.conf").write_text(caddy(pages), encoding="utf-8")
