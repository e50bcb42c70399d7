"""Results of the checks."""

from dataclasses import dataclass
from enum import Enum
from functools import partial


class CheckStatus(Enum):
    """The status of a check; the values are for people and other programs."""

    PASSED = "fine"
    FAILED = "wrong"
    #: The check can't be made from here, or isn't needed.
    SKIPPED = "left out"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check."""

    status: CheckStatus
    check: str
    #: A sentence that says what was found, and what to do.
    text: str


passed = partial(CheckResult, CheckStatus.PASSED)
failed = partial(CheckResult, CheckStatus.FAILED)
skipped = partial(CheckResult, CheckStatus.SKIPPED)
