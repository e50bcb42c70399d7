"""Past clients in words, and as other programs see them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import indent

from prequal.core.documents import past_client_document
from prequal.core.form import Form
from prequal.core.past_client import PastClient
from prequal.core.text import instant_text
from prequal.owner.form_labels import FormLabels
from prequal.pages.ansi import heading
from prequal.pages.zone import Zone


def past_client_json(client: PastClient) -> str:
    """Return a past client as a JSON object."""
    document = past_client_document(client)
    del document["schema_version"]
    return json.dumps(document, ensure_ascii=False, default=instant_text)


def answers_in_words(client: PastClient, form: Form | None) -> Iterator[tuple[str, str]]:
    """Yield each question and its answer in the owner's language, as asked, as far as the form is known."""
    labels, asked = FormLabels(form), [question.id for question in form.questions] if form else []
    for question in sorted(client.answers, key=lambda each: asked.index(each) if each in asked else len(asked)):
        yield labels.question(question), labels.answer(question, client.answers[question])


def describe_past_client(client: PastClient, forms: Mapping[str, Form], zone: Zone) -> str:
    """Return all about a past client: contact, why they chose the business, answers."""
    lines = [heading(f"{client.name} <{client.email}>")]
    if client.reason:
        lines += ["Why they chose you:", indent(client.reason, "  ")]
    for question, answer in answers_in_words(client, forms.get(client.form_version)):
        lines += [question, indent(answer, "  ")]
    sent, until = zone.day(client.received_at), zone.day(client.expire_at)
    return "\n".join([*lines, f"Form {client.form_id}, sent {sent}, kept until {until}."])
