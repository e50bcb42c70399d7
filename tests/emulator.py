"""Google's own Firestore emulator, started for the tests that need it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS_TO_START = 60


class EmulatorMissingError(Exception):
    """The emulator can't be had here; the text says what to do."""


@contextmanager
def firestore_emulator() -> Iterator[str]:
    """Run an emulator and return its address, as FIRESTORE_EMULATOR_HOST has it."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        raise EmulatorMissingError(
            "Firestore's emulator was not found, so its tests were left out: install the Google Cloud CLI with "
            "its component cloud-firestore-emulator, and Java."
        )
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [gcloud, "emulators", "firestore", "start", f"--host-port={address}", "--quiet"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # gcloud starts a shell that starts Java: all of them are stopped together
    )
    try:
        _wait(address, process)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{address}/", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise EmulatorMissingError(
        "Firestore's emulator did not start, so its tests were left out: see what "
        "`gcloud emulators firestore start` says."
    )
