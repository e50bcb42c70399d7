"""The list of Google Cloud's regions."""

from __future__ import annotations

import json
from datetime import date

import pytest

from prequal.config import regions
from prequal.config.settings import Settings
from prequal.resources import INFRA

LIST = json.loads((INFRA / "regions.json").read_text(encoding="utf-8"))


def test_each_gap_has_a_source_a_date_and_an_alternative() -> None:
    """Every service has a source and a date, and a region that is named instead of another lacks nothing."""
    for service in LIST["services"].values():
        assert service["source"].startswith("https://")
        assert date.fromisoformat(service["date"])
    for region in LIST["regions"].values():
        assert set(region["without"]) <= LIST["services"].keys()
        if region["without"]:
            assert regions.find_fault(region["near"]) == ""
            assert regions.is_listed(region["near"])


@pytest.mark.parametrize(
    ("region", "fault"),
    [
        ("europe-west1", ""),
        ("mars-north1", ""),
        ("me-central2", "no Firebase Hosting's rewrites to Cloud Run (as of 2026-11-26): choose me-central1"),
        ("africa-south1", "no Firebase Hosting's rewrites to Cloud Run and no Cloud Scheduler (as of 2026-09-24)"),
    ],
)
def test_what_a_region_lacks(region: str, fault: str) -> None:
    """A region is faulted for all that it lacks, by the older list; one that is not listed has no known fault."""
    found = regions.find_fault(region)

    assert fault in found
    assert bool(found) == bool(fault)


def test_the_default_region_lacks_nothing() -> None:
    """The default region is listed, and has everything."""
    assert regions.is_listed(str(Settings.region.default))
    assert regions.find_fault(str(Settings.region.default)) == ""
