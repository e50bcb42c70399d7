"""From the owner's files to the one value that everything runs on."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from prequal.authoring.compiling import Asset, assets, compile_files, read_words
from prequal.authoring.form_file import read_form
from prequal.authoring.places import SCHEMA, SITE
from prequal.authoring.yaml_files import FaultyFileError
from prequal.compiled import compiled_from
from prequal.core.form import canonical_json, version_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_default_files_compile() -> None:
    """Form, words and assets of the checkout become one value, in all of the form's languages."""
    compiled = compile_files(SCHEMA / "form.yaml")
    assert compiled.document == read_form(SCHEMA / "form.yaml")
    assert compiled.form.version == version_of(compiled.document)
    assert tuple(compiled.content) == compiled.form.languages
    assert compiled.assets == {asset.name: asset.path for asset in assets()}
    assert {"style.css", "form.js", "icon.svg"} <= compiled.assets.keys()


def test_what_is_compiled_survives_json() -> None:
    """The value is the same once it was written to the archive's file and read back."""
    compiled = compile_files(SCHEMA / "form.yaml")
    parts = {"form": compiled.document, "content": compiled.content, "assets": compiled.assets}
    assert compiled_from(json.loads(canonical_json(parts))) == compiled


def test_a_faulty_form_is_not_compiled(tmp_path: Path) -> None:
    """An invalid form can't get as far as being deployed."""
    path = tmp_path / "form.yaml"
    path.write_text((SCHEMA / "form.yaml").read_text(encoding="utf-8").replace("currency: EUR", "currency: EUX"))
    with pytest.raises(FaultyFileError, match="EUX is no currency"):
        compile_files(path)


def test_an_address_changes_with_the_content() -> None:
    """An asset's address holds a hash of its content, so that it may be kept for ever."""
    hashed = hashlib.sha256(b"body {}").hexdigest()[:8]
    assert Asset("print.style.css", b"body {}").path == f"/assets/print.style.{hashed}.css"
    assert Asset("style.css", b"body{}").path != Asset("style.css", b"body {}").path


def test_assets_are_the_files_of_the_site() -> None:
    """Every file in the folder of assets is one, with its content."""
    assert {asset.name: asset.content for asset in assets()} == {
        path.name: path.read_bytes() for path in (SITE / "assets").iterdir()
    }
    assert all(re.fullmatch(r"/assets/\w+\.[0-9a-f]{8}\.\w+", asset.path) for asset in assets())


@pytest.mark.parametrize(
    ("model", "words", "faults"),
    [
        ("hero:\n  title: A\n  lead: B\n", "hero:\n  title: Un\n", [(1, "Add lead, which the first language has.")]),
        (
            "hero: {title: A}\n",
            "hero:\n  title: Un\n  note: Deux\n",
            [(3, "The first language has no note: add it there, or remove it here.")],
        ),
        ("steps: [A, B]\n", "\nsteps:\n  - Un\n", [(2, "List 2 items here, as the first language does.")]),
        ("steps: [A, B]\n", "steps: Un\n", [(1, "List 2 items here, as the first language does.")]),
        (
            "steps: [{title: A}, {title: B}]\n",
            "steps:\n  - title: Un\n  - text: Deux\n",
            [
                (3, "Add title, which the first language has."),
                (3, "The first language has no text: add it there, or remove it here."),
            ],
        ),
        ("hero: {title: A, lead: B}\n", "hero: Un\n", [(1, "Write title, lead here, as the first language does.")]),
        ("hero: {title: A}\n", "hero: [Un]\n", [(1, "Write title here, as the first language does.")]),
        ("hero: A\n", "hero: {title: Un}\n", [(1, "Write this as text, in quotes if need be.")]),
        ("hero: A\n", "hero: 12\n", [(1, "Write this as text, in quotes if need be.")]),
    ],
)
def test_each_language_has_the_words_of_the_first(
    tmp_path: Path, model: str, words: str, faults: list[tuple[int, str]]
) -> None:
    """Words that one language lacks, or has too many, are named with their line."""
    (tmp_path / "en.yaml").write_text(model, encoding="utf-8")
    (tmp_path / "fr.yaml").write_text(words, encoding="utf-8")
    with pytest.raises(FaultyFileError) as caught:
        read_words(tmp_path, ["en", "fr"])
    assert caught.value.path == tmp_path / "fr.yaml"
    assert [(fault.line, fault.message) for fault in caught.value.faults] == faults


def test_words_are_read_by_language(tmp_path: Path) -> None:
    """Languages with the same words are read, each from its file."""
    (tmp_path / "en.yaml").write_text("hero: {title: A}\nsteps: [B, C]\n", encoding="utf-8")
    (tmp_path / "fr.yaml").write_text("steps: [Deux, Trois]\nhero: {title: Un}\n", encoding="utf-8")
    assert read_words(tmp_path, ["en", "fr"]) == {
        "en": {"hero": {"title": "A"}, "steps": ["B", "C"]},
        "fr": {"hero": {"title": "Un"}, "steps": ["Deux", "Trois"]},
    }


def test_words_are_text_in_the_first_language_too(tmp_path: Path) -> None:
    """A value that is no text is a fault in whatever language it is."""
    (tmp_path / "en.yaml").write_text("hero:\n  title: 12\n", encoding="utf-8")
    with pytest.raises(FaultyFileError, match=r"en\.yaml:2:3: Write this as text, in quotes if need be\."):
        read_words(tmp_path, ["en"])


def test_a_language_without_words_is_said_to_have_none(tmp_path: Path) -> None:
    """A language whose file isn't there is a fault of that file."""
    (tmp_path / "en.yaml").write_text("title: A\n", encoding="utf-8")
    with pytest.raises(FaultyFileError, match=r"fr\.yaml:1:1: There is no such file\."):
        read_words(tmp_path, ["en", "fr"])


def test_the_missing_extra_is_named() -> None:
    """Without its packages, authoring says in one sentence what to install."""
    script = """
import sys
sys.modules["jsonschema"] = None
from prequal.core.errors import MissingExtraError
try:
    import prequal.authoring
except MissingExtraError as error:
    print(error, error.extra)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert (
        told
        == "This needs jsonschema: install prequal[author], in a checkout with pip install -e '.[author]'. author\n"
    )
