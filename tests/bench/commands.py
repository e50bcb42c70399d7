"""The processor time of the owner's commands, most of which is for imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click

from bench.table import Row, Section, milliseconds, times
from prequal.cli import main
from prequal.resources import SCHEMA
from support import builders
from support.running import COMMAND

_TURNS = 15
_BARE = Path(__file__).with_name("plain") / "command.py"


def commands(folder: Path) -> Section:
    """Run the commands and a bare click program in turns, in an empty folder. The first turn is not counted."""
    folder.mkdir()
    large = folder / "large.yaml"
    large.write_text(json.dumps(_large_form()), encoding="utf-8")
    number = len(main.list_commands(click.Context(main)))
    bare = [sys.executable, str(_BARE), str(number)]
    pairs: dict[str, tuple[Sequence[str], Sequence[str]]] = {
        "prequal --help": ([str(COMMAND), "--help"], [*bare, "--help"]),
        "prequal --version": ([str(COMMAND), "--version"], [*bare, "--version"]),
        "prequal leads list, of none": ([str(COMMAND), "leads", "list"], [*bare, "--help"]),
        "prequal check, of the default form": ([str(COMMAND), "check", str(SCHEMA / "form.yaml")], [*bare, "--help"]),
        "prequal check, 12 questions of type many, half of which follow": (
            [str(COMMAND), "check", str(large)],
            [*bare, "--help"],
        ),
    }
    turns = [
        {name: (_seconds(ours, folder), _seconds(beside, folder)) for name, (ours, beside) in pairs.items()}
        for _ in range(_TURNS + 1)
    ]
    rows = [_row(name, [turn[name] for turn in turns[1:]]) for name in pairs]
    return Section(
        f"Processor time of a command, beside a bare click program with {number} of them, median of {_TURNS}", rows
    )


def _large_form() -> dict[str, Any]:
    """Return a form of which each question that follows is of the other axis: the most work, as there is a minimum."""
    options = [{"id": f"o{number}", "label": f"{number}", "points": number * 7 % 31 - 6} for number in range(8)]
    questions: list[dict[str, Any]] = [
        {"id": f"q{number}", "type": "many", "axis": ("fit", "intent")[number % 2], "label": f"Q{number}"}
        for number in range(12)
    ]
    for number, question in enumerate(questions):
        question["options"] = options
        if number >= len(questions) // 2:
            question |= {"ask_if": {f"q{number - 6}": ["o1", "o5"]}, "axis": ("intent", "fit")[number % 2]}
    scoring = {"grades": {"hot": 500, "warm": 300}, "minimum": {"fit": 100}}
    return {**builders.document(), "questions": questions, "scoring": scoring}


def _row(name: str, pairs: Sequence[tuple[float, float]]) -> Row:
    own, beside = (median(seconds) for seconds in zip(*pairs, strict=True))
    ratio = median(seconds / other for seconds, other in pairs)
    return Row(name, milliseconds(own), f"bare {milliseconds(beside)}", times(ratio, digits=3))


def _seconds(command: Sequence[str], folder: Path) -> float:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PREQUAL_")}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime
