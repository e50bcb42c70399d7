"""Booking pages: the address that a lead gets, and the placeholders in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.network import is_this_machine
from prequal.core.scoring import Answer
from prequal.core.web_address import AddressError, parse_web_address

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: What a placeholder for an answer begins with; the question's id follows.
ANSWER = "answers."
_PLACEHOLDERS = ("name", "first_name", "last_name", "email", "phone", "company", "language", "lead", "grade")
# Schedulers refuse addresses that are longer than some thousand characters, and one outside ASCII takes up to twelve.
_LONGEST = 500


def parse_booking_url(text: str) -> str:
    """Check the address of a booking page, which may contain placeholders; AddressError if it can't be used."""
    names = PLACEHOLDER.findall(text)
    if unknown := sorted({name for name in names if name not in _PLACEHOLDERS and not name.startswith(ANSWER)}):
        known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
        what = f"has placeholders that are not known, {', '.join(f'{{{name}}}' for name in unknown)}"
        raise AddressError(f"{what}: use {known} and {{answers.ID}} with the id of a question")
    url = parse_web_address(text)
    if url.scheme == "http" and not is_this_machine(url.hostname or ""):
        raise AddressError("does not begin with https://, without which everybody on the way reads it: correct it")
    return text


def unknown_answers(address: str, questions: Collection[str]) -> Sequence[str]:
    """Return the ids in an address's placeholders for answers that are not among those of the questions."""
    return [question for question in named_answers(address) if question not in questions]


def named_answers(address: str) -> Sequence[str]:
    """Return the ids of the questions for whose answers an address has placeholders."""
    return [name.removeprefix(ANSWER) for name in PLACEHOLDER.findall(address) if name.startswith(ANSWER)]


def booking_page(form: Form | None, lead: Lead, otherwise: str) -> str:
    """Return the address of a lead's booking page, with its placeholders filled in.

    It is that of the first of the form's booking pages whose condition holds, and `otherwise` if none does, or if the
    form is no longer in use.
    """
    facts = {**lead.answers, "grade": lead.score.grade.value, "language": lead.language}
    rules = form.booking if form else ()
    address = next((rule.url for rule in rules if rule.condition.holds(facts)), otherwise)
    values = _values(lead)
    return PLACEHOLDER.sub(lambda match: quote(values.get(match[1], "")[:_LONGEST], safe=""), address)


def _values(lead: Lead) -> Mapping[str, str]:
    first_name, last_name = split_name(lead.name)
    answers = {ANSWER + question: _as_text(answer) for question, answer in lead.answers.items()}
    return {
        **answers,
        **{name: getattr(lead, name) for name in ("name", "email", "phone", "company", "language")},
        "first_name": first_name,
        "last_name": last_name,
        "lead": lead.id,
        "grade": lead.score.grade.value,
    }


def _as_text(answer: Answer) -> str:
    """Return an answer as schedulers can compare it: options by their ids, not in the words of a language."""
    return str(answer) if isinstance(answer, str | int) else ",".join(answer)


def split_name(name: str) -> tuple[str, str]:
    """Return the first names and the last name: the last word, with words before it that are written small.

    “Jan van der Berg” is Jan, and van der Berg. A single word is a first name.
    """
    words = name.split()
    start = len(words) - 1
    while start > 1 and words[start - 1].islower() and not words[-1].islower():
        start -= 1
    return " ".join(words[: max(start, 1)]), " ".join(words[max(start, 1) :])
