"""Questions and answers in words."""

from __future__ import annotations

from prequal.core.form import Form, form_from
from prequal.owner.form_labels import FormLabels
from support import builders


def with_services(**labels: str) -> Form:
    """Return a form that offers these services."""
    document = builders.document()
    options = [{"id": name, "label": label, "points": 0} for name, label in labels.items()]
    next(question for question in document["questions"] if question["id"] == "services")["options"] = options
    return form_from(document)


def test_each_option_in_the_words_of_a_form_that_knows_it() -> None:
    """An option has the label of the first form that knows it, or else its id."""
    labels = FormLabels(with_services(seo="To be found"), with_services(seo="SEO", hosting="A place for it"))

    assert labels.answer("services", ("seo", "hosting", "chat")) == "To be found, A place for it, chat"
