"""Every command and every file of the documentation, done as a reader would do it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from prequal.core.lead import Lead
from support import guides
from support.guide_project import make_project
from support.guide_reader import Reader


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lead]:
    """Make the project that each page begins with; return it with one of its leads."""
    folder = tmp_path_factory.mktemp("guides") / "project"
    folder.mkdir()
    return folder, make_project(folder)


@pytest.mark.parametrize("page", [page for page in guides.pages() if any(guides.blocks(page))])
def test_a_page_can_be_followed(page: str, project: tuple[Path, Lead], tmp_path: Path) -> None:
    """Step by step, each command succeeds, each file is what its name says, and what is printed is what is shown."""
    template, lead = project
    folder = tmp_path / "project"
    shutil.copytree(template, folder)
    with Reader(folder, lead) as reader:
        for block in guides.blocks(page):
            try:
                reader.follow(block)
            except Exception as error:
                error.add_note(f"at {block}:\n{block.text}")
                raise
