"""Regions of Google Cloud, and the services that they are known to lack. Terraform reads the same list."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from prequal.resources import INFRA


def is_listed(region: str) -> bool:
    """Whether it is known what a region offers."""
    return region in _read_list()["regions"]


def find_fault(region: str) -> str:
    """Return the end of a sentence about the services that a region lacks; empty if none is known to be lacking."""
    known = _read_list()
    entry = known["regions"].get(region, {"without": []})
    lacking = [known["services"][service] for service in entry["without"]]
    if not lacking:
        return ""
    names = " and no ".join(service["name"] for service in lacking)
    seen = min(service["date"] for service in lacking)
    return f"is {region}, where Google offers no {names} (as of {seen}): choose {entry['near']}, which is near"


@cache
def _read_list() -> Any:  # noqa: ANN401, JSON
    return json.loads((INFRA / "regions.json").read_text(encoding="utf-8"))
