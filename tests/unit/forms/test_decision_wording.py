"""Whether asking who decides costs people face."""

from __future__ import annotations

import pytest

from prequal.forms.decision_wording import KEEPS_FACE, costs_face

COSTLY = {
    "en": [
        "Are you the decision maker?",
        "Thank you! Do you make the final decision?",
        "Are you authorised to sign?",
        "Is it your decision to make?",
        "Can you approve the budget yourself?",
        "Who has the final say?",
    ],
    "fr": [
        "Êtes-vous décisionnaire ?",
        "C’est vous qui décidez ?",
        "Avez-vous le pouvoir de décision ?",
        "Est-ce que vous décidez seul ?",
        "Prenez-vous la décision ?",
        "Êtes-vous la personne qui décide ?",
    ],
    "nl": [
        "Ben je de beslisser?",
        "Bent u beslissingsbevoegd?",
        "Beslis jij hierover?",
        "Neemt u de beslissing?",
        "Mag je zelf beslissen?",
    ],
    "ru": [
        "Вы сами принимаете решение?",
        "Вы лицо, принимающее решения?",
        "Вы ЛПР?",
        "Решение принимаете вы?",
        "Вы имеете право принимать решения?",
    ],
    "pl": [
        "Czy jesteś osobą decyzyjną?",
        "Czy to Ty decydujesz?",
        "Czy Pan decyduje?",
        "Jesteś decydentem?",
        "Czy samodzielnie podejmujesz ostateczną decyzję?",
    ],
}
HARMLESS = {
    "en": ["When do you decide?", "How do you decide between offers?", "When will it be decided who does the work?"],
    "fr": ["Quand prenez-vous la décision ?", "Quand le prestataire sera-t-il choisi ?"],
    "nl": ["Wanneer beslis je?", "Wanneer wordt besloten wie het werk doet?"],
    "ru": ["Когда вы принимаете решение?", "Когда будет выбран исполнитель?"],
    "pl": ["Kiedy decydujesz?", "Kiedy zapadnie decyzja o wyborze wykonawcy?"],
}


@pytest.mark.parametrize("language", COSTLY)
def test_asking_for_their_rank_costs_face(language: str) -> None:
    """Asking people whether they are the one who decides is told, however it is put."""
    assert [question for question in COSTLY[language] if not costs_face(question, language)] == []


@pytest.mark.parametrize("language", HARMLESS)
def test_asking_when_or_how_does_not(language: str) -> None:
    """Questions about the decision, rather than the person, are fine; and so is the one that is recommended."""
    fine = [*HARMLESS[language], KEEPS_FACE[language]]
    assert [question for question in fine if costs_face(question, language)] == []


def test_a_language_that_is_not_known_is_left_alone() -> None:
    """Of other languages nothing is said."""
    assert not costs_face("Are you the decision maker?", "de")
