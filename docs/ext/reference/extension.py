"""Sphinx extension that puts facts from the code into the pages of the reference.

A page has a line such as `<!-- from the code: commands -->` where they belong. Links to the folders and guides of the
checkout, which the site doesn't hold, become text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

from reference import alerts, columns, commands, form_file, http_interface, settings, terraform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WRITERS: Mapping[str, Callable[[], str]] = {
    "columns": columns.write,
    "commands": commands.write,
    "form file": form_file.write,
    "http interface": http_interface.write,
    "settings": settings.write,
    "terraform variables": terraform.write_variables,
    "terraform outputs": terraform.write_outputs,
    **{title: partial(alerts.write, title) for title in alerts.texts()},
}
_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s]+)\)")
# Tables, and text that keeps its lines.
_WIDE = re.compile(r'<div(?= class="table-wrapper)|<div class="highlight-text notranslate"><div class="highlight"><pre')
PLACE = re.compile(r"^<!-- from the code: ([\w: ]+) -->$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _fill)
    app.connect("html-page-context", _let_keys_scroll)
    return {"parallel_read_safe": True}


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    folder = app.env.doc2path(page).parent

    def unlinked(link: re.Match[str]) -> str:
        target = (folder / link[2]).resolve()
        outside = not target.is_relative_to(app.srcdir) and (target.is_dir() or target.suffix == ".md")
        return link[1] if outside and target.exists() else link[0]

    try:
        source[0] = PLACE.sub(lambda place: WRITERS[place[1]](), _LINK.sub(unlinked, source[0]))
    except (KeyError, ValueError) as error:
        raise ExtensionError(str(error)) from error


def _let_keys_scroll(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Let the keyboard scroll what is wider than the screen."""
    context["body"] = _WIDE.sub(r'\g<0> tabindex="0"', context.get("body", ""))
