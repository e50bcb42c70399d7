"""What can be wrong with an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prequal.core.errors import PrequalError

if TYPE_CHECKING:
    from pathlib import Path


class ExportError(PrequalError):
    """Something of an export is missing, damaged or unknown; nothing of what was read of it can be relied on."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}.")
        self.path = path
