"""What these tests need of the machine."""

from __future__ import annotations

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def terraform_installed() -> None:
    """Make sure of Terraform: fail in CI, which must have it, and say elsewhere what is left out."""
    if shutil.which("terraform"):
        return
    missing = "Terraform was not found: install it, 1.11 or newer, to have infra/ checked."
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(f"Left out: {missing}")
