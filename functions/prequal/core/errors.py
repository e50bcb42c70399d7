"""What can go wrong, as one tree. Each message is a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prequal.core.text import Message


class PrequalError(Exception):
    """Anything of ours; its text can be shown to the owner as it is."""


class InvalidAnswersError(PrequalError):
    """Some answers can't be taken. `errors` says why, by field, in the order of the page.

    `outdated` when they were given on a page of another version of the form, and so perhaps through no fault of theirs.
    """

    def __init__(self, errors: Mapping[str, Sequence[Message]], *, outdated: bool = False) -> None:
        super().__init__(f"These answers can't be taken: {', '.join(errors)}.")
        self.errors = errors
        self.outdated = outdated


class StoreUnavailableError(PrequalError):
    """The store doesn't answer; nothing was lost that was accepted, and the same call may go through later."""


class NewerDocumentError(PrequalError):
    """A stored document was written by a later version, and its meaning is not known."""

    def __init__(self, version: int, known: int) -> None:
        super().__init__(
            f"The store holds documents of schema {version}, and this prequal knows {known}: upgrade prequal, here too."
        )


class LeadNotFoundError(PrequalError):
    """No lead has this id or address, or several ids begin so."""


class LinkUnknownError(PrequalError):
    """A booking link that is not ours, or whose lead is gone."""


class LinkExpiredError(PrequalError):
    """A booking link of ours that no longer works. `language` is the prospect's."""

    def __init__(self, language: str) -> None:
        super().__init__("This booking link has expired.")
        self.language = language


class TransportError(PrequalError):
    """A mail was certainly not accepted; `permanent` when trying again can't help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class TransportUncertainError(PrequalError):
    """A mail was handed over and the answer was lost: the server may have accepted it."""


class SettingsError(PrequalError):
    """Some settings are wrong or missing. `faults` has a sentence for each, with its name."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class MissingExtraError(PrequalError):
    """Something needs packages that the deployed functions do without."""

    def __init__(self, package: str) -> None:
        super().__init__(f"This needs {package}: install prequal[owner], in a checkout with pip install -e '.[owner]'.")
