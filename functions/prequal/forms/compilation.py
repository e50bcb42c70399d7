"""Compilation of the owner's form, page texts and assets into the one value that everything else runs on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prequal.compiled import Compiled, compiled_from
from prequal.forms.form_file import read_form
from prequal.forms.question_bank import suggestions
from prequal.forms.site_content import read_content
from prequal.forms.yaml_files import FaultyFileError, FileFault
from prequal.resources import find_site

# The pages refer to these; a studio may add others, and replaces the pictures with its own.
_REQUIRED = ("form.js", "icon.png", "icon.svg", "share.png", "style.css")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the pages load. Its address holds a hash of its content, so that it may be cached for ever."""

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """The path on the site."""
        stem, _, ending = self.name.rpartition(".")
        return f"/assets/{stem}.{hashlib.sha256(self.content).hexdigest()[:8]}.{ending}"


def read_assets() -> Sequence[Asset]:
    """Read the files that the pages load; FaultyFileError if a required one is missing."""
    folder = find_site() / "assets"
    for name in _REQUIRED:
        if not (folder / name).is_file():
            raise FaultyFileError(folder / name, [FileFault(1, 1, "Add this file: the pages refer to it.")])
    return [Asset(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def read_picture() -> str:
    """Read the picture at the top of the page, an SVG to be inlined; empty if the studio has none."""
    path = find_site() / "picture.svg"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def compile_files(form_path: Path) -> Compiled:
    """Read all the owner's files; FaultyFileError if the form, the page texts or the question bank have faults."""
    document = read_form(form_path)
    return compiled_from(
        {
            "form": document,
            "content": read_content(find_site() / "content", document["languages"]),
            "assets": {asset.name: asset.path for asset in read_assets()},
            "picture": read_picture(),
            "suggestions": suggestions(document),
        }
    )
