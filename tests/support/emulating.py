"""Firestore's emulator, ready to be measured or to be tested against."""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from google.cloud import firestore

from prequal.adapters.firestore.grpc_transport import GrpcTransport
from prequal.adapters.firestore.rest_transport import RestTransport
from prequal.adapters.firestore.store import FirestoreLeadStore
from prequal.dev.emulator import firestore_emulator
from support.running import PATIENCE

AnyTransport: TypeAlias = type[GrpcTransport | RestTransport]
TRANSPORTS: Mapping[str, AnyTransport] = {
    "firestore": GrpcTransport,
    "firestore-rest": RestTransport,
}


class EmulatedStore(FirestoreLeadStore):
    """A store on the emulator, by one of the transports. A project of its own is a database of its own."""

    def __init__(self, project: str = "", transport: AnyTransport = GrpcTransport) -> None:
        self.project = project or f"test-{uuid.uuid4().hex[:12]}"
        super().__init__(transport(self.project))


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
def shared_emulator(folder: Path) -> Iterator[str]:
    """Run one emulator for all processes that ask with the same folder, and return its address.

    The first process starts it, and stops it when every process that asked has left the block.

    Raises:
        EmulatorMissingError: it isn't installed, or doesn't start.
    """
    address, ticket = folder / "emulator.address", folder / f"emulator.{os.getpid()}.ticket"
    with ExitStack() as ours:
        with _locked(folder):
            if not address.exists():
                address.write_text(ours.enter_context(warm_emulator(folder / "emulator.log")))
                ours.callback(_wait_for_others, folder, address)
            ticket.touch()
        try:
            yield address.read_text()
        finally:
            ticket.unlink()


def _wait_for_others(folder: Path, address: Path) -> None:
    """Wait until no other process uses the emulator, and have later ones start their own."""
    while True:
        with _locked(folder):
            if not list(folder.glob("emulator.*.ticket")):
                address.unlink()
                return
        time.sleep(0.1)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "emulator.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def emulated(address: str) -> Iterator[None]:
    """Have the clients of this process talk to an emulator, or to the wire before it."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = address
    try:
        yield
    finally:
        del os.environ["FIRESTORE_EMULATOR_HOST"]
