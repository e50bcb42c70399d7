"""Colours of mails, from the style sheet of the pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from prequal.bootstrap_desk import build_desk
from prequal.bootstrap_worker import build_mail_sender
from prequal.compiled import Compiled, compiled_from
from prequal.config.settings import Settings
from prequal.desk.entries import MailedLink
from prequal.forms.compilation import compile_files
from prequal.forms.form_check import check_form
from prequal.forms.style_sheet import find_style, mail_colours, parse_style
from prequal.pages.mail_colours import MAIL_COLOURS
from prequal.resources import SCHEMA, SHIPPED
from prequal.services.ports import Store
from support import builders
from support.mails import read

LIGHT = "--surface: #fffaf4; --ink: #34160F; --quiet: #74503f; --line: #e5cfbd; --accent: #e2613c"
DARK = "--surface: #211; --ink: #fee"
STYLE = f"/* :root {{ --ink: #000 }} */ :root {{ {LIGHT}; --corner: 1rem }}\n@media (prefers-color-scheme: dark) {{"
STYLE += f":root {{ {DARK} }} }} p {{ --ink: blue }}"


@pytest.fixture
def style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of an owner's style sheet."""
    monkeypatch.chdir(tmp_path)
    path = Path("site/assets/style.css")
    path.parent.mkdir(parents=True)
    path.write_text(STYLE)
    (tmp_path / "site/content").symlink_to(SHIPPED / "site/content")
    (tmp_path / "site/pictures").symlink_to(SHIPPED / "site/pictures")
    return path


@pytest.mark.usefixtures("style")
def test_mails_have_the_colours_of_the_pages(store: Store) -> None:
    """The worker's mails and the desk's have them, on light and on dark; the dark theme keeps what it doesn't name."""
    settings = Settings(
        {
            "PREQUAL_SENDER": "Studio North <hello@studio.example>",
            "PREQUAL_OWNER": "owner@studio.example",
            "PREQUAL_BOOKING_URL": "https://cal.example/",
            "PREQUAL_PUBLIC_URL": "https://studio.example",
            "PREQUAL_MAIL": "outbox:mailbox",
            "PREQUAL_SECRET": "a secret that is long enough",
        }
    )
    compiled = compile_files(SCHEMA / "form.yaml")
    entry = build_desk(settings, compiled, store).entry
    assert isinstance(entry, MailedLink)
    mail = builders.invitation()

    for render in (build_mail_sender(settings, compiled, store).render, entry.sign_in.render):
        html = read(replace(mail, message=render(mail))).html
        assert 'bgcolor="#34160F"' in html
        assert "color: #fffaf4; font-weight: 600" in html
        assert ".button { background: #fee !important; color: #211 !important; }" in html
        assert ".quiet { color: #74503f !important; }" in html
        assert not any(
            colour in html for theme in MAIL_COLOURS.values() for colour in theme.values() if colour != "#fff"
        )


def test_the_shipped_colours_are_those_of_the_shipped_style() -> None:
    """Mails of a form that an earlier version compiled have them, too."""
    assert mail_colours(find_style().read_text(encoding="utf-8")) == (MAIL_COLOURS, [])
    assert compiled_from({"forms": [], "assets": {}, "picture": ""}) == Compiled(forms=[], assets={}, picture="")
    assert MAIL_COLOURS["light"]["accent"] in read(builders.invitation()).html


@pytest.mark.parametrize("ink", ["black", "rgb(0 0 0)", "#1234", "var(--line)", '#000"'])
def test_a_colour_that_mails_can_not_show_is_warned_about(style: Path, ink: str) -> None:
    """Mails then have prequal's own: some of the owner's beside some of those might be unreadable."""
    style.write_text(STYLE.replace("#34160F", ink).replace(" --quiet: #74503f;", ""))

    assert compile_files(SCHEMA / "form.yaml").colours == {}
    [warning] = [each for each in check_form(SCHEMA / "form.yaml").warnings if each.warning == "mail_colours"]
    assert warning.file == str(style)
    advice = "write --ink, --quiet in :root as #rrggbb to give them the page's."
    assert str(warning).startswith(f"Mails keep prequal's own colours: {advice}")


def test_a_style_without_a_dark_theme_has_one_for_mails() -> None:
    """The dark theme of mails is then the light one, as it is of the page. A style that isn't closed is read."""
    colours, unusable = mail_colours(f":root {{ {LIGHT} }}")
    assert colours["dark"] == colours["light"]
    assert not unusable
    assert parse_style("a { b: c } :root { --ink: #000") == [("a", "b:c"), (":root", "")]
