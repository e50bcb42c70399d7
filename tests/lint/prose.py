"""Check that docstrings name things: none begins with a question word, or returns "what"."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs", "functions", "tests")
_RIDDLE = re.compile(r"(What|Whoever|Whom|Whose|How|Where)\b|Returns? what\b")


def faults(path: Path) -> Iterator[str]:
    """Return the place and the first line of every docstring that begins with a clause instead of a noun or a verb."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node) or ""
            if _RIDDLE.match(docstring):
                yield f"{path.relative_to(ROOT)}:{node.body[0].lineno}: {docstring.splitlines()[0]}"


if __name__ == "__main__":
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    found = [fault for path in paths for fault in faults(path)]
    print("\n".join(found) or f"The docstrings of {len(paths)} files begin with a noun or a verb.")
    if found:
        print(f"{len(found)} docstrings begin with a question word: begin with a noun, or a verb and its object.")
    sys.exit(1 if found else 0)
