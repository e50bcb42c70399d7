"""Briefs: subjects and template values. One prepares the owner for the call, or says why there is none.

The debrief is the question, after the call, how it went.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from prequal.core.addresses import phone_link, web_link
from prequal.core.form import Grade
from prequal.core.lead import Status
from prequal.core.mailbox import LARGE_PROVIDERS
from prequal.core.text import N_
from prequal.pages.labels import FIELDS, GRADES, HANDFUL
from prequal.pages.shortfall import counts_points, describe_result, explain_shortfall
from prequal.pages.wording import Placeholders, catalogue, filled, language_name, mail_placeholders
from prequal.pages.zone import Zone

# End of the last round, where they were invited.
_ENDED = {
    Status.INVITED: N_("did not book"),
    Status.OPENED: N_("did not book"),
    Status.EXPIRED: N_("did not book"),
    Status.WON: N_("won"),
    Status.LOST: N_("lost"),
}


def brief_subject(content: Mapping[str, Any], language: str, zone: Zone) -> str:
    """Return the brief's subject, which also reads well as a calendar entry."""
    translate = catalogue(language).gettext
    if starts_at := content.get("starts_at"):
        subject = N_("Call at %(time)s: %(who)s · %(grade)s %(total)d/%(max)d")
    elif _is_invited(content):
        subject = N_("Call: %(who)s · %(grade)s %(total)d/%(max)d")
    else:
        subject = N_("Not invited: %(who)s · %(grade)s %(total)d/%(max)d")
    time = zone.time(starts_at, language) if starts_at else ""
    return translate(subject) % {"time": time, "who": _who(content), **_result(content["score"], translate)}


def debrief_subject(content: Mapping[str, Any], language: str) -> str:
    """Return the subject of the question how a call went."""
    return catalogue(language).gettext(N_("How was the call with %(who)s?")) % {"who": _who(content)}


def debrief_values(content: Mapping[str, Any], language: str, zone: Zone) -> Mapping[str, Any]:
    """Return the template values of the question how a call went."""
    return {
        "title": debrief_subject(content, language),
        "starts_at": zone.minute(content["starts_at"], language),
        "desk_page": content["desk_page"],
    }


def brief_values(content: Mapping[str, Any], language: str, zone: Zone) -> Mapping[str, Any]:
    """Return the template values of a brief."""
    translate = catalogue(language).gettext
    words = mail_placeholders(content, language)
    questions = [{**question, "label": filled(question["label"], words)} for question in content["questions"]]
    for question in questions:
        question["answer"], question["before"] = filled([question["answer"], question["before"]], words)
    before, score = content["before"], content["score"]
    phone = content.get("phone", "")  # which older mails lack
    unanswered = [question["label"] for question in questions if not question["answer"]]
    return {
        "lead": {
            **{name: content[name] for name in ("name", "email", "company", "website", "attempts")},
            "id": content["lead_id"],
            "phone": phone,
            "phone_link": phone_link(phone),
            "language": language_name(content["language"], language),
            "received_at": zone.minute(content["received_at"], language),
            "source": [{"label": name, "value": value} for name, value in content["source"].items()],
        },
        "starts_at": zone.minute(starts_at, language) if (starts_at := content.get("starts_at")) else "",
        "notes": content.get("notes", []),
        "is_invited": _is_invited(content),
        "missed": list(_missed(content, language)),
        "desk_page": _desk_page(content),
        "unconfirmed": content.get("unconfirmed", False),
        "held": content.get("held", False),
        "score": {
            "result": describe_result(score, language),
            "by_points": counts_points(score),
            "total": score["total"],
            "fit": score["fit"],
            "intent": score["intent"],
            "reasons": [
                {
                    "question": question["label"],
                    "answer": question["answer"],
                    "points": question["points"],
                    "reaction": _reaction(question, words, translate),
                }
                for question in questions
            ],
            "minimums": [{"axis": axis, "minimum": points} for axis, points in content["minimums"].items()],
        },
        "last_time": _last_time(before, language, zone) if before else None,
        "changes": list(_changes(before, content, questions, translate)) if before else [],
        "ask": [*unanswered, *filled(content["suggestions"], words)][:HANDFUL] if _is_invited(content) else [],
        "look_up": list(_look_up(content, translate)),
    }


