"""A pseudo-language that marks every text, so that hard-coded ones show: “Send” becomes “⟦Séñđ⟧”.

Its code is that of Esperanto: a language that Babel knows and prequal has no texts in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from prequal.forms.form_file import read_form
from prequal.forms.yaml_files import read_yaml
from support.running import CHECKOUT, Server, environment, free_port

LANGUAGE = "eo"
_ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "áçéíñóšúýžÁÇÉÍÑÓŠÚÝŽ")
# Placeholders stay.
_PLACEHOLDERS = re.compile(r"(%\(\w+\)[sd]|\{\w+\})")
# Elements within a sentence.
_WITHIN_SENTENCES = {"a", "b", "br", "em", "i", "span", "strong", "wbr"}
_MARKED = re.compile(r"⟦[^⟦⟧]*⟧")

# Attributes with words for people, and kinds of <meta> whose content is such.
_WORDS = {"title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt", "label"}
_META = {
    "description",
    "author",
    "application-name",
    "apple-mobile-web-app-title",
    "og:title",
    "og:description",
    "og:site_name",
    "og:image:alt",
    "twitter:title",
    "twitter:description",
    "twitter:image:alt",
}
# Properties of structured data with words for people.
_DATA = {"name", "description", "headline", "slogan", "text"}


def marked(text: str) -> str:
    """Return a text with a mark at each end and accents within."""
    parts = _PLACEHOLDERS.split(text)
    return f"⟦{''.join(part if index % 2 else part.translate(_ACCENTS) for index, part in enumerate(parts))}⟧"


def is_marked(text: str) -> bool:
    """Return whether every letter of a text is within marks."""
    while (shorter := _MARKED.sub("", text)) != text:
        text = shorter
    return not re.search(r"[^\W\d_]", text)


def studio(folder: Path) -> Server:
    """Return a development server, not started, of a checkout whose form and texts are in the pseudo-language.

    It runs the copy's code, and so does any other command in its environment.
    """
    for part in ("functions", "site", "schema"):
        shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    _write_catalogue(folder / "functions/prequal/locale")
    _write_words(folder / "site/content")
    _write_form(folder / "schema/form.yaml")
    port = free_port()
    own = environment(
        PREQUAL_FORM=str(folder / "schema/form.yaml"),
        PYTHONPATH=os.pathsep.join(map(str, (folder / "functions", CHECKOUT / "tests"))),
        PREQUAL_HOPS="1",
    )
    # The copy is not the code whose coverage is measured.
    environ = {name: value for name, value in own.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "prequal", "dev", "--port", str(port)]
    return Server(command=command, folder=folder, port=port, environ=environ)


def _write_catalogue(folder: Path) -> None:
    with (folder / "en/LC_MESSAGES/prequal.po").open("rb") as file:
        english = read_po(file)
    catalogue = Catalog(locale=LANGUAGE, charset="utf-8")
    for message in filter(lambda message: message.id, english):
        if isinstance(message.id, str):
            catalogue.add(message.id, marked(message.id))
        else:
            catalogue.add(message.id, tuple(map(marked, message.id)))
    own = folder / LANGUAGE / "LC_MESSAGES"
    own.mkdir(parents=True)
    with (own / "prequal.po").open("wb") as file:
        write_po(file, catalogue)
    with (own / "prequal.mo").open("wb") as file:
        write_mo(file, catalogue)


def _write_words(folder: Path) -> None:
    english = read_yaml(folder / "en.yaml").content
    (folder / f"{LANGUAGE}.yaml").write_text(json.dumps(_all_marked(english)), encoding="utf-8")


def _write_form(path: Path) -> None:
    """Mark the form's texts, except for disqualifying reasons, which no visitor may see."""
    form = _texts_marked(read_form(path))
    form["languages"] = [LANGUAGE, "en"]
    form["business"]["name"] = marked(form["business"]["name"])
    path.write_text(json.dumps(form), encoding="utf-8")


def _texts_marked(value: Any) -> Any:
    if isinstance(value, dict) and "en" in value:
        return {"en": value["en"], LANGUAGE: _all_marked(value["en"])}
    if isinstance(value, dict):
        return {key: _texts_marked(inner) for key, inner in value.items()}
    return [_texts_marked(item) for item in value] if isinstance(value, list) else value


def _all_marked(value: Any) -> Any:
    if isinstance(value, dict):
        is_file = isinstance(value.get("picture"), str)
        return {
            key: inner if key == "example" or (key == "picture" and is_file) else _all_marked(inner)
            for key, inner in value.items()
        }
    return [_all_marked(item) for item in value] if isinstance(value, list) else marked(value)


class Words(HTMLParser):
    """A parser that collects a page's texts, hidden parts and templates included, and the words in its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open = self._sentence = ""
        self.feed(html)
        self._end()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Collect the words of an element's attributes."""
        self._open = tag
        if tag not in _WITHIN_SENTENCES:
            self._end()
        values = {name: value or "" for name, value in attrs}
        self.texts += [value for name, value in values.items() if name in _WORDS or _is_said_by_the_script(name, value)]
        if {values.get("name"), values.get("property")} & _META:
            self.texts.append(values["content"])
        if tag == "input" and values.get("type") in {"submit", "button", "reset"}:
            self.texts.append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._open = ""
        if tag not in _WITHIN_SENTENCES:
            self._end()

    def handle_data(self, data: str) -> None:
        """Collect text and structured data; styles and scripts hold none."""
        if self._open == "script" and data.lstrip().startswith(("{", "[")):
            self.texts += _said(json.loads(data))
        elif self._open not in {"script", "style"}:
            self._sentence += data

    def _end(self) -> None:
        self.texts.append(" ".join(self._sentence.split()))
        self._sentence = ""


def _is_said_by_the_script(name: str, value: str) -> bool:
    """Return whether a data attribute holds words, and neither an address nor the id of a field or a form."""
    return name.startswith("data-") and not re.fullmatch(r"/.*|[a-z0-9_-]*", value)


def _said(value: Any) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list):
            yield from _said(inner)
        elif key in _DATA:
            yield inner
