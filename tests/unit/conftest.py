"""Hypothesis's settings, and the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from prequal.cli import main
from support.search import EXAMPLES, SEARCHES

# No test depends on the time. At a gate, the same examples every time.
settings.register_profile(
    "prequal",
    deadline=None,
    derandomize=not SEARCHES,
    max_examples=EXAMPLES,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("prequal")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a way to run the command in a folder of its own."""
    for name in ("PREQUAL_STORE", "PREQUAL_MAIL", "PREQUAL_FORM", "PREQUAL_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, color: bool = False, **environ: str) -> Result:
        return CliRunner().invoke(
            main, arguments, env={"PREQUAL_ZONE": "UTC", **environ}, color=color, catch_exceptions=False
        )

    return invoke
