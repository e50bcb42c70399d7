"""Pictures of people and work: how they get on the page, and the sentence for each fault."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from prequal import bootstrap
from prequal.forms.compilation import compile_files
from prequal.forms.form_check import check_form, find_errors
from prequal.forms.pictures import unnamed_pictures
from prequal.forms.site_builder import build_site
from prequal.forms.yaml_files import FileFault
from prequal.pages.site import Site
from prequal.resources import SHIPPED
from support import builders

ANNA = {"name": "Anna", "line": "Draws", "picture": "anna.png", "alt": "Anna at her desk"}
SHOP = {"title": "Shop", "line": "Sells", "picture": "shop.svg", "alt": "A page", "url": "https://shop.example/?a=1&b"}
SAID = {"text": "It works.", "name": "Ada", "role": "Owner, Engines"}


class Project:
    """An owner's project with a form in English, and a person, work and a quote in its texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.form = folder / "schema/form.yaml"
        self.pictures = folder / "site/pictures"
        for path in (self.form.parent, self.pictures, folder / "site/content"):
            path.mkdir(parents=True)
        self.form.write_text(json.dumps({**builders.document(), "languages": ["en"]}))
        shutil.copy(SHIPPED / "site/assets/icon.png", self.pictures / "anna.png")
        shutil.copy(SHIPPED / "site/assets/share.png", self.pictures / "anna@2x.png")
        shutil.copy(SHIPPED / "site/pictures/example-work-1.svg", self.pictures / "shop.svg")
        self.write(people=ANNA, work=SHOP, quotes=SAID)

    def write(self, language: str = "en", **items: dict[str, Any]) -> None:
        """Write texts with one item in each of these sections."""
        content = {
            "title": "T",
            "description": "D",
            "hero": {"headline": "H", "lead": "L", "action": "A"},
            "form": {"title": "F"},
            "privacy": {"contact": "C"},
            **{section: {"title": section.title(), "list": [item]} for section, item in items.items()},
        }
        self.content(language).write_text(json.dumps(content, indent=1))

    def content(self, language: str) -> Path:
        """Return the file of the texts in a language."""
        return self.folder / f"site/content/{language}.yaml"

    @property
    def errors(self) -> list[str]:
        """Return the messages of the errors that the check finds."""
        return [error.message for error in check_form(self.form).errors]

    @property
    def warnings(self) -> list[str]:
        """Return the warnings that the check finds."""
        warnings = [warning for warning in check_form(self.form).warnings if "pictures" in warning.warning]
        return [f"{warning.file}: {warning}" for warning in warnings]

    @property
    def site(self) -> Site:
        """Return the renderer of its pages."""
        [site] = bootstrap.build_sites(compile_files(self.form), "https://studio.example")
        return site


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project in the working directory."""
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_a_picture_has_its_size_and_is_loaded_when_it_is_near(project: Project) -> None:
    """The page has the size of each picture, its words, and a sharper file where there is one; the file is cached."""
    page = project.site.landing("en")
    build_site([project.site], project.folder / "built")

    anna, shop = re.findall(r"<img[^>]*pictures[^>]*>", page)[::-1]
    address = r"/assets/pictures/anna\.[0-9a-f]{8}\.png"
    double = r"/assets/pictures/anna@2x\.[0-9a-f]{8}\.png"
    rest = 'width="180" height="180" alt="Anna at her desk" loading="lazy" decoding="async"'
    assert re.fullmatch(rf'<img src="({address})" srcset="{double} 2x" {rest}>', anna)
    assert 'width="800" height="600"' in shop
    assert "srcset" not in shop
    headers = (project.folder / "built/_headers").read_text(encoding="utf-8")
    for path in re.findall(r'"(/assets/pictures/[^" ]+)', page):
        assert (project.folder / "built" / path.lstrip("/")).is_file()
        assert f"{path}\n" in headers


def test_proof_is_text_of_the_owner(project: Project) -> None:
    """Work links to its address; a quote has quotation marks, a name and a role."""
    page = project.site.landing("en")

    assert '<h3><a href="https://shop.example/?a=1&amp;b">Shop</a></h3>' in page
    assert "<blockquote>“It works.”</blockquote>" in page
    assert "<figcaption>Ada<br>Owner, Engines</figcaption>" in page
    # Proof is before the form, and only in the page of its own.
    assert page.index("Shop</a>") < page.index("Anna</h3>") < page.index("It works.") < page.index("<form")
    for other in (project.site.block("en"), project.site.landing("en", framed=True)):
        assert "Anna" not in other


def test_a_function_elsewhere_shows_the_pictures_of_the_site(project: Project) -> None:
    """A page that comes from another origin names the pictures in full."""
    page = replace(project.site, function_url="https://function.example").landing("en")
    assert len(re.findall(r"https://studio\.example/assets/pictures/\S+\.(?:png|svg)", page)) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"picture": "bob.jpg"}, "Put bob.jpg into site/pictures, or correct its name here: there is no such file."),
        ({"picture": "text.png"}, "Export text.png anew: it is no picture that browsers show, or its size is not in "),
        ({"picture": "sizeless.svg"}, "Export sizeless.svg anew: it is no picture that browsers show, or its size is "),
        ({"picture": "anna.heic"}, "Name a file of site/pictures here, such as anna.jpg: an SVG, PNG, JPEG, WebP or "),
        (
            {"picture": "../anna.png"},
            "Name a file of site/pictures here, such as anna.jpg: an SVG, PNG, JPEG, WebP or ",
        ),
        ({"alt": ""}, "Add alt beside this picture: what it shows, in a few words, for people who can't see it."),
        ({"example": "no"}, "Delete this line once the words are yours."),
    ],
)
def test_a_picture_that_cannot_be_shown_is_an_error(project: Project, change: dict[str, Any], sentence: str) -> None:
    """Each fault of a picture is one sentence that says what to do."""
    (project.pictures / "text.png").write_text("a text")
    (project.pictures / "sizeless.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>')
    project.write(people={**ANNA, **change}, work=SHOP, quotes=SAID)
    [error] = project.errors
    assert error.startswith(sentence)


@pytest.mark.parametrize("url", ["shop.example", "javascript:alert(1)", "https://shop.example/a b"])
def test_work_leads_to_the_web(project: Project, url: str) -> None:
    """The address of a work is one of the web."""
    project.write(work={**SHOP, "url": url})
    assert project.errors == ["Write the whole address here, beginning with https://."]


@pytest.mark.parametrize(
    ("svg", "size"),
    [
        ('<?xml version="1.0"?>\n<!-- drawn -->\n<svg fill="none" viewBox="0 0 320.4 240">', (320, 240)),
        ("<svg viewBox = '-5 -5 100 50' width='100%'>", (100, 50)),
        ('<svg width="64px" height="32">', (64, 32)),
    ],
)
def test_a_drawing_has_a_size(project: Project, svg: str, size: tuple[int, int]) -> None:
    """An SVG's view box is its size, or else its width and height."""
    (project.pictures / "shop.svg").write_text(f"{svg}</svg>")
    assert 'width="{}" height="{}"'.format(*size) in project.site.landing("en")


