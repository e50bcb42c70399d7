"""Digest: subject and template values. It is short, and holds no names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from prequal.core.days import day_of
from prequal.core.digest import Digest, digest_content
from prequal.core.form import Form, Grade
from prequal.core.mail import MailKind
from prequal.core.source import DIRECT, HIDDEN
from prequal.core.stages import Stage
from prequal.core.text import N_
from prequal.pages.labels import GRADES, STAGES
from prequal.pages.templating import render
from prequal.pages.wording import catalogue
from prequal.pages.zone import Zone

# Sources that are not names given by a link.
_SOURCES = {DIRECT: N_("direct visits"), HIDDEN: N_("a link with an address in it")}


def digest_subject(content: Mapping[str, Any], language: str, zone: Zone) -> str:
    """Return the subject of a digest."""
    return catalogue(language).gettext(N_("%(days)s: %(received)d received, %(qualified)d qualified")) % {
        "days": _days(content, language, zone),
        "received": content["week"][Stage.RECEIVED],
        "qualified": content["week"][Stage.QUALIFIED],
    }


def digest_text(form: Form, digest: Digest, zone: Zone) -> str:
    """Return a digest as the text of its mail."""
    language = form.default_language
    values = digest_values(digest_content(form, digest), language, zone)
    return render(f"mail/{MailKind.DIGEST}.txt", lang=language, **values)


def digest_values(content: Mapping[str, Any], language: str, zone: Zone) -> Mapping[str, Any]:
    """Return the template values of a digest."""
    translate = catalogue(language).gettext
    return {
        "business": content["business"],
        "days": _days(content, language, zone),
        "uneventful": not any(content["week"].values()),
        "tables": [table for table in _tables(content, translate) if table["rows"]],
        "waiting": [
            {
                "words": translate(words),
                "leads": [{**lead, "grade": translate(GRADES[Grade(lead["grade"])])} for lead in named["leads"]],
                "more": named["more"],
            }
            for words, name in (
                (N_("The call is over: won or lost?"), "undecided"),
                (N_("They were to answer your offer by now."), "unanswered"),
                (N_("No mail reached them."), "undelivered"),
                (N_("Their invitation is held."), "held"),
                (N_("Their link ends within a week."), "ending"),
            )
            if (named := content.get(name)) and named["leads"]  # a digest of an earlier version may still wait
        ],
    }


def _tables(content: Mapping[str, Any], translate: Callable[[str], str]) -> Iterator[Mapping[str, Any]]:
    """Return tables whose rows are a name and its figures, the most important one first."""
    week, before = content["week"], content["before"]
    stages = [(translate(name), (week[stage], before[stage])) for stage, name in STAGES.items()]
    yield {
        "title": "",
        "head": [translate(N_("Week")), translate(N_("Before"))],
        "rows": stages if any(week.values()) else [],
    }
    yield {
        "title": translate(N_("Where they came from")),
        "head": [translate(N_("Leads")), translate(N_("Qualified"))],
        "rows": [
            (
                translate(_SOURCES[source["name"]]) if source["name"] in _SOURCES else source["name"],
                (source["received"], source["qualified"]),
            )
            for source in content["sources"]
        ],
    }
    forms = content.get("forms", ())  # which a digest of an earlier version lacks
    yield {
        "title": translate(N_("Which form they filled in")),
        "head": [translate(N_("Leads")), translate(N_("Qualified"))],
        "rows": [(form["name"], (form["received"], form["qualified"])) for form in forms] if len(forms) > 1 else [],
    }
    yield {
        "title": translate(N_("What ruled them out")),
        "head": [],
        "rows": [(reason["name"], (reason["count"],)) for reason in content["ruled_out"]],
    }


def _days(content: Mapping[str, Any], language: str, zone: Zone) -> str:
    """Return the seven days, from the first to the last."""
    last = day_of(content["until"] - timedelta(seconds=1), zone.tz)
    return zone.days(last - timedelta(days=6), last, language)
