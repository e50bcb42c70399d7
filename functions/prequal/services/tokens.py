"""Signed tokens of links: to book, and for past clients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from prequal.core.errors import LinkUnknownError
from prequal.core.mailbox import keyed_hash


def pasted_token(text: str) -> str:
    """Return the token at the beginning of a text: what a pasted link was followed by is no part of it."""
    return re.split("[^A-Za-z0-9_.-]", text, maxsplit=1)[0].rstrip(".")


# What tokens of past clients are signed for: none of them opens a booking page, nor the other way round.
PAST_CLIENTS = "prequal.past_clients"


class Tokens:
    """Signer of links. The first secret signs and all verify, so that secrets can be rotated."""

    def __init__(self, *, secrets: Sequence[str], purpose: str = "prequal.booking") -> None:
        self._secret = secrets[0] if secrets else ""
        self._serializer = URLSafeSerializer(list(reversed(secrets)), salt=purpose)

    def issue(self, subject_id: str, expires_at: datetime) -> str:
        """Return a token that holds an id, such as a lead's, and its own expiry."""
        return str(self._serializer.dumps([subject_id, int(expires_at.timestamp())]))

    def hash_network(self, network: str, now: datetime) -> str:
        """Return a hash by which a network of clients is recognised for a day; empty for an unknown one."""
        return keyed_hash(self._secret, f"{now:%Y-%m-%d} {network}") if network else ""

    def read(self, token: str) -> tuple[str, datetime]:
        """Return the id and the token's expiry; LinkUnknownError if the signature is not ours."""
        try:
            subject_id, expires = self._serializer.loads(token)
        except (BadSignature, ValueError) as error:
            raise LinkUnknownError("This link is not one of ours.") from error
        return subject_id, datetime.fromtimestamp(expires, UTC)
