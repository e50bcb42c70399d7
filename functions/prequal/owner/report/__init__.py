"""The figures as a page to look at, to print and to send: one file, with all that it shows.

Needs the extra `owner`: see MissingExtraError.
"""

from prequal.core.errors import MissingExtraError

try:
    import matplotlib  # noqa: F401, ICN001
except ModuleNotFoundError as error:
    raise MissingExtraError(error.name or "") from error
