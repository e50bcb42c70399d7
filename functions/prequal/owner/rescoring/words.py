"""A rescoring in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from prequal.core.form import Grade
from prequal.core.lead import SHORT_ID, Lead
from prequal.owner.desk import coloured
from prequal.owner.rescoring.comparison import Comparison
from prequal.owner.rescoring.tally import Named, Tally
from prequal.owner.showing import Words

_Side = TypeVar("_Side")
GRADES = {grade: grade.value for grade in Grade}
VERDICTS = {True: "qualified", False: "not"}
_WIDTH = 10
_BY_ID = Words()
_INDENT = " " * (SHORT_ID + 2)


def in_words(tally: Tally, *, applied: bool) -> Iterator[str]:
    """Say, line by line, who moves and why, how many, and what is left to do."""
    for compared in tally.moving.first:
        yield from _moving(compared)
    if tally.moving.count:
        yield from (*_more(tally.moving), "")
    yield from (*_table(GRADES, tally.grades), "")
    yield from (*_table(VERDICTS, tally.verdicts), "")
    left_out = "".join(f", {count:,} {why} left out" for why, count in tally.left_out.items())
    yield f"{tally.moving.count:,} of {leads(tally.leads)} move{left_out}."
    yield from _why(tally)
    yield from tally.gaps.in_words()
    yield from _left_to_do(tally)
    yield ""
    if not tally.leads:
        yield f"No lead answered the form {tally.form.id}."
    elif not tally.changed:
        yield f"Every lead has its score of version {tally.form.version} already."
    elif applied:
        yield f"Wrote the new scores of {leads(tally.changed)}. Nobody was mailed."
    else:
        yield f"Nothing is changed. --apply would write the new scores of {leads(tally.changed)}, and mail nobody."


def comparison_as_json(compared: Comparison) -> dict[str, Any]:
    """Return a lead for other programs: how it was scored, how it is now, and why."""
    lead = compared.after
    return {
        **{name: getattr(lead, name) for name in ("id", "name", "email", "status")},
        "before": _score(compared.before),
        "after": _score(compared.after),
        "moves": compared.moves,
        "to_invite": compared.waits_for_invitation,
        "in_doubt": compared.invited_in_doubt,
        "differences": [asdict(difference) for difference in compared.differences],
        "ruled_out": list(compared.newly_ruled_out),
        "no_longer_ruled_out": list(compared.no_longer_ruled_out),
    }


def tally_as_json(tally: Tally, *, applied: bool) -> dict[str, Any]:
    """Return the counts for other programs."""
    return {
        "form_version": tally.form.version,
        "leads": tally.leads,
        "left_out": dict(tally.left_out),
        "changed": tally.changed,
        "applied": applied,
        "moving": tally.moving.count,
        "grades": _nested(GRADES, tally.grades),
        "verdicts": _nested(VERDICTS, tally.verdicts),
        "raised": dict(tally.raised),
        "lowered": dict(tally.lowered),
        "ruled_out": tally.ruled_out,
        "limits": tally.limits,
        "unanswered": dict(tally.gaps.unanswered),
        "not_offered": dict(tally.gaps.not_offered),
        "not_asked": dict(tally.gaps.not_asked),
        "to_invite": tally.to_invite.count,
        "in_doubt": tally.in_doubt.count,
    }


def leads(count: int) -> str:
    """Count leads in words."""
    return "1 lead" if count == 1 else f"{count:,} leads"


def _leads_are(count: int) -> str:
    return f"{leads(count)} {'is' if count == 1 else 'are'}"


def _moving(compared: Comparison) -> Iterator[str]:
    lead, before, after = compared.after, compared.before.score, compared.after.score
    verdict = ""
    if before.qualified is not after.qualified:
        verdict = ", now qualified" if after.qualified else ", no longer qualified"
    yield (
        f"{lead.id[:SHORT_ID]}  {_who(lead)}: {coloured(before.grade, before.grade)} {before.total} → "
        f"{coloured(after.grade, after.grade)} {after.total}{verdict}"
    )
    reasons = [
        *(
            f"{each.question}: {_BY_ID.answer(each.question, each.answer)} {each.before} → {each.after}"
            for each in compared.differences
        ),
        *(f"ruled out now: {reason}" for reason in compared.newly_ruled_out),
        *(f"no longer ruled out: {reason}" for reason in compared.no_longer_ruled_out),
    ]
    for reason in reasons or ["the same points, under other limits"]:
        yield f"{_INDENT}{reason}"


def _table(names: Mapping[_Side, str], counts: Mapping[tuple[_Side, _Side], int]) -> Iterator[str]:
    yield f"{'before ↓ now →':<14}" + "".join(f"{name:>{_WIDTH}}" for name in names.values())
    for before, name in names.items():
        yield f"  {name:<12}" + "".join(f"{counts.get((before, after), 0):>{_WIDTH},}" for after in names)


def _why(tally: Tally) -> Iterator[str]:
    """Say what made the difference, most first; several things may, for one lead."""
    if tally.moving.count:
        yield "What made the difference, for how many of them:"
    both = tally.raised + tally.lowered
    width = max(map(len, ("ruling out", *both)))
    for question, count in both.most_common():
        parts = ((tally.raised[question], "more points"), (tally.lowered[question], "fewer"))
        shown = ", ".join(f"{part:,} {words}" for part, words in parts if part)
        yield f"  {question:<{width}}{count:>{_WIDTH},}  ({shown})"
    for name, count in (("ruling out", tally.ruled_out), ("limits", tally.limits)):
        if count:
            yield f"  {name:<{width}}{count:>{_WIDTH},}"


def _left_to_do(tally: Tally) -> Iterator[str]:
    if tally.to_invite.count:
        yield ""
        yield f"{_leads_are(tally.to_invite.count)} qualified under this form, and never invited. To invite one:"
        yield "  prequal leads invite ID --reason 'Our rules have changed'"
        yield from _named(tally.to_invite)
    if tally.in_doubt.count:
        yield ""
        yield f"{_leads_are(tally.in_doubt.count)} invited, and not qualified under this form. Nothing is withdrawn:"
        yield from _named(tally.in_doubt)


def _named(named: Named) -> Iterator[str]:
    for compared in named.first:
        lead, score = compared.after, compared.after.score
        yield f"  {lead.id}  {_who(lead)}, {lead.status}, {coloured(score.grade, score.grade)} {score.total}"
    yield from _more(named)


def _more(named: Named) -> Iterator[str]:
    if named.count > len(named.first):
        yield f"… and {leads(named.count - len(named.first))} more: --json names them all."


def _who(lead: Lead) -> str:
    return f"{lead.name} <{lead.email}>"


def _score(lead: Lead) -> dict[str, Any]:
    score = lead.score
    return {
        "form_version": lead.form_version,
        "total": score.total,
        "grade": score.grade.value,
        "qualified": score.qualified,
    }


def _nested(names: Mapping[_Side, str], counts: Mapping[tuple[_Side, _Side], int]) -> dict[str, dict[str, int]]:
    return {
        name: {other: counts.get((before, after), 0) for after, other in names.items()}
        for before, name in names.items()
    }
