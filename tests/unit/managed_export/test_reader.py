"""Folders of exports as gcloud, the emulator, the Firebase CLI and operating systems leave them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prequal.firestore_values import GeoPoint, Reference, Vector
from prequal.managed_export import ExportError
from prequal.managed_export.log_file import BLOCK, FIRST, HEADER, LAST, MIDDLE
from prequal.managed_export.messages import Entity
from prequal.managed_export.reader import read_documents
from support.exporting import PART, PROJECT, Log, fragment, log, record, write_export, write_overall, write_part

EVERY_KIND = {
    "array": [1, "two", None, {"three": 3.0}, GeoPoint(1.5, -2.5)],
    "boolean": False,
    "bytes": b"\x00\xff",
    "double": -0.0,
    "empty": [],
    "integer": -(2**63),
    "map": {"deep": {"deeper": [b"", datetime(2026, 3, 2, 9, 30, 0, 1, tzinfo=UTC)]}},
    "null": None,
    "point": GeoPoint(48.1, 11.6),
    "reference": Reference(PROJECT, "other", ("a", "b", "c", "d")),
    "string": "Zoë",
    "timestamp": datetime(1, 1, 1, tzinfo=UTC),
    "vector": Vector([1.0, 2.5]),
}


def read(folder: Path) -> dict[str, Any]:
    """Return the fields of an export's documents by the documents' paths."""
    return {"/".join(document.name.path): document.fields for document in read_documents(folder)}


def numbered(*numbers: int) -> list[bytes]:
    """Return documents of these numbers."""
    return [record(f"c/{number}", {"n": number}) for number in numbers]


def test_values_have_python_types(tmp_path: Path) -> None:
    """Values have Python's types, or ours where Python has none; fields are sorted by name."""
    backwards = dict(reversed(EVERY_KIND.items()))
    export = write_export(tmp_path / "export", [record("c/d", backwards)])

    [document] = read_documents(export)

    assert str(document.name) == "projects/demo-prequal/databases/(default)/documents/c/d"
    assert list(document.fields.items()) == list(EVERY_KIND.items())
    assert math.copysign(1, document.fields["double"]) == -1
    assert [type(value) for value in document.fields.values()] == [type(value) for value in EVERY_KIND.values()]


def test_files_are_read_in_their_order(tmp_path: Path) -> None:
    """output-10 comes after output-9, and empty files are skipped."""
    export = write_export(tmp_path / "export", *(numbered(number) if number % 5 else [] for number in range(12)))

    assert [fields["n"] for fields in read(export).values()] == [1, 2, 3, 4, 6, 7, 8, 9, 11]


def test_several_parts(tmp_path: Path) -> None:
    """An export of single collections has a part for each."""
    export = write_export(tmp_path / "export", numbered(1))
    other = "all_namespaces/kind_leads/all_namespaces_kind_leads.export_metadata"
    (export / other).parent.mkdir()
    write_part(export / other, ["output-0"])
    (export / other).with_name("output-0").write_bytes(log(record("leads/a", {})))
    write_overall(export, {PART: 1, other: 1})

    assert list(read(export)) == ["c/1", "leads/a"]


def test_records_larger_than_a_block(tmp_path: Path) -> None:
    """A document may span blocks, and small ones fit around it, whatever is left of a block."""
    for size in range(BLOCK - 60, BLOCK - 20):
        fields = {"n": 0, "content": bytes(size * 3)}
        export = write_export(tmp_path / str(size), [record("c/0", fields), *numbered(1, 2)])

        assert [fields["n"] for fields in read(export).values()] == [0, 1, 2]


def test_a_record_that_begins_with_an_empty_fragment(tmp_path: Path) -> None:
    """A block with room for a header only begins a record with an empty fragment."""
    whole = record("c/d", {"content": "x" * 100})
    export = write_export(tmp_path / "export", [whole])
    fragments = fragment(FIRST, b"") + fragment(MIDDLE, whole[:50]) + fragment(LAST, whole[50:])
    (export / PART).with_name("output-0").write_bytes(fragments)

    assert read(export)["c/d"] == {"content": "x" * 100}


