"""How far it has come, for whoever waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

_EVERY_SECONDS = 0.2
_T = TypeVar("_T")


def counted(leads: Iterable[_T], what: str, patience: float = 2.0) -> Iterator[_T]:
    """Pass the leads on, and tell on a terminal how many there were, and what was done to them.

    Not before `patience` in seconds is over: most of it is done in a moment.
    """
    if not sys.stderr.isatty():
        yield from leads
        return
    tell_at = time.monotonic() + patience
    told = ""
    try:
        for count, lead in enumerate(leads):
            if time.monotonic() >= tell_at:
                tell_at = time.monotonic() + _EVERY_SECONDS
                told = f"{count:,} leads {what}"
                click.echo(f"\r{told}", err=True, nl=False)
            yield lead
    finally:
        if told:
            click.echo(f"\r{' ' * len(told)}\r", err=True, nl=False)
