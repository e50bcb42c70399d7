"""Pictures of people and work: the owner's files in site/pictures, which the texts of the pages name."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import imagesize

from prequal.analysis.faults import Faults, Where
from prequal.resources import find_site

_LARGEST = 400_000
# The drawings that come with prequal: they may stay when the examples are gone.
_DRAWINGS = "example-*.svg"
_VIEW_BOX = re.compile(rb"""<svg[^>]*\sviewBox\s*=\s*["']\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)""")


def picture_folder() -> Path:
    """Return the folder of the owner's pictures."""
    return find_site() / "pictures"


def picture_faults(content: Mapping[str, Any]) -> Faults:
    """Find pictures that can't be shown, and those without words for people who can't see them."""
    for where, item in _items(content):
        name = item["picture"]
        if not (picture_folder() / name).is_file():
            yield where, f"Put {name} into {picture_folder()}, or correct its name here: there is no such file."
        for path in filter(Path.is_file, _files(name)):
            if not _size(path):
                yield where, f"Export {path.name} anew: it is no picture that browsers show, or its size is not in it."
        if "alt" not in item:
            yield where, "Add alt beside this picture: what it shows, in a few words, for people who can't see it."


def heavy_pictures(content: Mapping[str, Any]) -> Faults:
    """Find pictures that make visitors wait."""
    for where, item in _items(content):
        for path in _files(item["picture"]):
            if (size := path.stat().st_size) > _LARGEST:
                yield (
                    where,
                    f"Export {path.name} smaller: it has {size // 1000} kB, and more than 400 make people wait.",
                )


def unnamed_pictures() -> Sequence[Path]:
    """Return the files that no text names: they are not on the site."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in find_site().glob("content/**/*.yaml")]
    files = (path for path in picture_folder().glob("[!.]*") if path.is_file() and not path.match(_DRAWINGS))
    return sorted(path for path in files if not any(path.name.replace("@2x.", ".") in text for text in texts))


def add_sizes(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a language's texts with, in place of a picture's name, its assets and size."""
    content = copy.deepcopy(content)
    for _, item in _items(content):
        files = _files(item["picture"])
        width, height = _size(files[0]) or (0, 0)
        item["picture"] = {"assets": [f"pictures/{path.name}" for path in files], "width": width, "height": height}
    return content


def picture_assets(content: Mapping[str, Any]) -> Mapping[str, Path]:
    """Return the files of the pictures in a language's texts with sizes, by the names of their assets."""
    names = [name for _, item in _items(content) for name in item["picture"]["assets"]]
    return {name: find_site() / name for name in names}


def _items(content: Mapping[str, Any]) -> Iterator[tuple[Where, dict[str, Any]]]:
    """Yield what has a picture, with the place of that."""
    for section in ("people", "work"):
        for index, item in enumerate(content.get(section, {}).get("list", ())):
            if "picture" in item:
                yield (section, "list", index, "picture"), item


def _files(name: str) -> Sequence[Path]:
    """Return the file of a picture and, if there is one, that of twice its size for sharp screens."""
    path = picture_folder() / name
    double = path.with_name(f"{path.stem}@2x{path.suffix}")
    return [path, double] if double.is_file() else [path]


def _size(path: Path) -> tuple[int, int] | None:
    """Return the width and height of a picture; None if it isn't one."""
    if path.suffix.lower() == ".svg" and (box := _VIEW_BOX.search(path.read_bytes())):
        width, height = float(box[1]), float(box[2])
    else:
        width, height = imagesize.get(path)
    return (round(width), round(height)) if min(width, height) >= 1 else None