def test_a_padded_last_block(tmp_path: Path) -> None:
    """Google pads the last block with zeros."""
    export = write_export(tmp_path / "export", numbered(1))
    filled = Log()
    filled.add(numbered(1)[0])
    (export / PART).with_name("output-0").write_bytes(filled.filled())

    assert list(read(export)) == ["c/1"]


def test_the_folder_of_the_firebase_cli(tmp_path: Path) -> None:
    """The folder that the Firebase CLI writes says where the export is."""
    write_export(tmp_path / "inner", numbered(1))
    metadata = {"version": "13.0.0", "firestore": {"metadata_file": "inner/made.overall_export_metadata"}}
    (tmp_path / "firebase-export-metadata.json").write_text(json.dumps(metadata))

    assert list(read(tmp_path)) == ["c/1"]


def test_an_export_of_windows(tmp_path: Path) -> None:
    """Backslashes in the metadata are slashes."""
    export = write_export(tmp_path / "export", numbered(1))
    write_overall(export, {PART.replace("/", "\\"): 1})

    assert list(read(export)) == ["c/1"]


def test_hidden_files_are_ignored(tmp_path: Path) -> None:
    """A hidden file of macOS's Finder is not taken for an export."""
    export = write_export(tmp_path / "export", numbered(1))
    (export / "._made.overall_export_metadata").write_bytes(b"Mac OS X")

    assert list(read(export)) == ["c/1"]


def test_a_document_with_a_number_for_a_name(tmp_path: Path) -> None:
    """Names that Datastore gave are numbers, which Firestore writes as __id1__."""
    made = Entity()
    made.key.app = b"s~project"
    made.key.path.element.add(type=b"c", id=42)
    made.property.add(name=b"text", meaning=15).value.octets = b"as Datastore has it"
    export = write_export(tmp_path / "export", [made.SerializeToString()])

    assert read(export) == {"c/__id42__": {"text": "as Datastore has it"}}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda export: (export / PART).unlink(), "can't be read: No such file or directory"),
        (lambda export: (export / PART).with_name("output-0").unlink(), "can't be read: No such file or directory"),
        (lambda export: (export / PART).write_bytes(b"\xff"), "corrupt: it can't be decoded"),
        (lambda export: write_part(export / PART, ["output-0", "output-0"]), "corrupt: it lists a file twice"),
        (
            lambda export: write_part(export / PART, ["../output-0"]),
            "it lists '../output-0', which is not a path in",
        ),
        (lambda export: write_part(export / PART, ["/output-0"]), "it lists '/output-0', which is not a path in"),
        (lambda export: write_overall(export, {PART: 2}), "2 documents were exported, but 1 are there"),
        (lambda export: write_overall(export, {PART: 0}), "0 documents were exported, but 1 are there"),
        (lambda export: overall(export).write_bytes(b""), "unknown version of exports: only 3 is supported"),
        (lambda export: overall(export).write_bytes(log(b"4", b"")), "unknown version of exports"),
        (lambda export: overall(export).write_bytes(log(b"3")), "corrupt or truncated: it should hold two records"),
        (lambda export: overall(export).unlink(), "not a Firestore export, which would have a file NAME.ov"),
        (lambda export: (export / "b.overall_export_metadata").touch(), "2 exports are in one folder: give each a"),
        (lambda export: (export / "firebase-export-metadata.json").write_text("{}"), "it names no Firestore export"),
    ],
)
def test_an_incomplete_folder(tmp_path: Path, damage: Any, words: str) -> None:
    """A missing or inconsistent file is an error that names the file and the problem."""
    export = write_export(tmp_path / "export", numbered(1))
    damage(export)

    with pytest.raises(ExportError, match=words) as raised:
        read(export)

    assert str(raised.value).startswith(str(export))


