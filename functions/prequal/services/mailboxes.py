"""Mailboxes in the ledger: hashes of those to which no mail goes any more."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from prequal.core.mailbox import keyed_hash, mailbox_of
from prequal.services.ports import Entry, Ledger

_KEY = "key"


@dataclass(slots=True, kw_only=True)
class Mailboxes:
    """Mailboxes by keyed hash. The key lies in the store and never changes, unlike the secret that signs links."""

    ledger: Ledger
    _key: str = field(default="", init=False)

    def load_key(self) -> None:
        """Read the key, or make the first one. No change of the store may be under way."""
        if not self._key:
            entry = self.ledger.change_entry(
                _KEY, lambda entry: entry or {"key": secrets.token_hex(32), "expire_at": None}
            )
            self._key = entry["key"]

    def hash(self, text: str) -> str:
        """Return the keyed hash of a text, once the key is loaded."""
        if not self._key:
            raise ValueError("the key of the mailboxes is not loaded")
        return keyed_hash(self._key, text)

    def entry_key(self, address: str) -> str:
        """Return the key of the entry about an address's mailbox."""
        return f"mailbox.{self.hash(mailbox_of(address))}"

    def suppress(self, address: str, now: datetime) -> None:
        """Remember, beyond any erasure, that no mail may go to a mailbox."""
        self._change(address, lambda entry: {**entry, "suppressed_at": now, "expire_at": None})

    def lift(self, address: str, expire_at: datetime) -> None:
        """Allow mail to a mailbox again."""
        self._change(
            address,
            lambda entry: (
                {**entry, "suppressed_at": None, "expire_at": expire_at} if entry.get("suppressed_at") else entry
            ),
        )

    def _change(self, address: str, change: Callable[[Entry], Entry]) -> None:
        self.load_key()
        self.ledger.change_entry(self.entry_key(address), change)
