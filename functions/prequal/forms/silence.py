"""Warnings with their names and places, and those that the owner has silenced in the form file, each with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from prequal.analysis.faults import Faults, Where
from prequal.forms.yaml_files import FileFault, YamlFile


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class FileWarning(FileFault):
    """A warning about a place in a file."""

    #: The name of the rule: an entry of `silence` in the form file names it.
    warning: str
    #: The place by ids and keys, such as `questions.budget.label.en`.
    at: str

    def __str__(self) -> str:
        return f"{self.message} [{self.warning} at {self.at}]" if self.warning else self.message


def name_warnings(name: str, faults: Faults, file: YamlFile, within: str = "") -> Iterator[FileWarning]:
    """Yield the warnings of a rule about a file, of the page texts if it is within `content`."""
    for where, message in faults:
        fault = replace(file.fault(where, message), file=str(file.path) if within else "")
        yield FileWarning(**asdict(fault), warning=name, at=".".join(filter(None, (within, _place(file, where)))))


def apply_silences(warnings: Sequence[FileWarning], file: YamlFile, *, complete: bool) -> Iterator[FileWarning]:
    """Yield the warnings that are not silenced, and, if these are all, one for each silence without a warning."""
    silences = {(entry["warning"], entry["at"]): index for index, entry in enumerate(file.content.get("silence", ()))}
    given = {(warning.warning, warning.at) for warning in warnings}
    yield from (warning for warning in warnings if (warning.warning, warning.at) not in silences)
    for (name, at), index in silences.items():
        if complete and (name, at) not in given:
            message = f"There is no warning {name} at {at}: remove this entry, or write the place as the warning does."
            fault = file.fault(("silence", index), message)
            yield FileWarning(**asdict(fault), warning="", at="")


def _place(file: YamlFile, where: Where) -> str:
    """Return a path with the ids of list items in place of their positions."""
    value: Any = file.content
    names: list[str] = []
    for key in where:
        if isinstance(key, int) or key in value:  # a missing key is the last one
            value = value[key]
        names.append(value["id"] if isinstance(key, int) and isinstance(value, dict) and "id" in value else _name(key))
    return ".".join(names)


def _name(key: str | int) -> str:
    return key if isinstance(key, str) else str(key + 1)
