"""The check of the region, by the list that a deployment uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from click.testing import Result


@pytest.mark.parametrize(
    ("store", "region", "found"),
    [
        ("firestore:studio", "europe-west1", ("fine", "Google offers in europe-west1 all that prequal needs.")),
        ("firestore:studio", "africa-south1", ("wrong", "choose europe-west1, which is near.")),
        ("firestore:studio", "mars-north1", ("left out", "look up whether Google offers all services there.")),
        ("sqlite:prequal.db", "africa-south1", None),
    ],
)
def test_the_region(run: Callable[..., Result], store: str, region: str, found: tuple[str, str] | None) -> None:
    """A region that lacks a service is a fault of a deployment to the cloud, and of no other."""
    said = run("doctor", "http://localhost:1", "--json", PREQUAL_STORE=store, PREQUAL_REGION=region)

    [result] = [result for result in json.loads(said.stdout) if result["check"] == "region"] or [None]
    assert (result is None) == (found is None)
    if result and found:
        assert result["verdict"] == found[0]
        assert result["words"].endswith(found[1])
