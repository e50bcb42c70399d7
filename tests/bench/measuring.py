"""Processes of their own, each of which prints what it did, how long that took, and how much memory it took."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """So many leads or documents in so many seconds, with so many kB at most."""

    count: int
    seconds: float
    peak_kb: int

    @property
    def rate(self) -> float:
        """Return the number per second."""
        return self.count / self.seconds


def measured(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Measured:
    """Run a process to its end, and return what it printed of itself."""
    told = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return Measured(int(told[0]), float(told[1]), int(told[2]))
