"""Firestore's emulator, ready to be measured or to be tested against."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from google.cloud import firestore

from prequal.dev.emulator import firestore_emulator
from support.running import PATIENCE


@contextmanager
def warm_emulator(log: Path) -> Iterator[str]:
    """Run an emulator that has answered before: its first answer is slower than a visitor would wait.

    Raises:
        EmulatorMissingError: it isn't installed, or doesn't start.

    """
    with firestore_emulator(log) as address:
        with emulated(address), closing(firestore.Client(project="warm-up")) as client:
            client.collection("warm-up").document("first").create({}, timeout=PATIENCE)
        yield address


@contextmanager
def emulated(address: str) -> Iterator[None]:
    """Have the clients of this process talk to an emulator, or to the wire before it."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = address
    try:
        yield
    finally:
        del os.environ["FIRESTORE_EMULATOR_HOST"]
