"""systemd's units of a server of one's own: what a service may do, and when it ends."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.running import CHECKOUT
from support.tools import leave_out

SERVICES = sorted((CHECKOUT / "infra/self-hosted").glob("*.service"))
_SANDBOX = ("Capability", "Lock", "Memory", "NoNew", "Private", "Protect", "Remove", "Restrict", "SystemCall", "UMask")


def sections(unit: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the directives of a unit by section."""
    parser = configparser.RawConfigParser(delimiters="=", strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return parser


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_is_confined(unit: Path) -> None:
    """By systemd's own measure, which ends at 10 for a service that may do anything, each is below 3."""
    if not shutil.which("systemd-analyze"):
        leave_out("systemd-analyze was not found: install systemd to have the units' sandboxing measured.")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=29", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_is_private_punctual_and_bounded(unit: Path) -> None:
    """Its files are its own, it starts once the clock is right, and a start that hangs ends."""
    read = sections(unit)

    assert (read["Service"]["UMask"], read["Service"]["StateDirectoryMode"]) == ("0077", "0700")
    assert "TimeoutStartSec" in read["Service"]
    assert "time-sync.target" in read["Unit"]["After"].split()
    assert "time-sync.target" in read["Unit"]["Wants"].split()


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_needs_no_further_program(unit: Path) -> None:
    """Its commands are prequal's own, or a shell's: a small machine may lack even /bin/kill."""
    commands = [value.split()[0] for name, value in sections(unit)["Service"].items() if name.startswith("Exec")]

    assert commands
    assert {command for command in commands if not command.startswith("/opt/prequal/.venv/bin/")} <= {"/bin/sh"}


def test_all_services_are_confined_alike() -> None:
    """Each service has the same protection."""
    one, *others = [
        {name: value for name, value in sections(unit)["Service"].items() if name.startswith(_SANDBOX)}
        for unit in SERVICES
    ]

    assert len(one) > 20
    assert all(other == one for other in others)
