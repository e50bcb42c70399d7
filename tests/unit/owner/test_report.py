"""The report: its HTML, and the command that writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from prequal.core.documents import lead_document
from prequal.core.form import Form, form_from
from prequal.core.lead import Lead
from prequal.core.source import Source
from prequal.forms.form_file import read_form
from prequal.owner.figures.aggregation import aggregate
from prequal.owner.report.page import render_report
from prequal.pages.zone import UTC_ZONE
from prequal.resources import SCHEMA
from support import builders
from support.builders import NOW
from support.commands import admit, store
from support.exporting import record, write_export
from support.season import season

if TYPE_CHECKING:
    from click.testing import Result

VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Page(HTMLParser):
    """Elements of a page; `open` is empty at the end if every element was closed in its place."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[int] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in {"href", "src", "srcset", "action", "xlink:href"} and not (value or "").startswith("#"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()


def default_form() -> Form:
    """Return the form that comes with prequal."""
    return form_from(read_form(SCHEMA / "form.yaml"))


def report(leads: Iterable[Lead], *forms: Form, names: bool = False) -> str:
    """Return the report on leads."""
    return render_report(aggregate(leads, {form.version: form for form in forms}, NOW, UTC_ZONE, names=names))


def of_another_form(leads: Sequence[Lead]) -> Sequence[Lead]:
    """Return leads of another form, which is no longer known."""
    return [replace(lead, form_id="shops", form_version="gone") for lead in leads]


@pytest.fixture(scope="module")
def leads() -> Sequence[Lead]:
    """Return some months of leads."""
    return list(season(default_form(), 300))


@pytest.fixture(scope="module")
def html(leads: Sequence[Lead]) -> str:
    """Return the report on them."""
    return report(leads, default_form())


class TestPage:
    @pytest.mark.parametrize("number", [0, 1, 100])
    def test_in_order(self, leads: Sequence[Lead], number: int) -> None:
        """The page is well-formed for any number of leads, with unique ids and headings in order."""
        page = _Page(report(leads[:number], default_form()))

        assert page.open == []
        assert len(page.ids) == len(set(page.ids))
        assert page.headings[0] == 1
        assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))

    def test_all_are_received(self, leads: Sequence[Lead]) -> None:
        """The number of received leads has no share beside it."""
        html = report(leads[:100], default_form())

        assert re.search(r'>Received</th><td class="number">\d+</td><td>–</td><td>–</td></tr>', html)

    def test_several_forms(self, leads: Sequence[Lead]) -> None:
        """Each form's scores have their own chart; without a known form, it has no thresholds and says so."""
        html = report([*leads[:150], *of_another_form(leads[150:])], default_form())

        assert "web-design: points of at most 100" in html
        assert "shops: points of at most 100" in html
        assert re.search(r'<th scope="row">shops</th><td class="number">1\d\d</td>', html)
        assert "the version of the form is not known any more" in html

    def test_it_keeps_to_itself(self, html: str) -> None:
        """The page has no script, and makes no request."""
        page = _Page(html)

        assert page.addresses == []
        assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed"})
        assert not re.search(r"@import|url\((?!#|\"data:)", html)

    def test_drawings(self, html: str) -> None:
        """Each drawing is well-formed and has a title."""
        drawings = re.findall(r'<svg [^>]*role="img".*?</svg>', html, re.DOTALL)

        titles = [ET.fromstring(drawing).findtext("{http://www.w3.org/2000/svg}title") for drawing in drawings]  # noqa: S314, they are ours
        assert len(drawings) == 2 * 8
        assert all(titles)

    def test_the_same_figures_make_the_same_bytes(self, leads: Sequence[Lead], html: str) -> None:
        """The same figures give the same bytes."""
        assert report(leads, default_form()) == html

    def test_any_words(self, leads: Sequence[Lead]) -> None:
        """Text from a link is shown literally."""
        words = "<script>alert(1)</script> & $x_1$ ありがとう"

        html = report([replace(lead, source=Source(source=words)) for lead in leads], default_form())

        assert _Page(html).open == []
        assert "script" not in _Page(html).tags
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $x_1$ ありがとう" in html


class TestNames:
    def test_nobody_is_named(self, leads: Sequence[Lead]) -> None:
        """Without --names, the report has no name, address, company, site or id of a lead."""
        html = report(
            [
                replace(lead, source=Source(utm_source=lead.email, referrer=lead.website), outcome_reason=lead.email)
                for lead in leads
            ],
            default_form(),
        )

        assert "This report names nobody." in html
        for lead in leads:
            assert all(said not in html for said in (lead.name, lead.email, lead.company, lead.website, lead.id))

    def test_with_names(self, leads: Sequence[Lead]) -> None:
        """With --names, it lists the leads that may still book, latest first, and warns that it has names."""
        html = report(leads, default_form(), names=True)

        assert re.search(r"Grace Hopper \d+", html)
        assert "This report has names and addresses" in html


class TestCommand:
    def test_report(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """The command writes a file, and prints its headline."""
        admit()
        admit(email="grace@example.com", **builders.UNQUALIFIED)

        result = run("report", "-o", "report.html")

        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == "Wrote report.html. 2 leads, 1 of them qualified.\n"
        assert "2 leads, 1 of them qualified." in (tmp_path / "report.html").read_text(encoding="utf-8")

    def test_the_words_of_the_form_that_was_kept(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Answers have the labels of the form that they were given to."""
        admit(**builders.UNQUALIFIED)
        with closing(store()) as leads:
            leads.save_form(builders.document())

        run("report", "-o", "report.html")

        assert "“Less”" in (tmp_path / "report.html").read_text(encoding="utf-8")

    def test_an_export(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """The leads of a managed export make the same report as those of a store."""
        lead = builders.lead()
        write_export(tmp_path / "export", [record(f"leads/{lead.id}", lead_document(lead))])
        admit()

        run("report", "-o", "of-store.html")
        run("report", "-o", "of-export.html", "--from", "export")

        assert (tmp_path / "of-export.html").read_bytes() == (tmp_path / "of-store.html").read_bytes()

    def test_an_empty_store(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """An empty store gives a report that says so."""
        store().close()

        result = run("report", "-o", "report.html")

        assert result.stderr == "Wrote report.html. No leads yet.\n"
        assert "No leads yet." in (tmp_path / "report.html").read_text(encoding="utf-8")

    def test_options(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Leads can be limited to those since a day, counted by week, and named."""
        admit(NOW)
        admit(NOW.replace(year=2025), email="grace@example.com")

        result = run("report", "-o", "report.html", "--since", "2026-01-01", "--period", "week", "--names")

        html = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "One lead, qualified." in result.stderr
        assert "The week of 2 March 2026" in html
        assert "grace@example.com" not in html

    def test_a_folder_that_is_not_there(self, run: Callable[..., Result]) -> None:
        """A file that can't be written is reported in one sentence."""
        admit()

        result = run("report", "-o", "missing/report.html")

        assert result.exit_code == 2
        assert result.stderr == "missing/report.html can't be written: No such file or directory.\n"
