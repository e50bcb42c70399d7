"""Signed tokens of booking links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from prequal.core.errors import LinkUnknownError
from prequal.core.lead import Lead
from prequal.core.mailbox import keyed_hash


def pasted_token(text: str) -> str:
    """Return the token at the beginning of a text: what a pasted link was followed by is no part of it."""
    return re.split("[^A-Za-z0-9_.-]", text, maxsplit=1)[0].rstrip(".")


class Tokens:
    """Signer of booking links. The first secret signs and all verify, so that secrets can be rotated."""

    def __init__(self, *, secrets: Sequence[str]) -> None:
        self._secret = secrets[0] if secrets else ""
        self._serializer = URLSafeSerializer(list(reversed(secrets)), salt="prequal.booking")

    def issue(self, lead: Lead, expires_at: datetime) -> str:
        """Return a token that holds the lead's id and its own expiry."""
        return str(self._serializer.dumps([lead.id, int(expires_at.timestamp())]))

    def hash_network(self, network: str, now: datetime) -> str:
        """Return a hash by which a network of clients is recognised for a day; empty for an unknown one."""
        return keyed_hash(self._secret, f"{now:%Y-%m-%d} {network}") if network else ""

    def read(self, token: str) -> tuple[str, datetime]:
        """Return the lead's id and the token's expiry; LinkUnknownError if the signature is not ours."""
        try:
            lead_id, expires = self._serializer.loads(token)
        except (BadSignature, ValueError) as error:
            raise LinkUnknownError("This booking link is not one of ours.") from error
        return lead_id, datetime.fromtimestamp(expires, UTC)
