"""The form files for the desk on the owner's machine: read again once they have changed, and edited."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prequal.analysis.adjustments import Value
from prequal.analysis.faults import Where
from prequal.core.errors import PrequalError
from prequal.core.form import published
from prequal.desk.form_pages import FormChange
from prequal.files import write_atomically
from prequal.forms.form_edits import UnwritableError, edit_form, find_new_errors, unified_diff
from prequal.forms.form_folder import form_files, read_forms
from prequal.forms.yaml_files import YamlFile


class ChangedFileError(PrequalError):
    """Raised when a form file is not as it was shown; it was left as it is."""


class DeskForms:
    """The form files at a path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._contents: list[bytes] | None = None
        self._files: Mapping[str, YamlFile] = {}

    def load(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the forms' documents by id, the main one first, as they are now.

        Raises:
            FaultyFileError: a file has faults.
        """
        return {form_id: published(file.content) for form_id, file in self._read().items()}

    def propose(self, form_id: str, values: Mapping[Where, Value | None]) -> FormChange:
        """Return the change that values make, without making it.

        Raises:
            UnwritableError: the file can't be edited, or `prequal check` would refuse it.
        """
        path = self._read()[form_id].path
        before, after = edit_form(path, values)
        errors, surprises = find_new_errors(path, after)
        if errors:
            raise UnwritableError(f"{path} was left as it is, as prequal check would refuse it: {errors[0]}")
        return FormChange(
            path=str(path), difference=unified_diff(path, before, after), mark=_mark(before), surprises=surprises
        )

    def write(self, form_id: str, values: Mapping[Where, Value | None], mark: str) -> None:
        """Make the change.

        Raises:
            ChangedFileError: the file is not the marked one any more.
            UnwritableError: the file can't be edited or written.
        """
        path = self._read()[form_id].path
        before, after = edit_form(path, values)
        if _mark(before) != mark:
            raise ChangedFileError(f"{path} has changed since its difference was shown: look at the difference again.")
        try:
            write_atomically(path, after)
        except OSError as error:
            raise UnwritableError(f"{path} can't be written: {error.strerror}.") from error

    def _read(self) -> Mapping[str, YamlFile]:
        contents = [path.read_bytes() for path in form_files(self._path) if path.is_file()]
        if contents != self._contents:
            self._files = {file.content["id"]: file for file in read_forms(self._path)}
            self._contents = contents
        return self._files


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
