"""The form files of a project: one, or all in a folder, which share a site."""

from collections.abc import Sequence
from pathlib import Path

from prequal.analysis.faults import Faults
from prequal.forms.form_file import read_form_file
from prequal.forms.yaml_files import YamlFile
from prequal.pages import wording
from prequal.resources import find_site

_MAIN = "form.yaml"
# Paths of the site and the function, besides those of languages.
_TAKEN = frozenset({"api", "assets", "b", "booking", "desk", "embed", "inbox", "privacy", "thanks"})


def form_files(path: Path) -> Sequence[Path]:
    """Return the form files at a path, the main one first; where a folder has none, the one that is missing."""
    if not path.is_dir():
        return [path]
    files = [file for file in path.glob("*.yaml") if not file.name.startswith(".")]  # which editors leave
    return sorted(files, key=lambda file: (file.name != _MAIN, file.name)) or [path / _MAIN]


def read_forms(path: Path) -> Sequence[YamlFile]:
    """Return the form files at a path, the main one first; FaultyFileError with every fault of the first faulty one."""
    files = [read_form_file(file) for file in form_files(path)]
    for file in files:
        file.refuse(clashes(file, files))
    return files


def clashes(file: YamlFile, files: Sequence[YamlFile]) -> Faults:
    """Find an id that another form has, or whose address is taken. A form alone may have any id."""
    form_id = _form_id(file)
    if len(files) < 2 or not form_id:  # noqa: PLR2004, itself and another
        return
    before = next(each for each in files if _form_id(each) == form_id)
    if before.path != file.path:
        yield ("id",), f"{before.path} has the id {form_id} already: give this form its own."
    if form_id in _TAKEN or form_id in wording.languages():
        yield ("id",), f"The page of this form would be at /{form_id}/, which is taken: give the form another id."


def idle_beside_main(file: YamlFile, files: Sequence[YamlFile]) -> Faults:
    """Find what counts in the main form alone: the digest, and the invitations of a day, are those of all forms."""
    main = files[0].path if files else file.path
    if file.path == main:
        return
    if "digest" in file.content:
        yield ("digest",), f"The digest is one for all forms, on the day that {main} sets: remove this line."
    if "most_a_day" in file.content.get("invitation", {}):
        where = ("invitation", "most_a_day")
        yield where, f"The number is one for all forms, which {main} sets: remove this line."


def unused_texts(file: YamlFile, files: Sequence[YamlFile]) -> Faults:
    """Find folders of texts that no form has the id for; reported with the main form."""
    files = files or [file]
    known = {_form_id(each) for each in files}
    for folder in (find_site() / "content").glob("*/") if file.path == files[0].path else ():
        if folder.name not in known and not folder.name.startswith("."):
            yield ("id",), f"The texts in {folder} are not used, as no form has that id: rename or remove the folder."


def _form_id(file: YamlFile) -> str:
    form_id = file.content.get("id") if isinstance(file.content, dict) else None
    return form_id if isinstance(form_id, str) else ""
