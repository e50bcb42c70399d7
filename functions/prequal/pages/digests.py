"""Digest: subject and template values. It is short, and says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from prequal.core.digest import Digest, Waiting, digest_content
from prequal.core.form import Form
from prequal.core.lead import SHORT_ID
from prequal.core.mail import MailKind
from prequal.core.source import DIRECT, HIDDEN
from prequal.core.stages import Stage
from prequal.core.text import N_
from prequal.pages.labels import FIELDS, STAGES
from prequal.pages.shortfall import describe_result, explain_shortfall
from prequal.pages.templating import render
from prequal.pages.wording import catalogue, mail_placeholders
from prequal.pages.zone import Zone

# As many make it worthwhile to learn anew.
_ENOUGH_TO_LEARN = 12
_WHAT_TO_DO = {
    Waiting.UNDECIDED: N_("The call is over. How was it? Note won, lost, or that you made an offer."),
    Waiting.UNANSWERED: N_("The day to answer your offer has passed. Ask them, or note how it ended."),
    Waiting.ENDING: N_("They haven’t booked, and their link ends soon. Write to them before."),
    Waiting.HELD: N_("Their invitation waits for you. Invite them, or decline."),
    Waiting.UNDELIVERED: N_("The invitation didn’t reach them: the address may be mistyped. Try another way."),
    Waiting.MISSED: N_("They only just missed an invitation. If you’d like to talk to them, invite them."),
    Waiting.UNCONFIRMED: N_("Someone answered again in their name, and it may not be them. Look at what changed."),
}
_VISITS = {"seen": N_("Visits"), "begun": N_("Forms begun"), "sent": N_("Forms sent")}
_DAYS = {
    Waiting.UNDECIDED: N_("Call"),
    Waiting.UNANSWERED: N_("Answer due"),
    Waiting.ENDING: N_("Link’s last day"),
}
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
    """Return a digest as text for a terminal, where commands take the place of links."""
    language = form.default_language
    values = digest_values(digest_content(form, digest, ""), language, zone)
    return render(f"mail/{MailKind.DIGEST}.txt", lang=language, **values)


def digest_values(content: Mapping[str, Any], language: str, zone: Zone) -> Mapping[str, Any]:
    """Return the template values of a digest."""
    translate = catalogue(language).gettext
    return {
        "business": content["business"],
        "days": _days(content, language, zone),
        "uneventful": not (any(content["week"].values()) or any(map(any, content.get("visits", {}).values()))),
        "tables": [table for table in _tables(content, translate) if table["rows"]],
        "waiting": [
            {
                "what_to_do": translate(_WHAT_TO_DO[Waiting(group["reason"])]),
                "leads": [_lead(lead, Waiting(group["reason"]), language, zone) for lead in group["leads"]],
                "more": group["more"],
            }
            for group in content.get("waiting", ())  # a digest of an earlier version may still wait
        ],
        "outcomes": {
            form_id: number for form_id, number in content.get("outcomes", {}).items() if number >= _ENOUGH_TO_LEARN
        },
        "several_forms": _has_several_forms(content),
        "desk_url": content.get("desk_url", ""),
    }


def _lead(lead: Mapping[str, Any], reason: Waiting, language: str, zone: Zone) -> Mapping[str, Any]:
    translate, score, missed = catalogue(language).gettext, lead["score"], lead["missed"]
    day = zone.weekday(lead["day"], language) if lead["day"] else ""
    return {
        **lead,
        "short_id": lead["id"][:SHORT_ID],
        # A mailbox may have characters that mean something in an address of a page.
        "mailto": f"mailto:{quote(lead['email'], safe='@')}",
        "result": describe_result(score, language),
        "day": day and {"label": translate(_DAYS[reason]), "value": day},
        "missed": list(explain_shortfall(score, missed["shortfalls"], missed["qualify"], language)) if missed else [],
    }


def _tables(content: Mapping[str, Any], translate: Callable[[str], str]) -> Iterator[Mapping[str, Any]]:
    """Return tables whose rows are a name and its figures, the most important one first."""
    week, before = content["week"], content["before"]
    stages = [(translate(name), (week[stage], before[stage])) for stage, name in STAGES.items()]
    visits = content.get("visits", {})  # none in a digest of an earlier version
    if any(map(any, visits.values())):
        counted = [(translate(name), tuple(visits[stage])) for stage, name in _VISITS.items() if stage in visits]
        stages = counted + stages
    yield {
        "title": translate(N_("The week in figures")),
        "head": [translate(N_("Week")), translate(N_("Before"))],
        "rows": stages if any(counts[0] for _, counts in stages) else [],
    }
    yield from _stops(content, translate)
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
    forms = content["forms"] if _has_several_forms(content) else ()
    yield {
        "title": translate(N_("Which form they filled in")),
        "head": [translate(N_("Leads")), translate(N_("Qualified"))],
        "rows": [(form["name"], (form["received"], form["qualified"])) for form in forms],
    }
    yield {
        "title": translate(N_("What ruled them out")),
        "head": [],
        "rows": [(reason["name"], (reason["count"],)) for reason in content["ruled_out"]],
    }


def _stops(content: Mapping[str, Any], translate: Callable[[str], str]) -> Iterator[Mapping[str, Any]]:
    """Return a table for each form in use, of the fields at which visits ended."""
    for stops in content.get("stops", ()):  # none in a digest of an earlier version
        title, words = translate(N_("Where visitors stopped")), mail_placeholders(stops, stops["language"])
        if _has_several_forms(content):
            title = translate(N_("%(label)s: %(value)s")) % {"label": title, "value": stops["form"]}
        yield {
            "title": title,
            "head": [translate(N_("Stopped")), translate(N_("Came to it"))],
            "rows": [
                (words.fill(found["label"]) or translate(FIELDS[found["name"]]), (found["left"], found["reached"]))
                for found in stops["fields"]
            ],
        }


def _has_several_forms(content: Mapping[str, Any]) -> bool:
    return len(content.get("forms", ())) > 1


def _days(content: Mapping[str, Any], language: str, zone: Zone) -> str:
    """Return the seven days, from the first to the last."""
    # Digests of earlier versions have no `last_day`, and a week of UTC.
    known = content.get("last_day")
    last = date.fromisoformat(known) if known else (content["until"] - timedelta(seconds=1)).date()
    return zone.days(last - timedelta(days=6), last, language)
