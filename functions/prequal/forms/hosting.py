"""Configuration of static hosts, each in its own format. `pages` are the headers of every page.

Where caching is set by the address of a request, each asset is named: the error for an asset that is missing, for
instance during a deployment, must not be cached for a year.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from prequal.pages.headers import ASSET_CACHING, NO_CACHING, NO_REFERRER, PAGE_CACHING

ASSETS = "/assets/"
NETLIFY = "_headers"
_ASSETS = {"Cache-Control": ASSET_CACHING}
_FUNCTION = "prequal-submit"  # its name in infra/
# The headers of the function's own paths.
_ROUTES = {
    "/api/**": {"Cache-Control": NO_CACHING},
    "/b/**": {"Cache-Control": NO_CACHING, "Referrer-Policy": NO_REFERRER},
}


def netlify(assets: Iterable[str], pages: Mapping[str, str]) -> str:
    """Return the file `_headers` of Netlify and Cloudflare Pages.

    Two rules that match would send a header twice, so pages have no rule for caching: both hosts revalidate anyway.
    """
    rules = {"/*": pages, **dict.fromkeys(assets, _ASSETS)}
    blocks = ([path, *(f"  {name}: {value}" for name, value in headers.items()), ""] for path, headers in rules.items())
    return "\n".join("\n".join(block) for block in blocks)


def firebase(site: str, assets: Iterable[str], pages: Mapping[str, str], region: str) -> str:
    """Return a `firebase.json` for a site in this folder, with the function in a region.

    Of two rules for one header, the later one applies. By default Firebase caches an error for ten minutes.
    """
    rules = {
        "**": {**pages, "Cache-Control": PAGE_CACHING},
        **dict.fromkeys(assets, _ASSETS),
        **_ROUTES,
        "/404.html": {"Cache-Control": NO_CACHING},
    }
    hosting = {
        "public": site,
        "ignore": [NETLIFY],
        "trailingSlash": True,
        "rewrites": [{"source": source, "run": {"serviceId": _FUNCTION, "region": region}} for source in _ROUTES],
        "headers": [
            {"source": source, "headers": [{"key": name, "value": value} for name, value in headers.items()]}
            for source, headers in rules.items()
        ],
    }
    return json.dumps({"hosting": hosting}, indent=2) + "\n"


def nginx(pages: Mapping[str, str]) -> str:
    """Return the directives for an nginx server whose `root` is the site.

    A location that sets a header inherits none. Cache-Control is without `always`, so that errors are not cached.
    """
    lines = "".join(f'    add_header {name} "{value}" always;\n' for name, value in pages.items())
    return (
        "# Written by `prequal build`. Include it in the server block whose root is the built site.\n"
        "error_page 404 /404.html;\n"
        f'location / {{\n{lines}    add_header Cache-Control "{PAGE_CACHING}";\n}}\n'
        f'location {ASSETS} {{\n{lines}    add_header Cache-Control "{ASSET_CACHING}";\n}}\n'
    )


def caddy(pages: Mapping[str, str]) -> str:
    """Return the directives for a Caddy site. If it handles errors, it must keep them from being cached."""
    lines = [f'\t{name} "{value}"' for name, value in pages.items()]
    caching = [
        f'header {ASSETS}* Cache-Control "{ASSET_CACHING}"',
        f"@pages not path {ASSETS}*",
        f'header @pages Cache-Control "{PAGE_CACHING}"',
    ]
    return "\n".join(["# Written by `prequal build`. Import it in the site.", "header {", *lines, "}", *caching, ""])


def write_hosting(build: Path, site: Path, assets: Iterable[str], pages: Mapping[str, str], region: str) -> None:
    """Write the files for Firebase, nginx and Caddy beside the site. Netlify's is part of the site."""
    config = firebase(site.relative_to(build).as_posix(), assets, pages, region)
    (build / "firebase.json").write_text(config, encoding="utf-8")
    (build / "nginx.conf").write_text(nginx(pages), encoding="utf-8")
    (build / "caddy.conf").write_text(caddy(pages), encoding="utf-8")
