"""The archive of the deployed functions: main.py, everything that it imports, and the compiled form and templates.

The same input makes the same bytes.
"""

import ast
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path

from prequal.compiled import Compiled
from prequal.core.form import canonical_json
from prequal.pages import templating
from prequal.pages.catalogues import FOLDER as CATALOGUES
from prequal.resources import FUNCTIONS, PACKAGE

# The earliest time that an archive can hold; the real one would make each archive different.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def package_function(compiled: Compiled, archive: Path) -> None:
    """Write the archive that Cloud Functions deploys."""
    files: dict[str, bytes] = {name: (FUNCTIONS / name).read_bytes() for name in ("main.py", "requirements.txt")}
    files["compiled.json"] = compiled_json(compiled)
    for path in (*_imported_modules(), *CATALOGUES.rglob("*.mo")):
        files[path.relative_to(PACKAGE.parent).as_posix()] = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        templating.compile_templates(Path(folder))
        for path in Path(folder).iterdir():
            target = templating.COMPILED.relative_to(PACKAGE.parent) / path.name
            files[target.as_posix()] = path.read_bytes()
    _write_zip(archive, files)


def compiled_json(compiled: Compiled) -> bytes:
    """Return the compiled form and words as the functions read them."""
    return canonical_json(
        {
            "form": compiled.document,
            "content": compiled.content,
            "assets": compiled.assets,
            "picture": compiled.picture,
            "suggestions": compiled.suggestions,
        }
    )


def _imported_modules() -> set[Path]:
    """Return the files of our modules that main.py imports, directly or not, at once or later in a function."""
    found: set[Path] = set()
    waiting = [FUNCTIONS / "main.py"]
    while waiting:
        paths = {path for module in _imports(waiting.pop()) for path in _files_of(module)}
        waiting += paths - found
        found |= paths
    return found


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
