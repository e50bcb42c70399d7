"""Forms with conditions: one to walk through, and random ones."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from support import builders

_QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "work",
        "type": "one",
        "axis": "fit",
        "label": {"en": "What do you need?", "fr": "De quoi avez-vous besoin ?"},
        "options": [
            {"id": "website", "label": {"en": "A website", "fr": "Un site"}, "points": 20},
            {"id": "shop", "label": {"en": "A shop", "fr": "Une boutique"}, "points": 10},
            {"id": "other", "label": {"en": "Something else", "fr": "Autre chose"}},
        ],
    },
    {
        "id": "products",
        "type": "number",
        "required": True,
        "min": 1,
        "max": 500,
        "ask_if": {"work": ["shop"]},
        "label": {"en": "How many products?", "fr": "Combien de produits ?"},
    },
    {
        "id": "budget",
        "type": "one",
        "axis": "fit",
        "label": {"en": "Did you plan {starting_price}?", "fr": "Aviez-vous prévu {starting_price} ?"},
        "options": [
            {"id": "below", "label": {"en": "Less", "fr": "Moins"}},
            {"id": "around", "label": {"en": "Yes, about that", "fr": "Oui, à peu près"}, "points": 20},
            {
                "id": "unsure",
                "label": {"en": "Not sure", "fr": "Je ne sais pas"},
                "points": 5,
                "reveals": [
                    {
                        "if": {"work": ["shop"]},
                        "text": {"en": "Shops come to {amount:9000}.", "fr": "Les boutiques : {amount:9000}."},
                    },
                    {"text": {"en": "Most come to {usual_from}.", "fr": "Le plus souvent : {usual_from}."}},
                ],
            },
        ],
    },
    {
        "id": "parts",
        "type": "many",
        "axis": "fit",
        "required": False,
        "label": {"en": "Which parts?", "fr": "Quelles parties ?"},
        "options": [
            {"id": "texts", "label": {"en": "Texts", "fr": "Les textes"}, "points": 5},
            {"id": "pictures", "label": {"en": "Pictures", "fr": "Les images"}},
        ],
    },
    {
        "id": "writer",
        "type": "text",
        "format": "line",
        "required": True,
        "ask_if": {"parts": ["texts"]},
        "label": {"en": "Who writes?", "fr": "Qui écrit ?"},
    },
]


def following_document() -> dict[str, Any]:
    """Return a form with questions that follow, in English and French."""
    return {
        **builders.document(),
        "usual": [5000, 12000],
        "contact": {"company": "off", "website": "off", "phone": "optional"},
        "consent": "notice",
        "questions": json.loads(json.dumps(_QUESTIONS)),
        "scoring": {"grades": {"hot": 40, "warm": 20}},
    }


def write_following_form(folder: Path) -> Path:
    """Write it as a form file into a folder, and return its path."""
    path = folder / "following.yaml"
    path.write_text(json.dumps(following_document(), ensure_ascii=False), encoding="utf-8")
    return path


def random_document(chance: random.Random) -> dict[str, Any]:
    """Return a random form whose later questions, and the texts that they reveal, depend on earlier answers."""
    questions: list[dict[str, Any]] = []
    for index in range(chance.randint(2, 7)):
        kind = chance.choice(["one", "one", "many", "number", "text"] if index else ["one", "many"])
        question: dict[str, Any] = {
            "id": f"q{index}",
            "type": kind,
            "label": f"Question {index}?",
            "required": chance.random() < 0.7,
        }
        parents = [each for each in questions if "options" in each and "ask_if" not in each]
        if parents and chance.random() < 0.5:
            question["ask_if"] = _condition(chance, [chance.choice(parents)])
        if kind in ("one", "many"):
            options: list[dict[str, Any]] = [
                {"id": f"{letter}{number}", "label": f"Answer {letter}"}
                for number, letter in enumerate("abcd"[: chance.randint(2, 4)])
            ]
            question |= {"axis": "fit", "options": options}
            if parents and chance.random() < 0.5:
                chance.choice(options)["reveals"] = _reveals(chance, parents)
        questions.append(question)
    return {**builders.document(), "languages": ["en"], "questions": questions}


def _condition(chance: random.Random, questions: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {
        question["id"]: [
            option["id"]
            for option in chance.sample(question["options"], chance.randint(1, len(question["options"]) - 1))
        ]
        for question in questions
    }


def _reveals(chance: random.Random, parents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    texts: list[dict[str, Any]] = [
        {
            "if": _condition(chance, chance.sample(parents, chance.randint(1, min(2, len(parents))))),
            "text": f"Text {number}.",
        }
        for number in range(chance.randint(1, 3))
    ]
    return [*texts, {"text": "Any other text."}] if chance.random() < 0.5 else texts
