"""Credentials for Google's APIs, as the headers that authorise a call."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from http.client import HTTPConnection, HTTPException
from typing import Any, TypeAlias

from prequal.adapters.firestore.transport import TransientError
from prequal.core.errors import StoreUnavailableError

Credentials: TypeAlias = Callable[[float], Mapping[str, str]]
"""Takes the seconds that a token may take. Raises TransientError, or StoreUnavailableError if there are none."""

_SCOPE = "https://www.googleapis.com/auth/datastore"
NO_CREDENTIALS = "Firestore needs credentials: run gcloud auth application-default login."
# https://cloud.google.com/run/docs/container-contract#metadata-server
_METADATA_HOST = "metadata.google.internal"
_TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105, no secret
# The metadata server hands out the same token until less than this is left of its life.
_REFRESHED_BEFORE_SECONDS = 225


def find_credentials() -> Credentials:
    """Return the credentials of the function's service account in the cloud, and the default ones elsewhere."""
    if "K_SERVICE" in os.environ and "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ:
        return ServiceAccount()
    return DefaultCredentials()


def emulator_credentials(_seconds: float) -> Mapping[str, str]:
    """Return the headers that the emulator takes for the owner's."""
    return {"Authorization": "Bearer owner"}


class ServiceAccount:
    """Tokens of the metadata server. google-auth would import for it what takes longer than all the rest of a start."""

    def __init__(self) -> None:
        self._headers: Mapping[str, str] = {}
        self._refresh_at = 0.0

    def __call__(self, seconds: float) -> Mapping[str, str]:
        """Return the headers that authorise a call."""
        if not self._headers or time.monotonic() >= self._refresh_at:
            self._refresh(seconds)
        return self._headers

    def _refresh(self, seconds: float) -> None:
        connection = HTTPConnection(os.environ.get("GCE_METADATA_HOST", _METADATA_HOST), timeout=seconds)
        try:
            connection.request("GET", _TOKEN_PATH, headers={"Metadata-Flavor": "Google"})
            token = json.loads(connection.getresponse().read())
            self._refresh_at = time.monotonic() + token["expires_in"] - _REFRESHED_BEFORE_SECONDS
            self._headers = {"Authorization": f"Bearer {token['access_token']}"}
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise TransientError("the metadata server gave no token") from error
        finally:
            connection.close()


class DefaultCredentials:
    """Application default credentials, by google-auth."""

    def __call__(self, seconds: float) -> Mapping[str, str]:
        """Return the headers that authorise a call."""
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415, the cloud needn't wait for google-auth
        from google.auth.transport.requests import Request  # noqa: PLC0415

        headers: dict[str, str] = {}
        try:
            self._credentials.before_request(partial(Request(), timeout=seconds), "POST", "", headers)
        except GoogleAuthError as error:
            if error.retryable:
                raise TransientError("no token") from error
            raise StoreUnavailableError(NO_CREDENTIALS) from error
        return headers

    @cached_property
    def _credentials(self) -> Any:  # noqa: ANN401, google-auth has no types
        from google.auth import default  # noqa: PLC0415

        return default(scopes=[_SCOPE])[0]
