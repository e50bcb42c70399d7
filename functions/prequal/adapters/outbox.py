"""Mail into a folder, one .eml file each: for one's own machine, and for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prequal.core.errors import TransportError
from prequal.core.mail import Mail, Receipt
from prequal.files import create_private_folder, write_atomically
from prequal.services.ports import Mailer


@dataclass(frozen=True, slots=True)
class OutboxMailer(Mailer):
    """A Mailer that writes files. The same mail sent twice is one file."""

    folder: Path

    def send(self, mail: Mail) -> Receipt:
        """Write the mail, readable for its owner only: it may hold a live booking link.

        Raises:
            TransportError: the folder can't be written.
        """
        path = self.folder / f"{mail.id}.eml"
        try:
            create_private_folder(self.folder)
            write_atomically(path, mail.message_bytes, private=True)
        except OSError as error:
            raise TransportError(f"The outbox can't be written: {error}.", permanent=False) from error
        return Receipt(message_id=mail.message_id, accepted=(mail.to,), response=f"written to {path.name}")
