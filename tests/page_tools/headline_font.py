"""Make the fonts of the headlines, from the variable font that the foundry publishes at npm.

They keep one weight, the optical sizes of headlines and questions, and the letters of the languages of the pages. As
their licence reserves the foundry's name for the original, these have another.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

_PACKAGE = "source-serif@4.5.1"
_FONT = "package/VAR/SourceSerif4Variable-Roman.ttf"
_LICENCE = "package/LICENSE.md"
_NAME = "Prequal Headline"
_AXES = {"wght": 400, "opsz": (20, 60)}
_SITE = Path("site")

_PUNCTUATION = "\u00a0\u202f\u2018’“”„«»\u2039\u203a–—…•·\u00d7−°§©№€£¥₽"
_WESTERN = "ÀÂÄÅÆÇÈÉÊËÍÎÏÑÓÔÖØŒÙÚÛÜŸÁàâäåæçèéêëíîïñóôöøœùúûüÿáßĲĳĄĆĘŁŃŚŹŻąćęłńśźż"
_LATIN = "".join(map(chr, range(0x20, 0x7F))) + _PUNCTUATION + _WESTERN
#: The letters of each font, by its file's name. A page has one font: where one of two is late, its lines would move.
LETTERS = {
    "headline.woff2": _LATIN,
    "headline-cyrillic.woff2": _LATIN + "".join(map(chr, range(0x410, 0x450))) + "Ёё",
}


def main() -> None:
    """Write the fonts into `site/assets`, and their licence beside it."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", folder, _PACKAGE],
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
            font, licence = (archive.extractfile(name) for name in (_FONT, _LICENCE))
            assert font is not None
            assert licence is not None
            original = font.read()
            (_SITE / "LICENSE-headline.md").write_bytes(licence.read())
    for name, letters in LETTERS.items():
        content = cut(original, letters)
        (_SITE / "assets" / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")


def cut(original: bytes, letters: str) -> bytes:
    """Return the font with these letters, one weight and the sizes of headlines."""
    font = TTFont(io.BytesIO(original))
    options = subset.Options(hinting=False, layout_features=["kern", "liga", "locl", "ccmp", "mark"], name_IDs=["*"])
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, _AXES)
    for record in font["name"].names:
        if "source" in record.toUnicode().casefold() and record.nameID not in {0, 7, 13, 14}:
            record.string = (
                record.toUnicode().replace("Source Serif 4", _NAME).replace("SourceSerif4", "PrequalHeadline")
            )
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


if __name__ == "__main__":
    main()
