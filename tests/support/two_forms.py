"""A project of two forms: the small one of `builders`, and one for workshops, in other words and another currency."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prequal.resources import SHIPPED
from support import builders

WORKSHOPS: Mapping[str, Any] = {
    "id": "workshops",
    "languages": ["fr", "en"],
    "currency": "CHF",
    "starting_price": 90,
    "business": {
        "name": "Atelier Sud",
        "url": "https://atelier.example",
        "privacy_url": "https://studio.example/privacy",
    },
    "consent": "notice",
    "questions": [
        {
            "id": "seats",
            "axis": "fit",
            "type": "number",
            "label": {"fr": "Combien de places ?", "en": "How many seats?"},
            "min": 1,
            "max": 30,
            "bands": [{"up_to": 4, "points": 5}, {"points": 30}],
        },
        {
            "id": "day",
            "axis": "intent",
            "type": "one",
            "label": {"fr": "Quel jour ?", "en": "Which day?"},
            "options": [
                {"id": "weekday", "label": {"fr": "En semaine", "en": "A weekday"}, "points": 30},
                {"id": "weekend", "label": {"fr": "Le week-end", "en": "The weekend"}, "points": 5},
            ],
        },
    ],
    "scoring": {"grades": {"hot": 50, "warm": 30}, "qualify": "warm"},
    "invitation": {
        "valid_days": 20,
        "remind_after_days": 5,
        "prepare": {"fr": ["Venez avec une idée."], "en": ["Bring an idea."]},
    },
    "retention": {"qualified_days": 100, "unqualified_days": 30},
}

#: Answers to it that qualify.
SEATS = {"seats": "6", "day": "weekday"}


def write_forms(project: Path, **main: Any) -> Path:
    """Write the forms into a project's folder `forms`, and texts of the workshops' own; return `forms`.

    `main` are changed parts of the main form.
    """
    forms, site = project / "forms", project / "site"
    forms.mkdir()
    (forms / "form.yaml").write_text(json.dumps({**builders.document(), **main}))
    (forms / "a-second.yaml").write_text(json.dumps(WORKSHOPS))
    shutil.copytree(SHIPPED / "site", site)
    own = site / "content/workshops"
    own.mkdir()
    for language, title in (("fr", "Ateliers de poterie"), ("en", "Pottery workshops")):
        text = (site / f"content/{language}.yaml").read_text(encoding="utf-8")
        lines = [f"title: {title}\n" if line.startswith("title:") else line for line in text.splitlines(keepends=True)]
        (own / f"{language}.yaml").write_text("".join(lines), encoding="utf-8")
    return forms
