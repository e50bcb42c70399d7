"""Figures of the campaigns, for whoever reads the end of the test run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return what notes a line for the end of the run."""
    lines = request.config.stash.setdefault(_LINES, [])
    return lines.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the figures."""
    if lines := config.stash.get(_LINES, []):
        terminalreporter.section("fault injection")
        for line in lines:
            terminalreporter.write_line(line)
