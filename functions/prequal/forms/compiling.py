"""Compiling: the form file, the page's words and the assets become the one value that everything else runs on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prequal.compiled import Compiled, compiled_from
from prequal.forms.form_file import read_form
from prequal.forms.question_bank import suggestions
from prequal.forms.words import read_words
from prequal.forms.yaml_files import Fault, FaultyFileError
from prequal.resources import find_site

# What the pages name; a studio may add to them, and replaces the pictures with its own.
_NAMED = ("form.js", "icon.png", "icon.svg", "share.png", "style.css")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page. Its address holds a hash of its content, so that it may be kept for ever."""

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """Return its path on the site."""
        stem, _, ending = self.name.rpartition(".")
        return f"/assets/{stem}.{hashlib.sha256(self.content).hexdigest()[:8]}.{ending}"


def assets() -> Sequence[Asset]:
    """Read the files of the page.

    Raises:
        FaultyFileError: one that the pages name is not there.

    """
    folder = find_site() / "assets"
    for name in _NAMED:
        if not (folder / name).is_file():
            raise FaultyFileError(folder / name, [Fault(1, 1, "There is no such file, and the pages name it.")])
    return [Asset(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def picture() -> str:
    """Read the picture over the page, an SVG to be written into it; empty when the studio has none."""
    path = find_site() / "picture.svg"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def compile_files(form_path: Path) -> Compiled:
    """Read and check all the owner's files.

    Raises:
        FaultyFileError: the form, a file of words or a file of the question bank has faults.

    """
    document = read_form(form_path)
    return compiled_from(
        {
            "form": document,
            "content": read_words(find_site() / "content", document["languages"]),
            "assets": {asset.name: asset.path for asset in assets()},
            "picture": picture(),
            "suggestions": suggestions(document),
        }
    )
