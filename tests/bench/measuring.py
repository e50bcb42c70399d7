"""Measured processes, each of which prints the number of its items, its time and its memory."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of leads or documents, the seconds and the peak memory in kB."""

    count: int
    seconds: float
    peak_kb: int

    @property
    def rate(self) -> float:
        """Return the number per second."""
        return self.count / self.seconds


def measured(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Measured:
    """Run a process to its end and return the figures that it printed."""
    told = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return Measured(int(told[0]), float(told[1]), int(told[2]))
