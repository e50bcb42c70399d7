"""Learning points from past clients, and how far to trust them. No deployed function imports any of it.

Straight through: a table (`tables`) whose columns are matched to questions (`columns`, `cells`) becomes past clients
(`clients`), these a matrix (`design`); from it a card is learned (`prior`, `ridge`, `learning`, `cards`), tried on
clients it has not seen (`validation`, `folds`, `measures`), judged (`verdict`, `grades`) and told (`report`, `plot`,
`writing`).

Needs the extra `owner`: see MissingExtraError.
"""

import os

from prequal.core.errors import MissingExtraError

# These matrices are too narrow to gain from several threads, which on a busy machine wait for one another. Read by
# numpy's linear algebra when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

try:
    import numpy  # noqa: F401, ICN001
except ModuleNotFoundError as error:
    raise MissingExtraError(error.name or "") from error
