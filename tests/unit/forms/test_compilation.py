"""Compilation of the owner's files into the one value that everything runs on."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from prequal.compiled import compiled_from
from prequal.core.form import version_of
from prequal.forms.compilation import Asset, compile_files, compiled_json, read_assets
from prequal.forms.form_file import read_form
from prequal.forms.site_content import read_picture
from prequal.forms.yaml_files import FaultyFileError
from prequal.resources import SCHEMA, SHIPPED


def test_the_default_files_compile() -> None:
    """Form, page texts and assets of the checkout become one value, in all of the form's languages."""
    compiled = compile_files(SCHEMA / "form.yaml")
    (form,) = compiled.forms
    assert form.document == read_form(SCHEMA / "form.yaml")
    assert compiled.main == form.form
    assert form.form.version == version_of(form.document)
    assert tuple(form.content) == form.form.languages
    assert compiled.assets == {asset.name: asset.path for asset in read_assets(contents=[form.content])}
    assert {"style.css", "form.js", "icon.svg"} <= compiled.assets.keys()
    assert compiled.picture == read_picture() == (SHIPPED / "site" / "picture.svg").read_text(encoding="utf-8").strip()


def test_files_of_the_owner_take_the_place_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner's file replaces ours of its name; those that they lack come with prequal, and so do their upgrades.

    Their style names no font, so that none is loaded, and is without its comments, but for what only looks like one.
    """
    monkeypatch.chdir(tmp_path)
    shipped = {asset.name: asset.content for asset in read_assets() if not asset.name.endswith(".woff2")}
    own = tmp_path / "site/assets"
    own.mkdir(parents=True)
    (own / "style.css").write_text("""body { color: red } /* mine */
a::before { content: "/* \\" */" } i { background: url(data:,/*%20*/) }/* the
end */""")
    (own / "team.webp").write_bytes(b"RIFF")
    assert {asset.name: asset.content for asset in read_assets()} == {
        **shipped,
        "style.css": b"""body { color: red }
a::before { content: "/* \\" */" } i { background: url(data:,/*%20*/) }""",
        "team.webp": b"RIFF",
    }


def test_the_compiled_value_survives_json() -> None:
    """The value is the same after it was written to the archive's file and read back."""
    compiled = compile_files(SCHEMA / "form.yaml")
    assert compiled_from(json.loads(compiled_json(compiled))) == compiled


def test_a_faulty_form_is_not_compiled(tmp_path: Path) -> None:
    """An invalid form is refused before it could be deployed."""
    path = tmp_path / "form.yaml"
    path.write_text((SCHEMA / "form.yaml").read_text(encoding="utf-8").replace("currency: EUR", "currency: EUX"))
    with pytest.raises(FaultyFileError, match="No country uses EUX"):
        compile_files(path)


def test_an_address_changes_with_the_content() -> None:
    """An asset's address holds a hash of its content, so that it may be cached for ever."""
    hashed = hashlib.sha256(b"body {}").hexdigest()[:8]
    assert Asset("print.style.css", b"body {}").path == f"/assets/print.style.{hashed}.css"
    assert Asset("style.css", b"body{}").path != Asset("style.css", b"body {}").path


def test_assets_are_the_files_of_the_site() -> None:
    """Every file in the folder of assets is an asset, with its content; the style has the addresses of the fonts.

    The style's comments are left out.
    """
    assets = {asset.name: asset for asset in read_assets()}
    files = {path.name: path.read_bytes() for path in (SHIPPED / "site" / "assets").iterdir()}
    files["style.css"] = re.sub(rb"\s*/\*.*?\*/", b"", files["style.css"], flags=re.DOTALL)
    for name in ("headline.woff2", "headline-cyrillic.woff2"):
        files["style.css"] = files["style.css"].replace(f'"{name}"'.encode(), f'"{assets[name].path}"'.encode())
        assert f'url("{assets[name].path}")'.encode() in assets["style.css"].content
    assert {name: asset.content for name, asset in assets.items()} == files
    assert all(re.fullmatch(r"/assets/[\w-]+\.[0-9a-f]{8}\.\w+", asset.path) for asset in assets.values())


def test_the_missing_extra_is_named() -> None:
    """Without the packages of the extra, the import fails with one sentence that says what to install."""
    script = """
import sys
sys.modules["jsonschema"] = None
from prequal.core.errors import MissingExtraError
try:
    import prequal.forms
except MissingExtraError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == "This needs jsonschema: install prequal[owner], in a checkout with pip install -e '.[owner]'.\n"
