"""The documentation as its tests read it: pages, their blocks of code, and the marks that say what becomes of each.

A mark is a comment in HTML on the line before a block, which no reader sees:

- `not run: REASON`: the block can't be run here. Its commands are still looked up.
- `file: NAME`: the block is this file.
- `in: FILE` or `in: FILE, KEY`: the block is a part of this file, or of the list under a key.

Shell without a mark is run, and `text` after it is what it prints. `reader: DEED` is a mark of its own: what readers do
in the browser at this point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from support.running import CHECKOUT

_MARK = re.compile(r"^\s*<!-- (not run|file|in|reader): (.+?) -->$")
_FENCE = re.compile(r"^( *)```(.*)$")
# Commands as a text names them, `prequal leads list` or `.venv/bin/prequal check`, and as a shell has them.
_INLINE = re.compile(r"`(?:\S*bin/)?((?:prequal|make) [^`]+)`")
_IN_SHELL = re.compile(
    r"(?:^|[;&|] *|=\S+ |exec (?:-T )?prequal )(?:\S*bin/)?((?:prequal|make) (?:[^\n\\#&|;>]|\\\n)+)", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of code, or a deed of the reader's."""

    page: str
    line: int
    #: The language, such as `sh`; empty for a deed.
    language: str
    text: str
    #: The name of the mark before it, such as `file`; empty if there is none.
    mark: str = ""
    #: The rest of the mark.
    value: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> Sequence[str]:
    """Return the paths of all pages that show an owner how to use prequal."""
    guides = sorted(path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("docs/**/*.md"))
    return ["README.md", "examples/README.md", *guides]


def read(page: str) -> str:
    """Return the text of a page."""
    return (CHECKOUT / page).read_text(encoding="utf-8")


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks and deeds of a page, in its order, but for directives of the documentation itself."""
    lines = read(page).splitlines()
    mark, value, start, body = "", "", 0, list[str]()
    language: str | None = None
    for number, line in enumerate(lines, 1):
        fence, found = _FENCE.match(line), _MARK.match(line)
        if fence and language is None:
            start, language, body = number, fence[2], []
        elif fence:
            if language and not language.startswith("{"):
                text = dedent("\n".join(body)) + "\n"
                yield Block(page=page, line=start, language=language, text=text, mark=mark, value=value)
            language, mark, value = None, "", ""
        elif language is not None:
            body.append(line)
        elif found and found[1] == "reader":
            yield Block(page=page, line=number, language="", text="", mark=found[1], value=found[2])
        elif found:
            mark, value = found[1], found[2]


def commands(page: str) -> Iterator[str]:
    """Yield the commands of prequal and of make that a page names, in its texts, its tables and its blocks."""
    yield from _INLINE.findall(read(page).replace("\n", " "))
    for block in blocks(page):
        if block.language == "sh":
            yield from (found.replace("\\\n", " ") for found in _IN_SHELL.findall(block.text))
