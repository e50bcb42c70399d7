"""The functions that are compared, each as the cloud's build leaves it in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from prequal.compiled import Compiled
from prequal.forms.compilation import package_function

_PLAIN = Path(__file__).parent / "plain"
# The second in 1980 that the platform makes every file's time, and that `infra/functions.tf` sets for the build.
_IMAGE_TIME = 315532801


# Settings of everything that is measured.
SETTINGS: Mapping[str, str] = {
    "PREQUAL_MAIL": "outbox:outbox",
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_OWNER": "owner@studio.example",
    "PREQUAL_BOOKING_URL": "https://booking.example/?name={name}&email={email}&lead={lead}",
    "PREQUAL_PUBLIC_URL": "https://studio.example",
    "PREQUAL_SECRET": "a secret of the benchmark",
    "PREQUAL_BEAT": "0",  # it would hide what is measured
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function in a folder of its own, with the settings it needs."""

    target: str
    folder: Path
    settings: Mapping[str, str]

    def copied(self, folder: Path) -> Function:
        """Return the function with a new copy of its files, as a new instance in the cloud has."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A kind of store, in which each function has a place of its own."""

    name: str
    #: The beginning of each function's `PREQUAL_STORE`.
    prefix: str
    settings: Mapping[str, str]


def sqlite(folder: Path) -> Store:
    """Return SQLite with its files in a folder."""
    return Store(name="SQLite", prefix=f"sqlite:{folder}/leads-of-", settings={})


def firestore(emulator: str, project: str) -> Store:
    """Return an emulator of Firestore, with projects of these beginnings."""
    settings = {"FIRESTORE_EMULATOR_HOST": emulator}
    return Store(name="Firestore's emulator", prefix=f"firestore:bench-{project}-", settings=settings)


def packaged(compiled: Compiled, folder: Path, store: Store, *, hashed: bool = True, **settings: str) -> Function:
    """Unpack and build the archive of `make package`; the owner receives briefs."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "function.zip"
    package_function(compiled, archive)
    unpacked = folder / "prequal"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(unpacked)
    _build(unpacked, hashed=hashed)
    given = {**SETTINGS, "PREQUAL_STORE": f"{store.prefix}prequal", **store.settings, **settings}
    return Function(target="submit", folder=unpacked, settings=given)


def by_hand(folder: Path, store: Store) -> Function:
    """Return the function that was written by hand for the default form."""
    return plain("by_hand", folder, "by_hand.py", {"STORE": f"{store.prefix}hand", **store.settings})


def plain(target: str, folder: Path, source: str = "main.py", settings: Mapping[str, str] | None = None) -> Function:
    """Return a function of the baseline."""
    own = folder / target
    own.mkdir()
    shutil.copy(_PLAIN / source, own / "main.py")
    _build(own)
    return Function(target=target, folder=own, settings=settings or {})


def _build(source: Path, *, hashed: bool = True) -> None:
    """Compile the source as Google's buildpack does, and set the time of every file as its platform does.

    Without the hash, bytecode holds the time that its source had before, so that each start compiles again.
    """
    environ = {"PATH": os.defpath, **({"SOURCE_DATE_EPOCH": str(_IMAGE_TIME)} if hashed else {})}
    subprocess.run([sys.executable, "-m", "compileall", "-f", "-q", "."], cwd=source, env=environ, check=True)
    for path in source.rglob("*"):
        os.utime(path, (_IMAGE_TIME, _IMAGE_TIME))
