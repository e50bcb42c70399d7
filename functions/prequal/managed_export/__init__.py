"""Firestore's managed exports, as gcloud and the emulator write them: a folder becomes documents with typed values.

Knows nothing of leads. Needs the extra `owner`: see MissingExtraError.
"""

from prequal.core.errors import MissingExtraError

try:
    import google_crc32c  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtraError(error.name or "") from error
