"""From the owner's files to what is deployed. No deployed function imports any of it.

Needs the extra `owner`: see MissingExtraError.
"""

from prequal.core.errors import MissingExtraError

try:
    import jsonschema  # noqa: F401
    import ruamel.yaml  # noqa: F401
    import segno  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtraError(error.name or "") from error
