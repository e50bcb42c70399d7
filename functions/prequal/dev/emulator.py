"""The cloud on this machine: Google's Firestore emulator, and the function that its events call."""

import json
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, CalledProcessError, check_output
from tempfile import TemporaryDirectory
from typing import TypeGuard

from prequal.compiled import Compiled
from prequal.config.settings import FirestoreStore, Settings, SqliteStore
from prequal.core.errors import PrequalError
from prequal.dev.processes import find_free_address, run_guarded, wait_until_serving
from prequal.files import create_private_file, create_private_folder
from prequal.forms.compilation import write_entry_point

_COMPONENT = "cloud-firestore-emulator"
_MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_SECONDS_TO_ANSWER = 60

# The event that calls the function `deliver`, here and in the cloud.
MAIL_CREATED = "google.cloud.firestore.document.v1.created"
MAILS = "mail/{id}"
EMULATOR_HOST = "FIRESTORE_EMULATOR_HOST"
_LOG = Path(".prequal/emulator.log")


class EmulatorMissingError(PrequalError):
    """Raised when the emulator isn't installed or doesn't work; the text says what to do."""


def emulator_command() -> Sequence[str]:
    """Return the command that starts the emulator; gcloud itself doesn't know all of its options.

    Raises:
        EmulatorMissingError: a part of it isn't installed.
    """
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        raise EmulatorMissingError(
            "gcloud was not found, which Firestore's emulator belongs to: "
            f"install the Google Cloud CLI with its component {_COMPONENT}, and Java."
        )
    jar = _find_sdk(gcloud) / "platform" / _COMPONENT / f"{_COMPONENT}.jar"
    if not jar.is_file():
        raise EmulatorMissingError(
            f"Firestore's emulator is not installed: run `gcloud components install {_COMPONENT}`, or where gcloud is "
            "itself a package, install google-cloud-cli-firestore-emulator."
        )
    java = shutil.which("java")
    if java is None:
        raise EmulatorMissingError("Java was not found, which Firestore's emulator needs: install it, 11 or newer.")
    # The emulator's messages are in English only.
    return [java, "-Duser.language=en", "-cp", str(jar), _MAIN_CLASS, "start"]


@contextmanager
def firestore_emulator(log: Path, events_to: str | None = None) -> Iterator[str]:
    """Run an empty emulator, and yield its address, the value for FIRESTORE_EMULATOR_HOST.

    Its output goes to the file `log`, its events to the address `events_to`.

    Raises:
        EmulatorMissingError: it isn't installed, or doesn't start.
    """
    address = find_free_address()
    host, _, port = address.partition(":")
    command = [*emulator_command(), f"--host={host}", f"--port={port}"]
    if events_to:
        command.append(f"--functions_emulator={events_to}")
    create_private_folder(log.parent)
    create_private_file(log)  # it names documents
    with log.open("wb") as output, run_guarded(command, output=output) as process:
        if not wait_until_serving(process, address):
            raise EmulatorMissingError(f"Firestore's emulator does not start: {log} says why.")
        yield address


def register_mail_trigger(emulator: str, store: FirestoreStore) -> None:
    """Make the emulator send an event for each new mail, as Eventarc does for the function `deliver`.

    Raises:
        EmulatorMissingError: the emulator is too old for events.
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
            raise EmulatorMissingError("Firestore's emulator can't send events: run `gcloud components update`.")


def needs_emulator(store: SqliteStore | FirestoreStore, environ: Mapping[str, str]) -> TypeGuard[FirestoreStore]:
    """Whether a store is one in an emulator that must be started first.

    By Firebase's convention no real project has a name that begins with demo-.
    """
    return isinstance(store, FirestoreStore) and store.project.startswith("demo-") and not environ.get(EMULATOR_HOST)


@contextmanager
def local_cloud(compiled: Compiled, store: FirestoreStore, environ: Mapping[str, str]) -> Iterator[str]:
    """Run the emulator and the function `deliver` of a form, and yield the emulator's address.

    Raises:
        PrequalError: the emulator isn't installed, or one of the two doesn't start.
    """
    address = find_free_address()
    host, _, port = address.partition(":")
    function = [sys.executable, "-m", "functions_framework", "--target=deliver", "--signature-type=cloudevent"]
    function += [f"--host={host}", f"--port={port}"]
    # `deliver` signs and verifies nothing, and it refuses the short secrets that the development server takes.
    hooks = (Settings.cal_secret, Settings.calendly_secret, Settings.savvycal_secret)
    others = (Settings.secret_file, Settings.turnstile_key, Settings.turnstile_secret, *hooks)
    unused = {setting.name: "" for setting in others} | {Settings.secret.name: secrets.token_urlsafe()}
    with (
        TemporaryDirectory() as folder,
        firestore_emulator(_LOG, events_to=address) as emulator,
        run_guarded(
            [*function, f"--source={write_entry_point(compiled, Path(folder))}"],
            {**environ, **unused, EMULATOR_HOST: emulator},
        ) as process,
    ):
        if not wait_until_serving(process, address):
            raise PrequalError("The function `deliver` does not start: its output above says why.")
        register_mail_trigger(emulator, store)
        yield emulator


def _find_sdk(gcloud: str) -> Path:
    """Return the folder of the Google Cloud SDK. Only gcloud knows it, as the command may be a link or a wrapper."""
    command = [gcloud, "info", "--format=value(installation.sdk_root)"]
    try:
        root = check_output(command, stdin=DEVNULL, stderr=DEVNULL, text=True)  # noqa: S603, gcloud
    except (OSError, CalledProcessError) as error:
        raise EmulatorMissingError("gcloud doesn't work: run `gcloud info` to see why.") from error
    return Path(root.strip())
