"""Compilation of the owner's form, page texts and assets into the one value that everything else runs on.

The functions run on it in an archive, with main.py and everything that it imports. The same input makes the same bytes.
"""

import ast
import hashlib
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from prequal.compiled import Compiled, compiled_from
from prequal.core.form import Form, canonical_json, form_from, published
from prequal.files import temporary_folder
from prequal.forms.condition_style import condition_style
from prequal.forms.form_folder import read_forms
from prequal.forms.pictures import picture_assets
from prequal.forms.question_bank import suggestions
from prequal.forms.site_content import read_content, read_picture
from prequal.forms.style_sheet import mail_colours, read_style
from prequal.pages import templating
from prequal.pages.wording import CATALOGUES
from prequal.resources import FUNCTIONS, PACKAGE, SHIPPED, find_content, find_site

# The earliest time that an archive can hold; the real one would make each archive different.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READ_BY_CODE = {".css", ".html", ".js", ".woff2"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the pages load. Its address holds a hash of its content, so that it may be cached for ever."""

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """The path on the site."""
        stem, _, ending = self.name.rpartition(".")
        return f"/assets/{stem}.{hashlib.sha256(self.content).hexdigest()[:8]}.{ending}"


def read_assets(*forms: Form, contents: Iterable[Mapping[str, Mapping[str, Any]]] = ()) -> Sequence[Asset]:
    """Read the files that the pages load: the owner's, and prequal's own where the owner has none of a name.

    The style has the conditions of the forms, too, and the addresses of the fonts that it names; no others are loaded.
    Its comments are the owner's, not the visitors'. Of the pictures, only those that the texts name are loaded.
    """
    folders = (SHIPPED / "site", find_site())
    paths = {path.name: path for folder in folders for path in (folder / "assets").glob("*")}
    del paths["style.css"]
    style = "".join([read_style(), *map(condition_style, forms)])
    for content in (content for languages in contents for content in languages.values()):
        paths |= picture_assets(content)
    assets = [
        Asset(name, path.read_bytes()) for name, path in paths.items() if path.suffix != ".woff2" or name in style
    ]
    for font in assets:
        style = style.replace(f'url("{font.name}")', f'url("{font.path}")')
    return sorted([*assets, Asset("style.css", style.encode())], key=lambda asset: asset.name)


def compile_files(path: Path) -> Compiled:
    """Read all the owner's files, of one form or of a folder of forms.

    FaultyFileError if a form, the page texts or the question bank have faults.
    """
    documents = [published(file.content) for file in read_forms(path)]
    contents = [read_content(find_content(document["id"]), document["languages"]) for document in documents]
    assets = read_assets(*map(form_from, documents), contents=contents)
    return compiled_from(
        {
            "forms": [
                {
                    "document": document,
                    "content": content,
                    "suggestions": suggestions(document),
                }
                for document, content in zip(documents, contents, strict=True)
            ],
            "assets": {asset.name: asset.path for asset in assets},
            "picture": read_picture(),
            "colours": mail_colours(read_style())[0],
        }
    )


def package_function(compiled: Compiled, archive: Path) -> None:
    """Write the archive that Cloud Functions deploys."""
    files: dict[str, bytes] = {name: (FUNCTIONS / name).read_bytes() for name in ("main.py", "requirements.txt")}
    files["compiled.json"] = compiled_json(compiled)
    modules = _imported_modules()
    for path in (*modules, *_files_beside(modules), *CATALOGUES.rglob("*.mo")):
        files[path.relative_to(PACKAGE.parent).as_posix()] = path.read_bytes()
    with temporary_folder() as folder:
        templating.compile_templates(folder)
        for path in folder.iterdir():
            target = templating.COMPILED.relative_to(PACKAGE.parent) / path.name
            files[target.as_posix()] = path.read_bytes()
    _write_zip(archive, files)


def compiled_json(compiled: Compiled) -> bytes:
    """Return the compiled form and words as the functions read them."""
    kept = ("document", "content", "suggestions")  # from which compiled_from makes the forms
    forms = [{name: getattr(form, name) for name in kept} for form in compiled.forms]
    others = {name: getattr(compiled, name) for name in ("assets", "picture", "colours")}
    return canonical_json({"forms": forms, **others})


def write_entry_point(compiled: Compiled, folder: Path) -> Path:
    """Write the functions' main.py and a compiled form into a folder, as an archive has them; return main.py's path."""
    (folder / "compiled.json").write_bytes(compiled_json(compiled))
    return Path(shutil.copy(FUNCTIONS / "main.py", folder))


def _imported_modules() -> set[Path]:
    """Return the files of our modules that main.py imports, directly or not, at once or later in a function."""
    found: set[Path] = set()
    waiting = [FUNCTIONS / "main.py"]
    while waiting:
        paths = {path for module in _imports(waiting.pop()) for path in _files_of(module)}
        waiting += paths - found
        found |= paths
    return found


def _files_beside(modules: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that the packages of these modules read: styles, scripts, fonts and templates of their own."""
    for package in {path.parent for path in modules}:
        yield from (path for path in package.iterdir() if path.suffix in _READ_BY_CODE)


def _imports(path: Path) -> Iterator[str]:
    """Yield the names of modules that a file imports at runtime, and of what it imports from them."""
    nodes: list[ast.AST] = [ast.parse(path.read_bytes())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        nodes += ast.iter_child_nodes(node)


def _files_of(name: str) -> Iterator[Path]:
    """Yield the files that importing a dotted name of ours executes: of the packages around it, and its own."""
    root, *parts = name.split(".")
    for folder in accumulate(parts, Path.joinpath, initial=PACKAGE) if root == PACKAGE.name else ():
        yield from (path for path in (folder / "__init__.py", folder.with_suffix(".py")) if path.is_file())


def _write_zip(archive: Path, files: Mapping[str, bytes]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same archive from every system
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, content)
