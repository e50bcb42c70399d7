"""The shipped form with changes, for tests of what it doesn't ask."""

from __future__ import annotations

from pathlib import Path

from prequal.resources import SCHEMA

# With these it asks for a company, and has a box to tick.
MORE_FIELDS = (("company: off", "company: optional"), ("consent: notice", "consent: required"))


def shipped_form(*changes: tuple[str, str]) -> str:
    """Return the text of the shipped form, with each old text, which it must have, replaced by a new one."""
    text = (SCHEMA / "form.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"the shipped form has no {old!r}"
        text = text.replace(old, new)
    return text


def write_form(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the shipped form with these changes into a folder, and return the file's path."""
    path = folder / "form.yaml"
    path.write_text(shipped_form(*changes), encoding="utf-8")
    return path
