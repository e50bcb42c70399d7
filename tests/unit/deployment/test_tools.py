"""Programs that a deployment runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

RUN = "import os; from prequal.deployment.tools import run_tool; print(run_tool(os.environ, 'tool'))"
TOOL = """#!/bin/sh
trap 'echo unlocked >&2; exit 3' INT
echo started
while :; do sleep 0.05; done
"""


def test_an_interrupted_tool_ends_by_itself(tmp_path: Path) -> None:
    """After Ctrl-C, Terraform unlocks its state and ends, before the command does."""
    tool = tmp_path / "tool"
    tool.write_text(TOOL)
    tool.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-uc", RUN]
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == "started\n"
        os.killpg(run.pid, signal.SIGINT)
        said, shown = run.communicate()

    assert (run.returncode, said, shown) == (0, "unlocked\n\n", "unlocked\n")
