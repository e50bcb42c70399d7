"""Settings of a deployment to Google Cloud: two more than those of the functions, and stricter ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any

from prequal.config import addresses, parsers, settings
from prequal.config.fault import Fault
from prequal.config.parsers import FirestoreStore, Smtp
from prequal.core.errors import SettingsError

# A signing key that can be guessed lets anybody make booking links.
_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """What the functions are told, where they are, and which address alerts go to."""

    functions: settings.Settings
    store: FirestoreStore
    region: str
    alerts: str


def read(environ: Mapping[str, str]) -> CloudSettings:
    """Read all of them; SettingsError with every fault."""
    emulator = environ.get("FIRESTORE_EMULATOR_HOST")
    faults = ["FIRESTORE_EMULATOR_HOST is set, and the cloud has no emulator: unset it."] if emulator else []
    functions, region, alerts = None, "", ""
    try:
        functions = settings.read(environ, _STRICTER)
    except SettingsError as error:
        faults += error.faults
    try:
        region, alerts = settings.read_region_and_alerts(environ)
    except SettingsError as error:
        faults += error.faults
    if faults or functions is None or not isinstance(functions.store, FirestoreStore):
        raise SettingsError(faults)
    return CloudSettings(functions=functions, store=functions.store, region=region, alerts=getaddresses([alerts])[0][1])


def _store(text: str) -> FirestoreStore:
    store = parsers.store(text)
    if not isinstance(store, FirestoreStore) or store.project.startswith("demo-"):
        raise Fault("is not in the cloud: set it to firestore: and the id of your project")
    return store


def _mail(text: str) -> Smtp:
    mail = parsers.mail(text)
    if not isinstance(mail, Smtp) or mail.encryption == "none":
        raise Fault("is no mail server out there: set it to smtp://USER:PASSWORD@HOST:PORT")
    return mail


def _encrypted(read: Callable[[str], str]) -> Callable[[str], str]:
    def read_encrypted(text: str) -> str:
        url = read(text)
        if not url.startswith("https://"):
            raise Fault("does not begin with https://: set it to an address that everybody can reach")
        return url

    return read_encrypted


def _long(read: Callable[[str], Sequence[str]]) -> Callable[[str], Sequence[str]]:
    def read_long(text: str) -> Sequence[str]:
        secrets = read(text)
        if any(len(secret) < _SHORTEST_SECRET for secret in secrets):
            raise Fault(f"has a secret that is too short: make each {_SHORTEST_SECRET} characters or more")
        return secrets

    return read_long


_STRICTER: Mapping[str, Callable[[str], Any]] = {
    "PREQUAL_STORE": _store,
    "PREQUAL_MAIL": _mail,
    "PREQUAL_PUBLIC_URL": _encrypted(addresses.public_url),
    "PREQUAL_FUNCTION_URL": lambda text: _encrypted(addresses.public_url)(text) if text else "",
    "PREQUAL_BOOKING_URL": _encrypted(addresses.booking_url),
    "PREQUAL_SECRET": _long(parsers.secrets),
    "PREQUAL_SECRET_FILE": _long(parsers.secret_file),
}
