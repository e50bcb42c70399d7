"""Real exports, decoded completely: what Google's emulator wrote, and what it says was in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prequal.managed_export.log_file import records
from prequal.managed_export.messages import Overall
from prequal.managed_export.reading import documents
from prequal.managed_export.rest import rest_document
from support.exporting import comparable

EXPORTS = Path(__file__).parents[2] / "exports"
# Exports of other people's projects, which are not ours to keep here: a folder of folders.
OTHERS = os.environ.get("PREQUAL_TEST_EXPORTS")


@pytest.mark.parametrize("name", ["alltypes", "types-nested", "named-database", "empty"])
def test_every_value_has_its_type(name: str) -> None:
    """Each document and each value is, type and all, what the emulator's REST API answers after importing the same.

    Compared as text, in which 1, 1.0 and true, or 0.0 and -0.0, are not the same.
    """
    expected = (EXPORTS / name / "documents.jsonl").read_text().splitlines()

    decoded = [json.dumps(comparable(rest_document(document))) for document in documents(EXPORTS / name)]

    assert sorted(decoded) == sorted(expected)


def test_the_fixtures_hold_every_type() -> None:
    """No type of value can be read wrongly without being noticed: all are there."""
    text = "".join((EXPORTS / name / "documents.jsonl").read_text() for name in ("alltypes", "types-nested"))

    for kind in ("null", "boolean", "integer", "double", "timestamp", "string", "bytes", "reference", "geoPoint"):
        assert f'"{kind}Value"' in text
    for value in ("NaN", "-0.0", "Infinity", "0001-01-01T00:00:00Z", "__vector__", "/__id42__", "9223372036854775807"):
        assert value in text


@pytest.mark.skipif(not OTHERS, reason="Left out: PREQUAL_TEST_EXPORTS names no folder of other projects' exports.")
def test_other_projects_exports_are_as_their_metadata_counts_them() -> None:
    """Each export that is at hand besides is read to its end, with as many documents as were exported."""
    folders = [path.parent for path in Path(OTHERS or "").glob("*/*.overall_export_metadata")]
    assert folders, f"{OTHERS} holds no folders with exports"

    for folder in folders:
        [overall] = folder.glob("*.overall_export_metadata")
        exported = sum(part.entities for part in Overall.FromString(list(records(overall))[1]).part)
        assert sum(1 for _ in documents(folder)) == exported, folder
