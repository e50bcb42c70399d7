"""Locations of the files that come with prequal, in a checkout, an editable install and a wheel alike.

The owner's own files are relative to the working directory.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_DATA = PACKAGE / "data"  # only a wheel has it
#: The folder of `schema`, `site`, `infra` and `functions`: in a checkout, its root.
SHIPPED = _DATA if _DATA.is_dir() else PACKAGE.parents[1]
FUNCTIONS = SHIPPED / "functions"
INFRA = SHIPPED / "infra"
SCHEMA = SHIPPED / "schema"


def find_site() -> Path:
    """Return the folder of the owner's site, or else of the default one."""
    return _own_or_shipped("site")


def find_content(form_id: str) -> Path:
    """Return the folder of the texts of a form's pages: its own if there is one, else that of all forms."""
    shared = find_site() / "content"
    return shared / form_id if (shared / form_id).is_dir() else shared


def find_question_bank() -> Path:
    """Return the folder of the owner's question bank, or else of the default one."""
    return _own_or_shipped("schema/questions")


def _own_or_shipped(folder: str) -> Path:
    own = Path(folder)
    return own if own.is_dir() else SHIPPED / folder
