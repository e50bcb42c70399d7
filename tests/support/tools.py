"""Programs that some tests need besides Python: installed for root, otherwise named, and the tests left out.

`make test` runs this module first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

import pytest

from support import chromium, office


def leave_out(reason: str) -> NoReturn:
    """Skip a test for want of a program; with CI set, where every program must be there, fail it.

    Tests that are left out for the same reason share one line at the end of the report.
    """
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(f"Left out: {reason}")


def missing_packages() -> Sequence[str]:
    """Return Debian's names of the packages that would bring what is missing."""
    return [
        *([] if chromium.find() else ["chromium"]),
        *([] if office.find() else ["libreoffice-calc-nogui"]),
    ]


def install(packages: Sequence[str]) -> None:
    """Install packages of Debian's, as root; of a browser that they can't bring, Playwright's own build."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        command = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages]
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
    if not chromium.find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Install what is missing, or name it; with CI set, exit with an error where something stays missing."""
    if not chromium.find() and chromium.SETTING in os.environ:
        sys.exit(f"{chromium.SETTING} names no browser that starts: correct it, or unset it.")
    packages = missing_packages()
    if packages and os.geteuid() == 0:
        install(packages)
        packages = missing_packages()
    if packages:
        print(f"Tests that need {' and '.join(packages)} are left out: sudo apt-get install {' '.join(packages)}")
    sys.exit(1 if packages and os.environ.get("CI") else 0)


if __name__ == "__main__":
    main()
