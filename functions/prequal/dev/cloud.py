"""The cloud on this machine: Firestore's emulator, and the function behind it that sends mails."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeGuard

from prequal.config.settings import FirestoreStore, SqliteStore
from prequal.core.errors import PrequalError
from prequal.dev.emulator import firestore_emulator, send_events_of_mails
from prequal.dev.processes import free_address, guarded, serves
from prequal.resources import FUNCTIONS

EMULATOR_HOST = "FIRESTORE_EMULATOR_HOST"
_LOG = Path(".prequal/emulator.log")


def is_local(store: SqliteStore | FirestoreStore, environ: Mapping[str, str]) -> TypeGuard[FirestoreStore]:
    """Whether a store is to be had by nothing but an emulator of ours.

    No project of Google's is named demo-…, by Firebase's convention.
    """
    return isinstance(store, FirestoreStore) and store.project.startswith("demo-") and not environ.get(EMULATOR_HOST)


@contextmanager
def local_cloud(store: FirestoreStore, environ: Mapping[str, str]) -> Iterator[str]:
    """Run the emulator and the function `deliver` with these settings, and return the emulator's address.

    Raises:
        PrequalError: the emulator isn't installed, or one of the two doesn't start.

    """
    address = free_address()
    host, _, port = address.partition(":")
    function = [sys.executable, "-m", "functions_framework", "--target=deliver", "--signature-type=cloudevent"]
    function += [f"--source={FUNCTIONS / 'main.py'}", f"--host={host}", f"--port={port}"]
    with (
        firestore_emulator(_LOG, events_to=address) as emulator,
        guarded(function, {**environ, EMULATOR_HOST: emulator}) as process,
    ):
        if not serves(process, address):
            raise PrequalError("The function `deliver` does not start: see above what it says.")
        send_events_of_mails(emulator, store)
        yield emulator
