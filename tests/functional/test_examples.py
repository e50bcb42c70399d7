"""The examples: each is a new project with two files laid over it, and speaks of its own trade alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from prequal import bootstrap
from prequal.core.form import Form
from prequal.forms.compilation import compile_files
from prequal.forms.form_check import FormReport, check_form
from prequal.forms.site_builder import build_site
from prequal.forms.yaml_files import read_yaml
from prequal.serving import server_settings
from prequal.serving.process import run_process
from support.examples import EXAMPLES, make_project
from support.gallery import pages_in, write_answers
from support.running import CHECKOUT, address, link_in, outbox, until

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

FORM = Path("schema/form.yaml")

# Words of the shipped form and texts, which are those of a web studio.
THEIRS = r"studio north|studio\.example|tromsø|storgata"
OF_THEIR_TRADE = {
    "en": r"\b(?:studio|project|website|web design|online shop)",
    "fr": r"\b(?:studio|projet|sites? web|sites? internet|boutique en ligne)",
    "nl": r"\b(?:studio|project|website|webshop)",
    "pl": r"\b(?:studi[oau]\b|projek|stron\w* internetow|sklep\w* internetow)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A project made from an example: its pages, and the results of one prospect who fits and one who doesn't."""

    report: FormReport
    form: Form
    #: The prospect who fits, as the owner's first example answers.
    fitting: Mapping[str, Any]
    #: By path, with those that the function answers.
    pages: Mapping[str, str]
    sent: list[TestResponse]
    mails: list[EmailMessage]
    followed: TestResponse


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.name)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Make a project, lay the example over it, and let two prospects answer."""
    project = make_project(request.param, tmp_path_factory.mktemp("example"))
    with chdir(project):
        yield _tell(project)


def test_an_example_is_two_files() -> None:
    """An example holds the form file and the texts of its language, and nothing that an owner would have to copy."""
    for example in EXAMPLES:
        files = [path.relative_to(example).as_posix() for path in example.rglob("*") if path.is_file()]
        assert len(files) == 2
        assert any(re.fullmatch(r"site/content/(en|fr|nl|ru|pl)\.yaml", path) for path in files)
        assert FORM.as_posix() in files


def test_the_gallery_shows_each() -> None:
    """The gallery has two pictures of each example, small enough to load at once, and no others."""
    gallery = (CHECKOUT / "docs/gallery.md").read_text(encoding="utf-8")
    shown = [f"gallery/{example.name}-{screen}.webp" for example in EXAMPLES for screen in ("desktop", "phone")]

    assert sorted(re.findall(r"gallery/[\w-]+\.\w+", gallery)) == shown
    sizes = {f"gallery/{path.name}": path.stat().st_size for path in (CHECKOUT / "docs/gallery").iterdir()}
    assert sorted(sizes) == shown
    assert max(sizes.values()) < 120_000


def test_an_example_is_in_order(story: Story) -> None:
    """The check finds nothing, and a part of all possible answers is invited."""
    assert [*story.report.errors, *story.report.warnings] == []
    assert story.report.analysis
    assert 0.2 < story.report.analysis.shares.qualified < 0.4


def test_only_who_fits_is_invited(story: Story) -> None:
    """Both see the same thank-you page; one gets an invitation, whose link leads to the page for their answers."""
    assert [answer.status_code for answer in story.sent] == [303, 303]
    assert {answer.headers["Location"] for answer in story.sent} == {f"{story.form.business.url}/thanks/"}
    assert [mail["To"] for mail in story.mails] == [address("Who Fits")]
    values = {**story.fitting, "language": story.form.default_language, "grade": "hot"}
    booking = next(rule.url for rule in story.form.booking if rule.condition.holds(values))
    assert story.followed.status_code == 303
    assert urlsplit(story.followed.headers["Location"])[:3] == urlsplit(booking)[:3]


def test_no_word_of_another_trade_is_left(story: Story) -> None:
    """Neither the pages nor the mails speak of a web studio."""
    foreign = re.compile(f"{OF_THEIR_TRADE[story.form.default_language]}|{THEIRS}", re.IGNORECASE)
    # To the Open Graph protocol, every page is of this type.
    pages = {path: page.replace('"og:type" content="website"', "") for path, page in story.pages.items()}
    texts = {**pages, **{mail["Subject"]: _text(mail) for mail in story.mails}}
    assert {name: foreign.findall(f"{name} {text}") for name, text in texts.items()} == {name: [] for name in texts}


def _tell(project: Path) -> Story:
    report, document = check_form(FORM), read_yaml(FORM).content
    [fitting, *_, other] = (example["answers"] for example in document["examples"])
    compiled, business = compile_files(FORM), document["business"]
    settings = server_settings.read(
        {
            "PREQUAL_FORM": str(FORM),
            "PREQUAL_STORE": f"sqlite:{project}/prequal.db",
            "PREQUAL_MAIL": f"outbox:{project}/.prequal/outbox",
            "PREQUAL_SENDER": f'"{business["name"]}" <hello@{urlsplit(business["url"]).hostname}>',
            "PREQUAL_BOOKING_URL": "https://cal.example/call",
            "PREQUAL_SECRET": "a secret that is long",
            "PREQUAL_PUBLIC_URL": business["url"],
        }
    )
    [site] = bootstrap.build_sites(compiled, business["url"])
    build_site([site], project / "build/site")
    with run_process(settings, compiled, project / "build/site", lambda: False) as app:
        client: Client = app.test_client()
        sent = [
            client.post(
                "/api/leads",
                data={"name": name, "email": address(name), "lang": document["languages"][0], **answers},
                buffered=True,  # so that the answer is closed, which starts the sending
            )
            for name, answers in (("Who Fits", fitting), ("Who Doesn’t", other))
        ]
        until(lambda: outbox(project), "the invitation")
        link = urlsplit(link_in(outbox(project)[0])).path
        invitation = client.get(link).get_data(as_text=True)
        followed = client.post(link)
    write_answers(site, project / "build/site")
    return Story(
        report=report,
        form=compiled.main,
        fitting=fitting,
        pages={**pages_in(project / "build/site"), "/b/": invitation},
        sent=sent,
        mails=outbox(project),
        followed=followed,
    )


def _text(mail: EmailMessage) -> str:
    """Return all that a reader sees of a mail."""
    return "\n".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
