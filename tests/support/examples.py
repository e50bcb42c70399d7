"""The businesses under `examples/`, each made as its guide says: a new project with two files laid over it."""

from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from prequal.cli import main
from support.running import CHECKOUT

EXAMPLES = sorted(path for path in (CHECKOUT / "examples").iterdir() if path.is_dir())


def make_project(example: Path, parent: Path) -> Path:
    """Make the project of an example in a folder, and return its own folder."""
    [content] = (example / "site/content").iterdir()
    with chdir(parent):
        CliRunner().invoke(main, ["new", "project", "--languages", content.stem], catch_exceptions=False)
    shutil.copytree(example, parent / "project", dirs_exist_ok=True)
    return parent / "project"
