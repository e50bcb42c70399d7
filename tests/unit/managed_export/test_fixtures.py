"""Real exports, written by Google's emulator and compared with its own reading of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prequal.managed_export.document import rest_document
from prequal.managed_export.log_file import read_records
from prequal.managed_export.messages import Overall
from prequal.managed_export.reader import read_documents
from support.exporting import comparable

EXPORTS = Path(__file__).parents[2] / "exports"
# Exports of other people's projects, which are not ours to keep here: a folder of folders.
OTHERS = os.environ.get("PREQUAL_TEST_EXPORTS")


@pytest.mark.parametrize("name", ["alltypes", "types-nested", "named-database", "empty"])
def test_every_value_has_its_type(name: str) -> None:
    """Each document equals, types included, the answer of the emulator's REST API after importing the same export.

    Compared as text, in which 1, 1.0 and true, or 0.0 and -0.0, are not the same.
    """
    expected = (EXPORTS / name / "documents.jsonl").read_text().splitlines()

    decoded = [json.dumps(comparable(rest_document(document))) for document in read_documents(EXPORTS / name)]

    assert sorted(decoded) == sorted(expected)


def test_the_fixtures_hold_every_type() -> None:
    """The fixtures contain every type of value, so that no decoding error goes unnoticed."""
    text = "".join((EXPORTS / name / "documents.jsonl").read_text() for name in ("alltypes", "types-nested"))

    for kind in ("null", "boolean", "integer", "double", "timestamp", "string", "bytes", "reference", "geoPoint"):
        assert f'"{kind}Value"' in text
    for value in ("NaN", "-0.0", "Infinity", "0001-01-01T00:00:00Z", "__vector__", "/__id42__", "9223372036854775807"):
        assert value in text


@pytest.mark.skipif(not OTHERS, reason="Left out: PREQUAL_TEST_EXPORTS names no folder of other projects' exports.")
def test_other_projects_exports_match_their_metadata() -> None:
    """Each additional export is read to its end, with the number of documents in its metadata."""
    folders = [path.parent for path in Path(OTHERS or "").glob("*/*.overall_export_metadata")]
    assert folders, f"{OTHERS} holds no folders with exports"

    for folder in folders:
        [overall] = folder.glob("*.overall_export_metadata")
        exported = sum(part.entities for part in Overall.FromString(list(read_records(overall))[1]).part)
        assert sum(1 for _ in read_documents(folder)) == exported, folder
