"""Settings of `prequal serve`: nothing falls back to what only suits a trial, and the store must last."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from prequal.config.settings import FirestoreStore, Settings

# File systems that end with their container or machine.
_EPHEMERAL = ("overlay", "tmpfs")
_MOUNTS = Path("/proc/self/mountinfo")


class ServerSettings(Settings):
    """The values of the server's settings."""

    __slots__ = ()
    mail = replace(Settings.mail, default=None)
    public_url = replace(Settings.public_url, default=None)
    zone = replace(Settings.zone, default="UTC")

    @property
    def hops(self) -> int:
        """The number of trusted proxies: the one that terminates TLS."""
        return 1 if self.given_hops is None else self.given_hops


class CloudRunSettings(ServerSettings):
    """The same on Cloud Run, where several machines come and go, each with its own files in memory."""

    __slots__ = ()
    store = Settings.store.requiring(
        lambda store: isinstance(store, FirestoreStore),
        "is a file, which Cloud Run loses with every machine: set it to firestore: and the id of your project",
    )


def read(environ: Mapping[str, str]) -> ServerSettings:
    """Read the settings of a server; SettingsError with every fault."""
    kind = CloudRunSettings if environ.get("K_SERVICE") else ServerSettings
    return kind(environ, kind.form, *kind.needed(environ))


def is_ephemeral(folder: Path) -> bool:
    """Whether a folder is on a file system that ends with its container, as far as Linux tells."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = _MOUNTS.read_text(encoding="utf-8").splitlines() if _MOUNTS.exists() else []
    kinds = [mount.partition(" - ")[2].split()[0] for mount in mounts if mount.split()[2] == number]
    return any(kind in _EPHEMERAL for kind in kinds)
