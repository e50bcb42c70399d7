"""The words of the brief: what the owner should know of a qualified lead before the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from urllib.parse import quote, urlsplit

from prequal.core.form import Form
from prequal.core.lead import Lead, Status
from prequal.core.scoring import Score
from prequal.core.text import N_
from prequal.pages.catalogues import catalogue
from prequal.pages.labels import GRADES, HANDFUL
from prequal.pages.wording import date, filled, in_words, language_name, moment, placeholders

# How the last time ended, where they were invited.
_ENDED = {
    Status.INVITED: N_("did not book"),
    Status.OPENED: N_("did not book"),
    Status.EXPIRED: N_("did not book"),
    Status.WON: N_("won"),
    Status.LOST: N_("lost"),
}

# A mail domain of these says nothing about a firm.
_MAIL_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com icloud.com me.com yahoo.com proton.me protonmail.com
    gmx.com gmx.net aol.com hotmail.fr live.fr outlook.fr yahoo.fr orange.fr free.fr laposte.net wanadoo.fr sfr.fr
    hotmail.nl live.nl outlook.nl ziggo.nl kpnmail.nl planet.nl hotmail.be telenet.be skynet.be mail.ru yandex.ru ya.ru
    rambler.ru bk.ru list.ru wp.pl o2.pl onet.pl interia.pl op.pl
    """.split()  # noqa: SIM905, a list of fifty names is read more easily so
)


def subject(lead: Lead, language: str) -> str:
    """Return the brief's subject: it also reads well as an entry in a calendar."""
    translate = catalogue(language).gettext
    return translate(N_("Call: %(who)s · %(grade)s %(total)d/%(max)d")) % {
        "who": ", ".join(filter(None, (lead.name, lead.company))),
        "grade": translate(GRADES[lead.score.grade]),
        "total": lead.score.total,
        "max": lead.score.max,
    }


def values(form: Form, suggestions: Sequence[str], lead: Lead, before: Lead | None) -> Mapping[str, object]:
    """Return what the brief's templates fill in, in the form's first language.

    `before` is the lead as the attempt before this one left it; `suggestions` are what could be asked besides.
    """
    language = form.default_language
    translate = catalogue(language).gettext
    return {
        "lead": {
            "id": lead.id,
            "name": lead.name,
            "email": lead.email,
            "company": lead.company,
            "website": lead.website,
            "language": language_name(lead.language, language),
            "received_at": moment(lead.updated_at, language),
            "attempts": lead.attempts,
            "source": [{"label": name, "value": value} for name, value in asdict(lead.source).items() if value],
        },
        "score": {
            **_result(lead.score, translate),
            "fit": lead.score.fit,
            "intent": lead.score.intent,
            "reasons": list(_reasons(form, lead, language)),
            "minimums": [{"axis": axis, "minimum": points} for axis, points in form.scoring.minimum.items()],
        },
        "last_time": _last_time(before, language) if before else None,
        "changes": list(_changes(form, before, lead, language)) if before else [],
        "ask": list(_ask(form, suggestions, lead, language))[:HANDFUL],
        "look_up": list(_look_up(lead, translate)),
    }


def _result(score: Score, translate: Callable[[str], str]) -> dict[str, object]:
    return {"grade": translate(GRADES[score.grade]), "total": score.total, "max": score.max}


def _reasons(form: Form, lead: Lead, language: str) -> Iterator[dict[str, object]]:
    points = {reason.question: reason.points for reason in lead.score.reasons}
    words = placeholders(form, language)
    for question in form.questions:
        yield {
            "question": filled(question.label[language], words),
            "answer": filled(in_words(question, lead.answers.get(question.id), language), words),
            "points": points.get(question.id),
        }


def _last_time(before: Lead, language: str) -> dict[str, object]:
    translate = catalogue(language).gettext
    ended = [translate(_ENDED[before.status])] if before.status in _ENDED else before.score.ruled_out
    return {
        **_result(before.score, translate),
        "on": date(before.answered_at or before.updated_at, language),
        "ended": ", ".join(ended),
    }


def _changes(form: Form, before: Lead, after: Lead, language: str) -> Iterator[dict[str, str]]:
    translate = catalogue(language).gettext
    for label, earlier, later in (
        (N_("Name"), before.name, after.name),
        (N_("Company"), before.company, after.company),
        (N_("Website"), before.website, after.website),
    ):
        if earlier != later:
            yield {"question": translate(label), "before": earlier, "after": later}
    words = placeholders(form, language)
    for question in form.questions:
        answers = before.answers.get(question.id), after.answers.get(question.id)
        if answers[0] != answers[1]:
            said = [filled(in_words(question, answer, language), words) for answer in answers]
            yield {"question": filled(question.label[language], words), "before": said[0], "after": said[1]}


def _ask(form: Form, suggestions: Sequence[str], lead: Lead, language: str) -> Iterator[str]:
    words = placeholders(form, language)
    for question in form.questions:
        if question.id not in lead.answers:
            yield filled(question.label[language], words)
    yield from filled(list(suggestions), words)


def _look_up(lead: Lead, translate: Callable[[str], str]) -> Iterator[dict[str, str]]:
    if lead.website:
        yield {"label": translate(N_("Their website")), "href": lead.website, "shown": _shown(lead.website)}
    domain = lead.email.rpartition("@")[2]
    host = urlsplit(lead.website).hostname or ""
    if domain not in _MAIL_PROVIDERS and host != domain and not host.endswith(f".{domain}"):
        href = f"https://{domain}"
        yield {"label": translate(N_("The site behind their address")), "href": href, "shown": domain}
    who = quote(" ".join(filter(None, (lead.name, lead.company))))
    for label, href in (
        (N_("Their name on the web"), f"https://duckduckgo.com/?q={who}"),
        (N_("Their name on LinkedIn"), f"https://www.linkedin.com/search/results/all/?keywords={who}"),
    ):
        yield {"label": translate(label), "href": href, "shown": ""}


def _shown(address: str) -> str:
    """Return an address as people write it."""
    return address.partition("://")[2].removeprefix("www.").rstrip("/")
