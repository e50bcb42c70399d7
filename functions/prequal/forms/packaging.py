"""Packaging the function: one archive with all that the cloud needs, the same bytes for the same input."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from prequal.compiled import Compiled
from prequal.core.form import canonical_json
from prequal.pages import templating
from prequal.resources import FUNCTIONS

# What a function never imports: the rooms of the owner's machine.
_LEFT_OUT = {
    "authoring", "calibration", "deployment", "dev", "doctor", "managed_export", "report", "__pycache__",
}  # fmt: skip
_KINDS = {".py", ".mo"}
# The earliest instant that an archive can hold; a real one would make every archive another.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def package_function(compiled: Compiled, archive: Path) -> None:
    """Write the archive that Cloud Functions deploys."""
    parts = {
        "form": compiled.document,
        "content": compiled.content,
        "assets": compiled.assets,
        "picture": compiled.picture,
        "suggestions": compiled.suggestions,
    }
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as packed:
        _add(packed, "compiled.json", canonical_json(parts))
        for path in sorted(_sources()):
            _add(packed, path.relative_to(FUNCTIONS).as_posix(), path.read_bytes())
        with tempfile.TemporaryDirectory() as folder:
            templating.compile_templates(Path(folder))
            for path in sorted(Path(folder).iterdir()):
                _add(packed, (templating.COMPILED.relative_to(FUNCTIONS) / path.name).as_posix(), path.read_bytes())


def _sources() -> Iterator[Path]:
    yield FUNCTIONS / "main.py"
    yield FUNCTIONS / "requirements.txt"
    for path in (FUNCTIONS / "prequal").rglob("*"):
        if path.suffix in _KINDS and not _LEFT_OUT & set(path.relative_to(FUNCTIONS).parts):
            yield path


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # the same archive from every system
    entry.external_attr = 0o100644 << 16
    packed.writestr(entry, content)
