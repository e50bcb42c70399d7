"""Asking who decides so that people keep face.

Whoever is asked whether they decide, and doesn't, has to admit it or to lie. “Who, besides you, approves the project?”
counts them in, and gets the names.
"""

from __future__ import annotations

import re

KEEPS_FACE = {
    "en": "Who, besides you, approves the project?",
    "fr": "Qui, en dehors de vous, valide le projet ?",
    "nl": "Wie beslist er, naast jou, over het project?",
    "ru": "Кто, кроме вас, утверждает проект?",
    "pl": "Kto oprócz Ciebie zatwierdza projekt?",
}
"""How to ask instead, by language."""

# What people are asked to call themselves, wherever it stands.
_RANKS = {
    "en": ("decision.?makers?", "(final|last) (say|word)", "(authority|power) to (decide|approve|sign)"),
    "fr": ("décideu(r|se)s?", "décisionnaires?", "le dernier mot", "(pouvoir|droit) de (décision|décider)"),
    "nl": ("beslissers?", "beslissingsbevoegd", "beslissingsmacht", "het laatste woord"),
    "ru": (r"лиц\w+,? принимающ\w+ решени", r"\bлпр\b", "последнее слово", r"право принимать \w*\s?решени"),  # noqa: RUF001, Russian
    "pl": (r"osob\w+ decyzyjn", r"decyzyjn\w+ osob", "decydent", "ostatnie słowo"),
}
# How a sentence begins that wants a yes or a no. "When do you decide?" is another question, and a good one.
_YES_OR_NO = {
    "en": (
        r"(do|can|may|will) you (\w+ )?(decide|approve|sign|make the (\w+ )?decision)",
        r"are you (the (one|person) who|authori[sz]ed to|allowed to|able to) (\w+ )?(decide|approve|sign|make)",
        "is (it|this) (your decision|up to you)",
    ),
    "fr": (
        "(est-ce que vous |c'est vous qui |est-ce vous qui )?(décidez|validez|prenez[ -](vous )?la décision)",
        "êtes-vous (la personne|celui|celle) qui (décide|valide|tranche)",
        "êtes-vous habilitée? à",
    ),
    "nl": (
        "(beslis|besluit) (jij|je)",
        "(beslist|besluit) u",
        r"neemt? (jij|je|u) (\w+ )?(de|deze) beslissing",
        r"(mag|kan|kunt) (jij|je|u) (\w+ )?(beslissen|besluiten|tekenen)",
        "(ben|bent) (jij|je|u) (bevoegd|gemachtigd|degene die)",
    ),
    "ru": (
        r"(это )?вы (\w+ )?(принимаете (\w+ )?решени|решаете|утверждаете|вправе|уполномочены)",
        r"(решение )?(принимаете|решаете|утверждаете) (ли )?вы",
    ),
    "pl": (
        r"to \w+ (decyduj|zatwierdza)",
        r"czy (\S+ ){0,2}(decyduj|zatwierdza|podejmuj\w+ (\w+ )?decyzj)",
        "czy decyzja należy do",
    ),
}
_TELL_TALES = {
    language: re.compile(rf"({'|'.join(_RANKS[language])})|(?:^|[.!?:] )({'|'.join(_YES_OR_NO[language])})")
    for language in KEEPS_FACE
}


def costs_face(question: str, language: str) -> bool:
    """Whether a question asks people, in a language, to own up to not deciding."""
    tell_tale = _TELL_TALES.get(language)
    return tell_tale is not None and tell_tale.search(question.casefold().replace("’", "'")) is not None
