"""The Jinja environment of every page and mail."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, ModuleLoader, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.filters import do_wordwrap
from markupsafe import Markup

from prequal.core.form import Voice
from prequal.pages.wording import catalogue

if TYPE_CHECKING:
    from gettext import NullTranslations

    from jinja2.runtime import Context

# `prequal package` puts compiled templates here: compiling them would be most of the wait of a first visitor.
COMPILED = Path(__file__).parent / "compiled_templates"


def compile_templates(folder: Path) -> None:
    """Compile every template to a Python module."""
    _environment().compile_templates(folder, zip=None, ignore_errors=False)


def render(template: str, **values: object) -> str:
    """Render a template in the language `lang` and, for visitors, in the form's `voice`: two of the values."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ModuleLoader(COMPILED) if COMPILED.is_dir() else PackageLoader("prequal.pages"),
        auto_reload=False,
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrap"] = partial(_wrapped, environment)
    environment.globals.update(_=_translated, ngettext=_translated_plural)
    return environment


def _wrapped(environment: Environment, text: str, width: int = 72) -> str:
    """Return a text in lines, which end between words: a hyphen belongs to its word."""
    return do_wordwrap(environment, text, width, break_long_words=False, break_on_hyphens=False)


@pass_context
def _translated(context: Context, sentence: str, /, **values: object) -> str:
    return _filled(context, _catalogue(context).gettext(sentence), values)


@pass_context
def _translated_plural(context: Context, one: str, many: str, number: int, /, **values: object) -> str:
    return _filled(context, _catalogue(context).ngettext(one, many, number), {"num": number, **values})


def _catalogue(context: Context) -> NullTranslations:
    return catalogue(context["lang"], context.get("voice", Voice.WE))


def _filled(context: Context, sentence: str, values: dict[str, object]) -> str:
    """Fill in the values; in HTML they are escaped, but not the sentence, which is ours."""
    text = Markup(sentence) if context.eval_ctx.autoescape else sentence  # noqa: S704, the catalogues are ours
    return text % values if values else text
