"""The browser that the tests drive: found, or installed where there is none. `make test` runs this first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_SECONDS = 900


def find() -> str | None:
    """Return where a browser is that starts: the one PREQUAL_CHROMIUM names, the system's, or playwright's own."""
    named = os.environ.get("PREQUAL_CHROMIUM")
    if named is not None:
        return named if _starts(named) else None
    for name in _NAMES:
        path = shutil.which(name)
        if path and _starts(path):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if _starts(path) else None


def install() -> None:
    """Install one: for root from Debian's packages, with all it needs; else playwright's, in the home folder."""
    playwrights = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    debians = apt("chromium")
    ways = [debians, playwrights] if debians and os.geteuid() == 0 else [playwrights, debians]
    for way in ways:
        if all(succeeds(command) for command in way) and find():
            return


def apt(package: str) -> list[list[str]]:
    """Return the commands that install a package of Debian's; none where that can't be."""
    if not shutil.which("apt-get"):
        return []
    commands = [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", package]]
    return commands if os.geteuid() == 0 else [["sudo", "-n", *command] for command in commands]


def main() -> None:
    """Print where the browser is; exit with a sentence when there is none."""
    path = find()
    if path is None and "PREQUAL_CHROMIUM" in os.environ:
        sys.exit("PREQUAL_CHROMIUM names no browser that starts: correct it, or unset it.")
    if path is None:
        install()
        path = find()
    if path is None:
        sys.exit("The tests need Chromium, and it could not be installed: install it yourself.")
    print(path)


def _starts(path: str) -> bool:
    """Whether it is there and has the libraries that it needs."""
    return Path(path).exists() and succeeds([path, "--version"])


def succeeds(command: list[str]) -> bool:
    """Whether a command runs to its end, however long it takes within reason."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
