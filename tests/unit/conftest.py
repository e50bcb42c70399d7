"""How hypothesis searches: for as long as an example takes, as no test depends on the time. And the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from prequal.cli import main

# On top of the profile that hypothesis itself chooses: in CI, the same examples every time.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a way to run the command in a folder of its own."""
    for name in ("PREQUAL_STORE", "PREQUAL_MAIL", "PREQUAL_FORM", "PREQUAL_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, **environ: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environ, catch_exceptions=False)

    return invoke
