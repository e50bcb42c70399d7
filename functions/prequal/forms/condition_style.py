"""Style of a form's conditions: which questions and revealed texts the page shows, without a script."""

from collections.abc import Iterator

from prequal.core.conditions import Condition
from prequal.core.form import Form, Option


def condition_style(form: Form) -> str:
    """Return the rules that hide what isn't asked or shown after the chosen answers; empty without conditions.

    A browser without `:has()` drops them, and shows every question.
    """
    return "".join(f"{selector} {{\n  display: none;\n}}\n" for selector in _hidden(form))


def _hidden(form: Form) -> Iterator[str]:
    within = f'form[data-form="{form.id}"]'
    for question in form.questions:
        field = f'[data-field="{question.id}"]'
        for unmet in _unmet(question.ask_if):
            yield f"{within}{unmet} {field}"
        for option in question.options:
            texts = f'{field} [value="{option.id}"] ~ .reveals'
            yield from (f"{within}{unmet} {texts} > {child}" for unmet, child in _not_shown(option))


def _not_shown(option: Option) -> Iterator[tuple[str, str]]:
    """Yield when a revealed text is not shown: its condition does not hold, or one before it does."""
    for number, reveal in enumerate(option.reveals, start=1):
        yield from ((unmet, f":nth-child({number})") for unmet in _unmet(reveal.condition))
        if number < len(option.reveals):
            yield "".join(_chosen(reveal.condition)), f":nth-child(n + {number + 1})"


def _unmet(condition: Condition) -> Iterator[str]:
    """Yield the selectors that together match where a condition does not hold."""
    yield from (f":not({chosen})" for chosen in _chosen(condition))


def _chosen(condition: Condition) -> Iterator[str]:
    """Yield the selectors that all match where a condition holds."""
    for name, listed in condition.listed.items():
        values = ", ".join(f'[value="{value}"]' for value in listed)
        yield f':has([name="{name}"]:is({values}):checked)'