def overall(export: Path) -> Path:
    """Return the path of the export's overall metadata."""
    return export / "made.overall_export_metadata"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (fragment(MIDDLE, b"") + fragment(LAST, b""), "the fragments of a record are out of order"),
        (fragment(FIRST, b"") + fragment(FIRST, b""), "the fragments of a record are out of order"),
        (fragment(FIRST, b""), "the last record is incomplete"),
        (fragment(5, b""), "a record doesn't match its checksum"),
        (HEADER.pack(0, 1, 0) + b"x", "a record doesn't match its checksum"),
        (HEADER.pack(1, 100, 1), "a record is longer than the rest of its block"),
        (bytes(20), "the last block is incomplete"),
        (bytes(BLOCK - 1) + b"x", "block padding is not zero"),
    ],
)
def test_a_malformed_log(tmp_path: Path, content: bytes, words: str) -> None:
    """A file that can't be split into records is an error."""
    export = write_export(tmp_path / "export", numbered(1))
    (export / PART).with_name("output-0").write_bytes(content)

    with pytest.raises(ExportError, match=words):
        read(export)


def entity(**changes: Any) -> Any:
    """Return an entity with a name and one property, with changes to the property."""
    made = Entity()
    made.key.app = b"s~project"
    made.key.path.element.add(type=b"c", name=b"d")
    made.raw_property.add(name=b"n", **changes).value.integer = 1
    return made


def with_both(one: Any, other: Any) -> Any:
    """Return an entity with the properties of both."""
    one.raw_property.append(other.raw_property[0])
    return one


def with_value(meaning: int = 0, **value: Any) -> Any:
    """Return an entity whose property has this value."""
    made = entity(meaning=meaning)
    held = made.raw_property[0].value
    held.Clear()
    for kind, given in value.items():
        setattr(held, kind, given)
    return made


def of_a_later_type() -> Any:
    """Return an entity whose property has a value of an unknown type."""
    made = with_value()
    made.raw_property[0].value.ParseFromString(b"\x78\x01")
    return made


def in_a_namespace() -> Any:
    """Return an entity in a namespace."""
    made = entity()
    made.key.namespace = b"elsewhere"
    return made


def without_a_key() -> Any:
    """Return an entity without the name of a document."""
    made = entity()
    made.ClearField("key")
    return made


def with_half_a_name() -> Any:
    """Return an entity with a collection and no id."""
    made = entity()
    made.key.path.element[0].name = b""
    return made


def nested(depth: int) -> dict[str, Any]:
    """Return nested maps."""
    return {"n": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (with_both(entity(), entity()), "the field 'n' occurs twice"),
        (with_both(entity(), entity(multiple=True)), "a field is both an array and a single value"),
        (entity(meaning=32), "the field 'n' is of an unknown type: integer, meaning 32"),
        (of_a_later_type(), "the field 'n' is of an unknown type: none, meaning 0"),
        (with_value(7), "the field 'n' is of an unknown type: none, meaning 7"),
        (with_value(octets=b"\xff"), "it can't be decoded"),
        (with_value(19, octets=b"\xff"), "it can't be decoded"),
        (with_both(entity(), Entity(raw_property=[{"name": b"\xff"}])), "it can't be decoded"),
        (with_value(7, integer=2**62), "a timestamp is out of range"),
        (in_a_namespace(), "it is in the namespace elsewhere, which only Datastore has"),
        (without_a_key(), "a document has no name"),
        (with_half_a_name(), "a document has no name"),
    ],
)
def test_a_malformed_document(tmp_path: Path, made: Any, words: str) -> None:
    """A record that Firestore would not write is an error that names the file and the record."""
    export = write_export(tmp_path / "export", [*numbered(1), made.SerializeToString()])

    with pytest.raises(ExportError, match=f"output-0: record 2 is not a readable document: {words}"):
        read(export)


def test_an_array_with_an_item_of_a_vector(tmp_path: Path) -> None:
    """A field that is both an array and a vector is an error."""
    made = entity(multiple=True)
    made.raw_property.add(name=b"n", multiple=True, meaning=31).value.double = 1

    with pytest.raises(ExportError, match="the field 'n' is both an array and a vector"):
        read(write_export(tmp_path / "export", [made.SerializeToString()]))


def test_the_depth_of_maps_is_limited(tmp_path: Path) -> None:
    """Maps may be nested deeper than Firestore allows, but not deep enough to exhaust the stack."""
    assert read(write_export(tmp_path / "deep", [record("c/d", nested(50))])) == {"c/d": nested(50)}

    with pytest.raises(ExportError, match="maps are nested too deeply"):
        read(write_export(tmp_path / "deeper", [record("c/d", nested(200))]))
