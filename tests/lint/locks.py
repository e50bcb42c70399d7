"""Check that the lock files hold what pyproject.toml asks for, and the same of it; `--update` resolves anew."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Each lock file with the extras and groups that it holds; the first is the largest, and the others are parts of it.
LOCKS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "requirements/dev.txt": (["owner"], ["dev"]),
    "requirements/docs.txt": (["owner"], ["docs"]),
    "requirements/run.txt": (["owner"], ["build"]),
    "functions/requirements.txt": ([], []),
}


def asked_for(extras: Sequence[str], groups: Sequence[str]) -> Iterator[Requirement]:
    """Return the requirements of pyproject.toml."""
    project = PROJECT["project"]
    lines: list[Any] = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    for group in groups:
        lines += PROJECT["dependency-groups"][group]
    for line in lines:
        if isinstance(line, str):
            yield Requirement(line)
        else:
            yield from (Requirement(inner) for inner in PROJECT["dependency-groups"][line["include-group"]])


def pins(lock: str) -> dict[str, str]:
    """Return the versions that a lock file names."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    lines = re.findall(r"^([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in lines}


def hashes(lock: str) -> set[str]:
    """Return the hashes that a lock file names."""
    return set(re.findall(r"--hash=(\S+)", (ROOT / lock).read_text(encoding="utf-8")))


def lacking_extras(lock: str) -> Iterator[str]:
    """Return the extras that packages of a lock file want of others in it, and that it does not pin.

    Of such a package pip takes the newest, which has no hash here, and refuses it.
    """
    text = (ROOT / lock).read_text(encoding="utf-8")
    for name in pins(lock):
        try:
            wanted = map(Requirement, metadata.requires(name) or ())
        except metadata.PackageNotFoundError:  # of another platform
            continue
        for requirement in wanted:
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            extras = ",".join(sorted(requirement.extras))
            if (
                extras
                and applies
                and not re.search(rf"^{re.escape(requirement.name)}\[{extras}]==", text, re.MULTILINE)
            ):
                yield f"{requirement.name}[{extras}], which {name} wants"


def faults() -> Iterator[str]:
    """Return the differences between the lock files and pyproject.toml."""
    largest = pins(next(iter(LOCKS)))
    for lock, (extras, groups) in LOCKS.items():
        pinned, text = pins(lock), (ROOT / lock).read_text(encoding="utf-8")
        for requirement in asked_for(extras, groups):
            version = pinned.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                yield f"{lock} does not hold {requirement}: run make lock"
        for name, version in pinned.items():
            if largest.get(name) != version:
                yield f"{lock} has {name} {version}, which {next(iter(LOCKS))} has not: run make lock"
        for lacking in lacking_extras(lock):
            yield f"{lock} does not pin {lacking}: run make lock"
        if not hashes(lock) <= hashes(next(iter(LOCKS))):
            yield f"{lock} has other hashes than {next(iter(LOCKS))}: run make lock"
        if text.count("--hash=") < len(pinned):
            yield f"{lock} has packages without a hash: run make lock"
        if re.search(r"^--|https?://", text, re.MULTILINE):
            yield f"{lock} names where packages come from, which each machine knows for itself: remove that line"


def update() -> None:
    """Resolve all of them, for every platform."""
    for lock, (extras, groups) in LOCKS.items():
        options = [option for extra in extras for option in ("--extra", extra)]
        options += [option for group in groups for option in ("--group", group)]
        if lock != next(iter(LOCKS)):
            options += ["--constraint", next(iter(LOCKS))]
        command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "--no-strip-extras", "--python-version", "3.11", "--quiet", "--upgrade"]
        command += [*options, "-o", lock]
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    found = list(faults())
    print("\n".join(f"{fault}." for fault in found) or f"{len(LOCKS)} lock files are in step.")
    sys.exit(1 if found else 0)
