"""A new owner's project: the shipped form, question bank and site, cut to the languages that the owner speaks."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from prequal.core.errors import PrequalError
from prequal.files import temporary_folder
from prequal.forms.form_file import read_form_file
from prequal.forms.yaml_files import FaultyFileError
from prequal.pages.wording import languages
from prequal.pages.zone import Zone
from prequal.resources import SCHEMA, SHIPPED

_FILES = Path(__file__).with_name("project_files")
_TEXT = re.compile(r"( *)([a-z]{2}):(?: |$)")
# The shipped amounts are for this starting price.
_STARTING_PRICE = 5000
_USUAL = (5000, 12000)
_MOST = 10**9  # of the schema
_AMOUNT = re.compile(r"(?<=\{amount:)[0-9]+(?=\})")


def make_project(folder: Path, spoken: Sequence[str], business: str, currency: str, starting_price: str) -> None:
    """Make an owner's project in a new or empty folder.

    Raises:
        PrequalError: a value is wrong, or the folder isn't empty; nothing was made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PrequalError(f"{folder} exists and isn't empty: name another folder.")
    unknown = [language for language in spoken if language not in languages()]
    if unknown or not spoken:
        fault = f"There is no language {', '.join(unknown)}" if unknown else "A form needs a language"
        raise PrequalError(f"{fault}: choose from {', '.join(languages())}.")
    if not starting_price.isdecimal() or not int(starting_price):
        raise PrequalError("Write the starting price with digits alone, such as 5000.")
    quoted = json.dumps(business, ensure_ascii=False)  # which is YAML, and the name of a mailbox, too
    values = {
        "languages": f"[{', '.join(spoken)}]",
        "currency": currency if currency.isalpha() else json.dumps(currency),
        "starting_price": str(int(starting_price)),
        "usual": str([_scale(shipped, int(starting_price)) for shipped in _USUAL]),
        "  name": quoted,
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(folder.parent) as temporary:
        project = temporary / "project"
        _write_schema(project / "schema", values, spoken, int(starting_price))
        try:
            read_form_file(project / "schema/form.yaml")
        except FaultyFileError as error:
            raise PrequalError("\n".join(fault.message for fault in error.faults)) from error
        others = [f"{language}.yaml" for language in languages() if language not in spoken]
        # An upgrade brings new scripts, which nobody need change.
        shutil.copytree(SHIPPED / "site", project / "site", ignore=shutil.ignore_patterns(*others, "*.js"))
        sender = shlex.quote(f"{quoted} <hello@studio.example>")
        for name in ("README.md", "settings.env", ".gitignore"):
            text = (_FILES / name.lstrip(".")).read_text(encoding="utf-8")
            text = text.replace("@BUSINESS@", business).replace("@SENDER@", sender).replace("@ZONE@", Zone(None).name)
            (project / name).write_text(text, encoding="utf-8")
        (project / "settings.env").chmod(0o600)
        folder.mkdir(exist_ok=True)
        for path in project.iterdir():
            path.rename(folder / path.name)


def _scale(shipped: int, starting_price: int) -> int:
    """Return a round amount in the same proportion to a starting price as a shipped one."""
    if shipped == _STARTING_PRICE:
        return min(starting_price, _MOST)
    return min(round(float(f"{shipped * starting_price / _STARTING_PRICE:.2g}")), _MOST)


def _write_schema(folder: Path, values: Mapping[str, str], spoken: Sequence[str], starting_price: int) -> None:
    """Write the form, the question bank and the schemas by which an editor checks them."""
    (folder / "questions").mkdir(parents=True)
    for path in SCHEMA.glob("*.schema.json"):
        shutil.copyfile(path, folder / path.name)
    for path in SCHEMA.glob("**/*.yaml"):
        text = "".join(_lines(path.read_text(encoding="utf-8"), spoken))
        text = _AMOUNT.sub(lambda found: str(_scale(int(found[0]), starting_price)), text)
        for key, value in values.items() if path.name == "form.yaml" else ():
            before, old, after = re.split(rf"^{key}: (\[.*\]|[^#\n]*[^#\s])", text, maxsplit=1, flags=re.MULTILINE)
            text = f"{before}{key}: {value.ljust(len(old)) if after.startswith(' ') else value}{after}"
        (folder / path.relative_to(SCHEMA)).write_text(text, encoding="utf-8")


def _lines(text: str, spoken: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a YAML file without the texts in other languages."""
    language, indent = "", -1
    for line in text.splitlines(keepends=True):
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            language, indent = "", -1
        if not language and (key := _TEXT.match(line)) and key[2] in languages():
            language, indent = key[2], len(key[1])
        if not language or language in spoken:
            yield line
