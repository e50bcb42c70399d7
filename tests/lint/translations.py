"""Check that every catalogue holds every sentence of ours, translated; `--update` takes new sentences in.

A sentence that says "we" has a twin for one person, of the context "I", which is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.checkers import checkers
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from prequal.core.form import Voice
from prequal.pages.wording import CATALOGUES, DOMAIN

PACKAGE = CATALOGUES.parent
METHODS = [("**.py", "python"), ("pages/templates/**", "jinja2")]
OPTIONS = {"pages/templates/**": {"trimmed": "true", "newstyle_gettext": "true"}}
_SOME_DATE = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Return every sentence of ours, with the files it stands in."""
    catalog = Catalog(charset="utf-8")
    for file, _line, sentence, _comments, context in extract_from_dir(
        PACKAGE, METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True
    ):
        # Without line numbers, a change elsewhere in the file leaves the catalogues as they are.
        catalog.add(sentence, locations=[(str(file), 0)], context=context)
    return catalog


def faults(path: Path, template: Catalog) -> Iterator[str]:
    """Return a catalogue's faults: missing, obsolete, fuzzy or wrong sentences."""
    with path.open("rb") as file:
        catalog = read_po(file)
    for message in template:
        if message.id and message.id not in catalog:
            yield f"is missing {message.id!r}: run make messages"
    for message in catalog:
        if not message.id:
            continue
        if message.id not in template:
            yield f"has {message.id!r}, which is no longer used: run make messages"
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if not all(strings):
            yield f"has no translation of {message.id!r}: write it"
            continue
        if message.fuzzy:
            yield f"is unsure of {message.id!r}: check it and remove the mark"
        for check in checkers:
            try:
                check(catalog, message)
            except Exception as error:  # noqa: BLE001, a checker raises what it likes
                yield f"{message.id!r}: {error}"
    yield from (f"has {name!r}, which is no longer used: run make messages" for name in catalog.obsolete)


def update(path: Path) -> None:
    """Add new sentences to a catalogue, and drop unused ones."""
    language = path.parents[1].name
    with path.open("rb") as file:
        known = read_po(file, locale=language)
    catalog = Catalog(
        locale=language,
        project=DOMAIN,
        version="1",
        charset="utf-8",
        header_comment=f"# The sentences of prequal in {Locale(language).english_name}.",
        creation_date=_SOME_DATE,  # a date of its own would change the file each time
        revision_date=_SOME_DATE,
        msgid_bugs_address="the project's issues",
        last_translator="the project's translators",
        language_team=Locale(language).english_name,
        fuzzy=False,
    )
    for message in extracted():
        before = known.get(message.id)
        if message.id:
            written = message.id if language == "en" else before.string if before else ""
            catalog.add(message.id, written, locations=message.locations, flags=message.flags)
            if twin := known.get(message.id, Voice.ONE):
                catalog.add(message.id, twin.string, message.locations, message.flags, context=Voice.ONE)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, include_lineno=False)


def main() -> int:
    """Return 1 when there are faults."""
    paths = sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    template = extracted()
    if "--update" in sys.argv:
        for path in paths:
            update(path)
        return 0
    found = [f"{path.relative_to(PACKAGE)} {fault}." for path in paths for fault in faults(path, template)]
    print("\n".join(found) or f"{len(paths)} catalogues hold all {len(template)} sentences.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
