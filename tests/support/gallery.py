"""Every page that a visitor can meet, as files: the built site, and beside it what the function answers with pages.

`python gallery.py FOLDER URL` adds the latter to the site that was built there for this address.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from prequal.bootstrap import build_sites
from prequal.config.settings import read_form
from prequal.core.answers import make_parser
from prequal.core.errors import InvalidAnswersError
from prequal.forms.compilation import compile_files
from prequal.pages.past_clients import QuestionnaireSite
from prequal.pages.site import Notice, Site
from support import builders


def configured_site(public_url: str, form: Path | None = None) -> Site:
    """Return the pages at an address, of a form, or else of the main one that the environment names, or the default."""
    return build_sites(compile_files(form or read_form(os.environ)), public_url)[0]


def write_answers(site: Site, folder: Path) -> None:
    """Write the function's pages into the folder of a built site, in each language: `/fr/answers/expired/`."""
    for path, html in _answers(site):
        page = folder / path.lstrip("/") / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(html, encoding="utf-8")


def pages_in(folder: Path) -> dict[str, str]:
    """Return the pages of a folder by their path on the site."""
    found = {}
    for file in sorted(folder.rglob("*.html")):
        path = f"/{file.relative_to(folder).as_posix()}"
        found[path.removesuffix("index.html")] = file.read_text(encoding="utf-8")
    return found


def _answers(site: Site) -> Iterator[tuple[str, str]]:
    for language in site.form.languages:
        answers = f"{site.paths.home(language)}answers/"
        yield f"{answers}form-with-errors/", site.landing(language, {}, _all_errors(site))
        yield f"{answers}form-to-send-again/", site.landing(language, {}, trouble=True)
        yield f"{answers}invitation/", site.invitation(builders.lead(), "/b/token", language)
        asked = QuestionnaireSite.of(site, "/b/clients/token")
        yield f"{answers}questionnaire/", asked.landing(language)
        yield f"{answers}questionnaire-with-errors/", asked.landing(language, {}, _all_errors(asked))
        for notice in Notice:
            yield f"{answers}{notice.name.lower()}/", site.notice(notice, language)


def _all_errors(site: Site) -> InvalidAnswersError:
    try:
        make_parser(site.form)({})
    except InvalidAnswersError as errors:
        return errors
    raise ValueError("the form has no required field")


if __name__ == "__main__":
    write_answers(configured_site(sys.argv[2]), Path(sys.argv[1]))
