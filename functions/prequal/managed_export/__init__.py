"""Firestore's managed exports, as gcloud and the emulator write them: a folder becomes documents with typed values.

It knows nothing of leads, and needs the extra `owner`: see MissingExtraError.
"""

from pathlib import Path

from prequal.core.errors import MissingExtraError, PrequalError

try:
    import google_crc32c  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtraError(error.name or "") from error


class ExportError(PrequalError):
    """Raised when a part of an export is missing, corrupt or unknown; documents read before it can't be relied on."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}.")
