"""What can be wrong with an export."""

from __future__ import annotations

from pathlib import Path

from prequal.core.errors import PrequalError


class ExportError(PrequalError):
    """Something of an export is missing, damaged or unknown; nothing of what was read of it can be relied on."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}.")
        self.path = path
