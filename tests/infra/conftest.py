"""Terraform, which these tests need."""

from __future__ import annotations

import shutil

import pytest

from support.tools import leave_out


@pytest.fixture(scope="session")
def terraform_installed() -> None:
    """Leave a test out where Terraform isn't installed."""
    if not shutil.which("terraform"):
        leave_out("Terraform was not found: install it, 1.11 or newer, to have infra/ checked.")
