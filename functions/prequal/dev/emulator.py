"""Google's own Firestore emulator: found, run, and made to send events."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from prequal.config.settings import FirestoreStore
from prequal.core.errors import PrequalError
from prequal.dev.processes import free_address, guarded, serves

_COMPONENT = "cloud-firestore-emulator"
_MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_SECONDS_TO_ANSWER = 10

# The event that the function `deliver` is for, here as in the cloud.
MAIL_CREATED = "google.cloud.firestore.document.v1.created"
MAILS = "mail/{id}"


class EmulatorMissingError(PrequalError):
    """The emulator can't be had here; the text says what to do."""


def emulator_command() -> Sequence[str]:
    """Return the command that starts the emulator, as gcloud does it but for the options that gcloud doesn't know.

    Raises:
        EmulatorMissingError: a part of it is not installed.

    """
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        raise EmulatorMissingError(
            "gcloud was not found, which brings Firestore's emulator: "
            f"install the Google Cloud CLI with its component {_COMPONENT}, and Java."
        )
    jar = _root(gcloud) / "platform" / _COMPONENT / f"{_COMPONENT}.jar"
    if not jar.is_file():
        raise EmulatorMissingError(
            f"Firestore's emulator is not installed: run `gcloud components install {_COMPONENT}`, or where gcloud is "
            "itself a package, install google-cloud-cli-firestore-emulator."
        )
    java = shutil.which("java")
    if java is None:
        raise EmulatorMissingError("Java was not found, in which Firestore's emulator runs: install it, 11 or newer.")
    # The emulator's messages are in English only.
    return [java, "-Duser.language=en", "-cp", str(jar), _MAIN_CLASS, "start"]


@contextmanager
def firestore_emulator(log: Path, events_to: str | None = None) -> Iterator[str]:
    """Run an emulator, empty at first, and return its address as FIRESTORE_EMULATOR_HOST has it.

    What it says goes to the file `log`, and events to the address `events_to`.

    Raises:
        EmulatorMissingError: it isn't installed, or doesn't start.

    """
    address = free_address()
    host, _, port = address.partition(":")
    command = [*emulator_command(), f"--host={host}", f"--port={port}"]
    if events_to:
        command.append(f"--functions_emulator={events_to}")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output, guarded(command, output=output) as process:
        if not serves(process, address):
            raise EmulatorMissingError(f"Firestore's emulator does not start: {log} says why.")
        yield address


def send_events_of_mails(emulator: str, store: FirestoreStore) -> None:
    """Have the emulator send an event for each mail that is created, as Eventarc does for the function `deliver`.

    Raises:
        EmulatorMissingError: the emulator knows of no such thing.

    """
    trigger = {
        "eventType": MAIL_CREATED,
        "database": store.database,
        "namespace": "(default)",
        "document": {"value": MAILS, "matchType": "PATH_PATTERN"},
    }
    path = f"/emulator/v1/projects/{store.project}/eventarcTrigger?eventarcTriggerId=deliver"
    with closing(HTTPConnection(emulator, timeout=_SECONDS_TO_ANSWER)) as connection:
        connection.request("POST", path, json.dumps(trigger), {"Content-Type": "application/json"})
        if connection.getresponse().status != HTTPStatus.OK:
            raise EmulatorMissingError("Firestore's emulator sends no events: run `gcloud components update`.")


def _root(gcloud: str) -> Path:
    """Return where gcloud is installed, which it alone knows: what is on the path may be a link or a wrapper."""
    command = [gcloud, "info", "--format=value(installation.sdk_root)"]
    try:
        told = subprocess.run(  # noqa: S603, gcloud
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmulatorMissingError("gcloud doesn't work: see what `gcloud info` says.") from error
    return Path(told.stdout.strip())
