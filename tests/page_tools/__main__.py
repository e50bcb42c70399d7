"""Checks with node and Java: the W3C's on every page and the report, Lighthouse on some, Firebase's schema.

Then a walk along the questions of a form that follow, in three browser engines.

`make page` runs it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

from page_tools.tools import (
    CATEGORIES,
    complaints,
    firebase_faults,
    lighthouse,
    missing,
    scores,
    shortcomings,
)
from page_tools.walk import walk
from prequal.forms import hosting
from prequal.forms.site_builder import build_site
from prequal.owner.figures.aggregation import aggregate
from prequal.owner.report.page import render_report
from prequal.pages.site import headers_by_path
from prequal.pages.zone import UTC_ZONE
from support.builders import NOW
from support.gallery import configured_site, write_answers
from support.season import season
from support.static_host import hosted

# Pages, each with the audits that are left out: search engines need not find the thank-you page.
_PAGES: dict[str, list[str]] = {"/": [], "/ru/": [], "/thanks/": ["is-crawlable"]}
# Each waits for something most of its time.
_AT_A_TIME = 3


def main() -> None:
    """Run all checks, some at a time, and exit with their complaints."""
    if lacking := list(missing()):
        sys.exit(f"To check the pages, install {' and '.join(lacking)}.")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_AT_A_TIME) as pool:
        built = Path(folder, "site")
        with hosted(built) as url:
            site = configured_site(url)
            build_site([site], built)
            write_answers(site, built)
            figures = aggregate(season(site.form, 150), {site.form.version: site.form}, NOW, UTC_ZONE, names=True)
            (built / "report.html").write_text(render_report(figures), encoding="utf-8")
            reports = [pool.submit(lighthouse, url + path, left_out) for path, left_out in _PAGES.items()]
            others = [pool.submit(check) for check in (lambda: complaints(built), lambda: list(walk()))]
            found = list(_lighthouse([report.result() for report in reports]))
        found += chain.from_iterable(other.result() for other in others)
    config = json.loads(hosting.firebase("site", site.assets.values(), headers_by_path([site]), "europe-west1"))
    found += firebase_faults(config)
    if not firebase_faults({"hosting": {**config["hosting"], "rewrite": []}}):
        found.append("Firebase’s schema takes what is misspelt.")
    print("\n".join(found) or "Neither the W3C’s checker nor Firebase’s schema has anything to say.")
    sys.exit(1 if found else 0)


def _lighthouse(reports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    print(f"{'Lighthouse':12}", *(f"{category:>15}" for category in CATEGORIES))
    for path, report in zip(_PAGES, reports, strict=True):
        print(f"{path:12}", *(f"{score:15}" for score in scores(report)), flush=True)
        yield from (f"{path}: {shortcoming}" for shortcoming in shortcomings(report))


main()
