"""Output of a rescoring, as text and as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from prequal.core.form import Grade
from prequal.core.lead import SHORT_ID, Lead
from prequal.owner.form_labels import FormLabels
from prequal.owner.rescoring.comparison import Comparison, NamedLeads, RescoringSummary
from prequal.owner.terminal import short_status
from prequal.pages.ansi import coloured, heading
from prequal.pages.labels import UNITS, count_leads

_Side = TypeVar("_Side")
GRADES = {grade: grade.value for grade in Grade}
VERDICTS = {True: "qualified", False: "not"}
_WIDTH = 10
_IDS = FormLabels()
_INDENT = " " * (SHORT_ID + 2)


def in_words(summary: RescoringSummary, *, applied: bool) -> Iterator[str]:
    """Return lines of text: the leads that move and why, the counts, and what is left to do."""
    for compared in summary.moving.first:
        yield from _moving(compared)
    if summary.moving.count:
        yield from (*_more(summary.moving), "")
    yield from (*_table(GRADES, summary.grades), "")
    yield from (*_table(VERDICTS, summary.verdicts), "")
    left_out = "".join(f", {count:,} {why} left out" for why, count in summary.left_out.items())
    move = "moves" if summary.moving.count == 1 else "move"
    yield f"{summary.moving.count:,} of {count_leads(summary.leads)} {move}{left_out}."
    yield from _causes(summary)
    yield from _gaps(summary)
    yield from _left_to_do(summary)
    yield ""
    if not summary.leads:
        yield f"No lead answered the form {summary.form.id}."
    elif not summary.changed:
        yield f"Every lead has its score of version {summary.form.version} already."
    elif applied:
        yield f"Wrote the new scores of {count_leads(summary.changed)}. Nobody was mailed."
    else:
        scores = f"the new scores of {count_leads(summary.changed)}"
        yield f"Nothing is changed. --apply would write {scores}, and mail nobody."


def comparison_as_json(compared: Comparison) -> dict[str, Any]:
    """Return a lead with its scores before and after, and the reasons."""
    lead = compared.after
    return {
        **{name: getattr(lead, name) for name in ("id", "name", "email", "status")},
        "before": _score(compared.before),
        "after": _score(compared.after),
        **{name: getattr(compared, name) for name in ("moves", "to_invite", "in_doubt")},
        "differences": [asdict(difference) for difference in compared.differences],
        "ruled_out": list(compared.newly_ruled_out),
        "no_longer_ruled_out": list(compared.no_longer_ruled_out),
    }


def summary_as_json(summary: RescoringSummary, *, applied: bool) -> dict[str, Any]:
    """Return the counts."""
    return {
        "form_version": summary.form.version,
        "leads": summary.leads,
        "left_out": dict(summary.left_out),
        "changed": summary.changed,
        "applied": applied,
        "moving": summary.moving.count,
        "grades": _nested(GRADES, summary.grades),
        "verdicts": _nested(VERDICTS, summary.verdicts),
        "raised": dict(summary.raised),
        "lowered": dict(summary.lowered),
        "ruled_out": summary.ruled_out,
        "limits": summary.limits,
        **{name: dict(getattr(summary, name)) for name in ("unanswered", "not_offered", "not_asked")},
        "to_invite": summary.to_invite.count,
        "in_doubt": summary.in_doubt.count,
    }


def _moving(compared: Comparison) -> Iterator[str]:
    lead, before, after = compared.after, compared.before.score, compared.after.score
    verdict = ""
    if before.qualified is not after.qualified:
        verdict = ", now qualified" if after.qualified else ", no longer qualified"
    yield (
        f"{lead.id[:SHORT_ID]}  {lead.name} <{lead.email}>: {coloured(before.grade, before.grade)} {before.total} → "
        f"{coloured(after.grade, after.grade)} {after.total}{verdict}"
    )
    reasons = [
        *(
            f"{each.question}: {_IDS.answer(each.question, each.answer)} {each.before} → {each.after}"
            for each in compared.differences
        ),
        *(f"ruled out now: {reason}" for reason in compared.newly_ruled_out),
        *(f"no longer ruled out: {reason}" for reason in compared.no_longer_ruled_out),
    ]
    for reason in reasons or ["the same total, under other limits"]:
        yield f"{_INDENT}{reason}"


def _table(names: Mapping[_Side, str], counts: Mapping[tuple[_Side, _Side], int]) -> Iterator[str]:
    yield heading(f"{'before ↓ now →':<14}" + "".join(f"{name:>{_WIDTH}}" for name in names.values()))
    for before, name in names.items():
        yield f"  {name:<12}" + "".join(f"{counts.get((before, after), 0):>{_WIDTH},}" for after in names)


def _causes(summary: RescoringSummary) -> Iterator[str]:
    """Return the causes of moves, the most frequent first; one lead may have several."""
    if summary.moving.count:
        yield heading("What made the difference, for how many of them:")
    both, unit = summary.raised + summary.lowered, UNITS[summary.form.scoring.method]
    width = max(map(len, ("ruling out", *both)))
    for question, count in both.most_common():
        parts = ((summary.raised[question], f"more {unit}"), (summary.lowered[question], "fewer"))
        shown = ", ".join(f"{part:,} {words}" for part, words in parts if part)
        yield f"  {question:<{width}}{count:>{_WIDTH},}  ({shown})"
    for name, count in (("ruling out", summary.ruled_out), ("limits", summary.limits)):
        if count:
            yield f"  {name:<{width}}{count:>{_WIDTH},}"


def _gaps(summary: RescoringSummary) -> Iterator[str]:
    for counts, words in (
        (summary.unanswered, "not answered {}, which this form requires"),
        (summary.not_offered, "given an answer to {} that this form doesn't offer"),
        (summary.not_asked, "answered {}, which this form doesn't ask"),
    ):
        for question, count in counts.items():
            has = "has" if count == 1 else "have"
            yield f"{count_leads(count)} {has} {words.format(question)}: it adds nothing."


def _left_to_do(summary: RescoringSummary) -> Iterator[str]:
    for named, words, command in (
        (
            summary.to_invite,
            "qualified under this form, and never invited. To invite one:",
            ["  prequal leads invite ID --reason 'Our rules have changed'"],
        ),
        (summary.in_doubt, "invited, and not qualified under this form. Nothing is withdrawn:", []),
    ):
        if named.count:
            yield ""
            yield f"{count_leads(named.count)} {'is' if named.count == 1 else 'are'} {words}"
            yield from command
            for compared in named.first:
                lead, score = compared.after, compared.after.score
                grade = coloured(score.grade, score.grade)
                yield f"  {lead.id}  {lead.name} <{lead.email}>, {short_status(lead)}, {grade} {score.total}"
            yield from _more(named)


def _more(named: NamedLeads) -> Iterator[str]:
    if named.count > len(named.first):
        yield f"… and {count_leads(named.count - len(named.first))} more: --json names them all."


def _score(lead: Lead) -> dict[str, Any]:
    score = lead.score
    return {"form_version": lead.form_version} | {
        name: getattr(score, name) for name in ("total", "grade", "qualified")
    }


def _nested(names: Mapping[_Side, str], counts: Mapping[tuple[_Side, _Side], int]) -> dict[str, dict[str, int]]:
    return {
        name: {other: counts.get((before, after), 0) for after, other in names.items()}
        for before, name in names.items()
    }
