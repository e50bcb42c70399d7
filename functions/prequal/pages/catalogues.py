"""The gettext catalogues: translations of our own sentences."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "locale"
DOMAIN = "prequal"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; FileNotFoundError when it isn't there or wasn't compiled (`make`)."""
    with (FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parents[1].name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
