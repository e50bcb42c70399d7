"""What figures are of, in words: answers that rule out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prequal.core.form import Form
from prequal.pages.wording import filled, placeholders

OTHERS = "others"


def answers_with(reason: str, forms: Iterable[Form]) -> Sequence[str]:
    """Return the answers that rule out for this reason, as the owner reads them."""
    words = {
        filled(option.label[form.default_language], placeholders(form, form.default_language)): None
        for form in forms
        for question in form.questions
        for option in question.options
        if option.rules_out == reason
    }
    return list(words)


def capitalised(words: str) -> str:
    """Return words as a sentence begins."""
    return words[:1].upper() + words[1:]
