"""The browser that the tests drive."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import sync_playwright

SETTING = "PREQUAL_CHROMIUM"
# The shell has no windows to draw, and takes about half the processor time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """Return the path of a browser that starts: the one PREQUAL_CHROMIUM names, the system's, or Playwright's own."""
    named = os.environ.get(SETTING)
    if named is not None:
        return named if _starts(named) else None
    for name in _NAMES:
        path = shutil.which(name)
        if path and _starts(path):
            return path
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    # Beside the browser's folder, that of its shell: chromium-1234/…, chromium_headless_shell-1234/….
    folder = own.parents[1]
    shells = folder.parent.glob(f"{folder.name.replace('-', '_headless_shell-')}/*/*headless?shell*")
    return next((str(found) for found in (*shells, own) if _starts(str(found))), None)


def _starts(path: str) -> bool:
    """Whether a program is there and has the libraries that it needs."""
    try:
        done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return Path(path).exists() and done.returncode == 0