def _who(content: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (content["name"], content["company"])))


def _missed(content: Mapping[str, Any], language: str) -> Iterator[str]:
    """Yield the reasons why a lead was not invited; none for one that was."""
    if missed := content.get("missed"):
        yield from explain_shortfall(content["score"], missed["shortfalls"], missed["qualify"], language)


def _desk_page(content: Mapping[str, Any]) -> str:
    """Return the address of the lead's page at the desk, or of its form to invite; empty in older mails."""
    page: str = content.get("desk_page", "")
    return page if not page or _is_invited(content) else f"{page}#invite"


def _is_invited(content: Mapping[str, Any]) -> bool:
    """Return whether the lead was invited, or stays as it was; older mails are on such leads, unless they were held."""
    return not (content.get("missed") or content.get("held"))


def _result(score: Mapping[str, Any], translate: Callable[[str], str]) -> dict[str, Any]:
    return {"grade": translate(GRADES[Grade(score["grade"])]), "total": score["total"], "max": score["max"]}


def _reaction(question: Mapping[str, Any], words: Placeholders, translate: Callable[[str], str]) -> str:
    """Return the answers before and after the page revealed a text; empty if none was, and in older mails."""
    reaction = question.get("reaction")
    if reaction is None:
        return ""
    if reaction["stayed"]:
        return translate(N_("Stayed with it after the text was shown"))
    values = {"before": filled(reaction["before"], words), "after": question["answer"]}
    return translate(N_("%(before)s → %(after)s (after the text was shown)")) % values


def _last_time(before: Mapping[str, Any], language: str, zone: Zone) -> dict[str, Any]:
    translate = catalogue(language).gettext
    ended = _ENDED.get(Status(before["status"]))
    return {
        "result": describe_result(before["score"], language),
        "on": zone.long_day(before["answered_at"], language),
        "ended": translate(ended) if ended else ", ".join(before["score"]["ruled_out"]),
    }


def _changes(
    before: Mapping[str, Any],
    content: Mapping[str, Any],
    questions: Sequence[Mapping[str, Any]],
    translate: Callable[[str], str],
) -> Iterator[dict[str, str]]:
    for name in ("name", "phone", "company", "website"):
        was, now = before.get(name, ""), content.get(name, "")
        if was != now:
            yield {"question": translate(FIELDS[name]), "before": was, "after": now}
    for question in questions:
        if question["changed"]:
            yield {"question": question["label"], "before": question["before"], "after": question["answer"]}


def _look_up(content: Mapping[str, Any], translate: Callable[[str], str]) -> Iterator[dict[str, str]]:
    website = web_link(content["website"])
    if website:
        shown = website.partition("://")[2].removeprefix("www.").rstrip("/")  # as people write it
        yield {"label": translate(N_("Their website")), "href": website, "shown": shown}
    domain = content["email"].rpartition("@")[2]
    host = urlsplit(website or "").hostname or ""
    if domain not in LARGE_PROVIDERS and host != domain and not host.endswith(f".{domain}"):
        href = f"https://{domain}"
        yield {"label": translate(N_("The site behind their address")), "href": href, "shown": domain}
    who = quote(" ".join(filter(None, (content["name"], content["company"]))))
    for label, href in (
        (N_("Their name on the web"), f"https://duckduckgo.com/?q={who}"),
        (N_("Their name on LinkedIn"), f"https://www.linkedin.com/search/results/all/?keywords={who}"),
    ):
        yield {"label": translate(label), "href": href, "shown": ""}