def test_a_heavy_picture_is_warned_about(project: Project) -> None:
    """More than 400 kB is a warning, of the sharper file, too."""
    assert project.warnings == []
    with (project.pictures / "anna@2x.png").open("ab") as file:
        file.truncate(450_999)
    advice = "Export anna@2x.png smaller: it has 450 kB, and more than 400 make people wait."
    place = "content.en.people.list.1.picture"
    assert project.warnings == [f"site/content/en.yaml: {advice} [heavy_pictures at {place}]"]


def test_a_picture_that_no_text_names_is_warned_about(project: Project) -> None:
    """It isn't on the site. Shipped drawings may stay; a text of another form may name a picture."""
    for name in ("spare.jpg", ".DS_Store", "example-work-1.svg", "talk.png"):
        (project.pictures / name).touch()
    other = project.folder / "site/content/workshops"
    other.mkdir()
    (other / "en.yaml").write_text("picture: talk.png")
    assert [path.name for path in unnamed_pictures()] == ["spare.jpg"]
    advice = "No text names this picture, so it is not on the page: name it in site/content, or remove it."
    assert f"site/pictures/spare.jpg: {advice} [unnamed_pictures at pictures.spare.jpg]" in project.warnings
    assert not any("spare" in name for name in compile_files(project.form).assets)


def test_examples_are_not_for_visitors(project: Project) -> None:
    """An example is shown to the owner, with a warning for each language, and refused where visitors would see it."""
    project.form.write_text(json.dumps({**builders.document(), "languages": ["en", "fr"]}))
    project.write(people={**ANNA, "example": True}, work={**SHOP, "example": True})
    project.write("fr", people=ANNA, work=SHOP)
    line = 1 + project.content("en").read_text().splitlines().index('    "example": true')
    message = "This and 1 more are still examples: put your own there, or delete it."
    warning = FileFault(line, 5, message, "site/content/en.yaml")

    report = check_form(project.form)

    assert report.errors == []
    assert report.examples == [warning]
    assert f"site/content/en.yaml:{line}:5: warning: {message}" in click.unstyle(report.in_words(project.form))
    assert find_errors(project.form, "") == []
    assert find_errors(project.form, "", for_visitors=True) == [warning]
    assert "Anna" in project.site.landing("en")
