"""The fonts of the headlines: their letters, and their name."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from prequal.pages.wording import languages
from prequal.resources import SHIPPED, find_content

ASSETS = SHIPPED / "site" / "assets"
LATIN, CYRILLIC = "headline.woff2", "headline-cyrillic.woff2"


def letters(name: str) -> set[str]:
    """Return the letters of a font."""
    return set(map(chr, TTFont(ASSETS / name).getBestCmap()))


@pytest.mark.parametrize("language", languages())
def test_a_page_needs_one_font_for_its_headlines(language: str) -> None:
    """No headline mixes two typefaces: the font that a page loads has all letters of the shipped texts."""
    said = set((find_content("") / f"{language}.yaml").read_text(encoding="utf-8")) - {"\n"}
    assert said <= letters(CYRILLIC if language == "ru" else LATIN)


@pytest.mark.parametrize("name", [LATIN, CYRILLIC])
def test_the_fonts_keep_their_licence_and_not_their_name(name: str) -> None:
    """The licence reserves the name of the original, and must travel with each copy."""
    names = TTFont(ASSETS / name)["name"]
    assert names.getDebugName(1) == "Prequal Headline Variable"
    assert "SIL Open Font License, Version 1.1" in names.getDebugName(13)
    assert Path(SHIPPED / "site/LICENSE-headline.md").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE")
