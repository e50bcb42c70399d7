"""Settings of a deployment to Google Cloud, which are stricter than those of the functions alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from prequal.config import parsers, regions
from prequal.config.parsers import FirestoreStore, SettingError, Smtp
from prequal.config.settings import Setting, Settings
from prequal.core.errors import SettingsError


def _encrypted(url: Setting[str]) -> Setting[str]:
    return url.requiring(
        lambda value: value.startswith("https://") or value == url.default == "",
        "does not begin with https://: set it to an address that everybody can reach",
    )


def _parse_region(text: str) -> str:
    """Parse the name of a region that is not known to lack what a deployment needs."""
    region = parsers.parse_region(text)
    if fault := regions.find_fault(region):
        raise SettingError(fault)
    return region


class CloudSettings(Settings):
    """The values of a deployment's settings."""

    __slots__ = ()
    store = cast(
        "Setting[FirestoreStore]",
        Settings.store.requiring(
            lambda store: isinstance(store, FirestoreStore) and not store.project.startswith("demo-"),
            "is not in the cloud: set it to firestore: and the id of your project",
        ),
    )
    mail = Settings.mail.requiring(
        lambda mail: isinstance(mail, Smtp) and mail.encryption != "none",
        "is not a public mail server: set it to smtp://USER:PASSWORD@HOST:PORT",
    )
    booking_url = _encrypted(Settings.booking_url)
    public_url = _encrypted(Settings.public_url)
    function_origin = _encrypted(Settings.function_origin)
    given_desk_origin = _encrypted(Settings.given_desk_origin)
    webhooks = Settings.webhooks.requiring(
        lambda addresses: all(address.startswith("https://") for address in addresses),
        "has an address on this machine: write one that the cloud can reach, which begins with https://",
    )
    region = replace(Settings.region, parse=_parse_region)

    @property
    def desk_origin(self) -> str:
        """The site's host, or where that can't forward to functions, the site at Firebase, which does."""
        at_firebase = f"https://{self.store.project}.web.app"
        return self.given_desk_origin or (at_firebase if self.function_url else self.public_url)


def read(environ: Mapping[str, str]) -> CloudSettings:
    """Read the settings of a deployment; SettingsError with every fault."""
    emulator = environ.get("FIRESTORE_EMULATOR_HOST")
    faults = ["FIRESTORE_EMULATOR_HOST is set, but the cloud has no emulator: unset it."] if emulator else []
    try:
        given = CloudSettings(environ, *CloudSettings.needed(environ), CloudSettings.region, CloudSettings.alerts)
    except SettingsError as error:
        faults += error.faults
    if faults:
        raise SettingsError(faults)
    return given
