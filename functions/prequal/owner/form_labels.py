"""Labels of questions and answers in the owner's language."""

from prequal.core.form import Band, Form, Option, Question
from prequal.core.scoring import Answer, answer_text
from prequal.pages.wording import filled, placeholders


class FormLabels:
    """Labels of questions and answers from the first form that knows them; otherwise their ids."""

    def __init__(self, *forms: Form | None) -> None:
        self._forms = [form for form in forms if form]

    def question(self, question_id: str) -> str:
        """Return a question in the owner's language."""
        for form in self._forms:
            question = form.question(question_id)
            if question:
                return _filled(question.label[form.default_language], form)
        return question_id

    def answer(self, question_id: str, answer: Answer | None) -> str:
        """Return an answer in the owner's language; each of several options is looked up by itself."""
        if answer is None:
            return "no answer"
        options = [answer] if isinstance(answer, str | int) else answer
        return ", ".join(self._label(question_id, option) for option in options)

    def choice(self, question: Question, choice: Option | Band) -> str:
        """Return an option in the owner's language, or the bounds of a band in words."""
        if isinstance(choice, Option):
            return self.answer(question.id, choice.id)
        position = question.bands.index(choice)
        below = question.bands[position - 1].up_to if position else None
        if choice.up_to is None:
            return "any number" if below is None else f"{below + 1} or more"
        if below is None:
            return f"up to {choice.up_to}"
        return str(choice.up_to) if choice.up_to == below + 1 else f"{below + 1} to {choice.up_to}"

    def _label(self, question_id: str, answer: str | int) -> str:
        for form in self._forms:
            question = form.question(question_id)
            label = answer_text(question, answer, form.default_language) if question else ""
            if label:
                return _filled(label, form)
        return str(answer)


def _filled(words: str, form: Form) -> str:
    text: str = filled(words, placeholders(form, form.default_language))
    return text
