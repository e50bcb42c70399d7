"""The exceptions of prequal, as one tree. Each message is a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prequal.core.text import Message


class PrequalError(Exception):
    """Base of all exceptions here; the text of each can be shown to the owner as it is."""


class InvalidAnswersError(PrequalError):
    """Raised when a submission has invalid or missing answers. Nothing was stored."""

    def __init__(self, errors: Mapping[str, Sequence[Message]], *, outdated: bool = False) -> None:
        super().__init__(f"These answers can't be taken: {', '.join(errors)}.")
        #: Messages by field, in the order of the page.
        self.errors = errors
        #: Whether the page was of another version of the form, so that the visitor may have made no mistake.
        self.outdated = outdated


class StoreUnavailableError(PrequalError):
    """Raised when the store doesn't answer.

    Whatever was accepted before is still there. This change was made or wasn't; the same call may succeed later.
    """


class StoreMissingError(PrequalError):
    """Raised when there is no store at the place that the settings name; none was made."""

    def __init__(self, place: object) -> None:
        super().__init__(
            f"There is no store at {place}: go to the folder of your project, or name your store in PREQUAL_STORE."
        )


class UnreadableDocumentError(PrequalError):
    """Raised when a stored document isn't as prequal writes it; it is left as it is."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(
            text
            or f"{name} can't be read, as it is damaged or another program wrote it: restore it from a backup, or "
            "delete the lead with prequal leads erase."
        )
        #: The document, such as "Lead 1f2e".
        self.name = name


class NewerDocumentError(UnreadableDocumentError):
    """Raised when a later version of prequal wrote a document, so that its meaning is unknown; it is left as it is."""

    def __init__(self, version: int, known: int, name: str = "The store") -> None:
        super().__init__(
            name, f"{name} is of schema {version}, and this prequal knows {known}: upgrade prequal, here too."
        )
        self.version = version
        self.known = known


class LeadNotFoundError(PrequalError):
    """Raised when no lead has this id or address, or when several ids begin like this. Nothing was changed."""


class IllegalStepError(PrequalError):
    """Raised when a lead's status does not allow a step; the lead is unchanged, and the message names the statuses."""


class LinkUnknownError(PrequalError):
    """Raised when a link isn't one of ours, or its lead or form is gone. Nothing was changed."""


class LinkExpiredError(PrequalError):
    """Raised when a link is ours, but no longer works. Nothing was changed."""

    def __init__(self, form_id: str, language: str, *, declined: bool = False) -> None:
        super().__init__("This link has expired.")
        #: The form that the prospect answered, or the past client would.
        self.form_id = form_id
        #: The prospect's; empty for a past client, who has told none.
        self.language = language
        #: Whether the owner declined, so that no new link can be promised.
        self.declined = declined


class MailContentError(PrequalError):
    """Raised when a mail cannot be rendered; trying again gives the same result."""


class TransportError(PrequalError):
    """Raised when a mail was certainly not accepted: sending it again makes no duplicate."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        #: Whether sending it again would fail again.
        self.permanent = permanent


class TransportUncertainError(PrequalError):
    """Raised when a mail was sent but the answer was lost: the server may have accepted it."""


class SettingsError(PrequalError):
    """Raised when settings are wrong or missing."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        #: One sentence per fault, with the name of the setting.
        self.faults = tuple(faults)


class MissingExtraError(PrequalError):
    """Raised when a command needs packages that the deployed functions do without."""

    def __init__(self, package: str) -> None:
        super().__init__(f"This needs {package}: install prequal[owner], in a checkout with pip install -e '.[owner]'.")
