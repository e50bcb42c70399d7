"""The owner's files: checked, compiled, built and packaged. No deployed function imports this package.

Needs the extra `owner`: see MissingExtraError.
"""

from prequal.core.errors import MissingExtraError

try:
    import jsonschema  # noqa: F401
    import ruamel.yaml  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtraError(error.name or "") from error
