"""Cloudflare Turnstile: whether a submission comes from a person, by the token that the page got for it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

from prequal import log
from prequal.adapters.http_post import post
from prequal.core.text import first_text
from prequal.services.ports import Captcha

# The field that Turnstile's script adds to the form.
TOKEN = "cf-turnstile-response"  # noqa: S105, a name
_TOKEN_LENGTH = 2048
#: The most bytes that the field may add to a submission, in a form post.
FIELD_BYTES = 3 * _TOKEN_LENGTH + len(TOKEN) + 8
VERIFIER = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
# Faults of the owner's settings, because of which every submission is held.
_MISCONFIGURED = {"missing-input-secret", "invalid-input-secret"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnstile(Captcha):
    """A Captcha for the widget of one secret."""

    secret: str
    verifier: str = VERIFIER
    #: Deadline of the call, the look-up of the host's address included.
    seconds: float = 4

    def find_token(self, submitted: Mapping[str, Any]) -> str:
        """Return the value of the script's field, unless it is longer than any token."""
        token = first_text(submitted.get(TOKEN))
        return token if len(token) <= _TOKEN_LENGTH else ""

    def confirms(self, token: str, submission: str) -> bool:
        """Ask Cloudflare. A token is good for one submission, which may be sent, and so confirmed, again."""
        key = uuid.UUID(bytes=hashlib.sha256(f"{token}\n{submission}".encode()).digest()[:16], version=4)
        asked = urlencode({"secret": self.secret, "response": token, "idempotency_key": str(key)})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            status, answer = post(self.verifier, asked.encode(), headers, self.seconds)
            # Its refusals are answers too: 400 for a wrong secret.
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise HTTPException(status)  # noqa: TRY301, as if there were no answer
            return _is_person(json.loads(answer))
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            log.captcha_unavailable(error)
            return False


def _is_person(answer: object) -> bool:
    """Return the verdict; ValueError if the answer has none."""
    if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
        raise ValueError("the verifier's answer has no verdict")  # noqa: TRY004, it is about the content
    if answer["success"]:
        return True
    given = answer.get("error-codes")
    codes = [code for code in given if isinstance(code, str)] if isinstance(given, list) else []
    log.captcha_failed(codes, misconfigured=not _MISCONFIGURED.isdisjoint(codes))
    return False
