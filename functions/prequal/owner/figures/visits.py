"""Figures of the visits of the page: how far they came, and what each question loses and decides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date

from prequal.analysis.decisions import decided_share
from prequal.analysis.intervals import Share
from prequal.analysis.outcomes import outcomes_of
from prequal.core.form import Axis, Form, Grade, Question
from prequal.core.lead import Lead
from prequal.core.scoring import chosen, make_grader
from prequal.core.stages import Stage
from prequal.core.visits import OTHER_SOURCES, Funnel, VisitCounts, field_losses
from prequal.owner.figures.model import OTHERS, FieldCost, LeadCounts, Passage, VisitFigures
from prequal.owner.form_labels import FormLabels


@dataclass(slots=True, kw_only=True)
class _Version:
    """Sums of one version of a form, and of the leads since its visits are counted."""

    form_id: str
    first_day: str
    last_day: str
    funnels: defaultdict[str, Funnel] = field(default_factory=lambda: defaultdict(Funnel))
    leads: defaultdict[str, LeadCounts] = field(default_factory=lambda: defaultdict(LeadCounts))
    verdicts: Verdicts | None


class Verdicts:
    """Verdicts of the leads of one version of a form, and the part of them that each question decides."""

    def __init__(self, form: Form) -> None:
        self._questions = [question for question in form.questions if question.axis]
        self._form, self._number = form, 0
        # By question: subtotals without it, whether other answers rule out, and whether the lead qualified.
        self._without: dict[str, Counter[tuple[int, int, bool, bool]]] = {each.id: Counter() for each in form.questions}

    def add(self, lead: Lead) -> None:
        """Count a lead."""
        score, self._number = lead.score, self._number + 1
        points = {reason.question: reason.points for reason in score.reasons}
        out = {each.id for each in self._questions if each.id in points and _rules_out(each, lead)}
        for question in self._questions:
            if question.id in points:  # it was asked
                fit, intent = _add(question, score.fit, score.intent, -points[question.id])
                self._without[question.id][fit, intent, bool(out - {question.id}), score.qualified] += 1

    def decided_by(self, question: Question) -> Share:
        """Return the share of the leads whose verdict would be another without a question.

        Everybody would then have the same answer to it, the one by which the fewest verdicts differ.
        """
        grader, without = make_grader(self._form.scoring), self._without[question.id]
        outcomes = outcomes_of(question, self._form.scoring.method) if question.axis else {(0, False): 1}
        constants = {points for points, out in outcomes if not out} or {0}
        return Share(
            min(
                sum(
                    count
                    for (fit, intent, out, qualified), count in without.items()
                    if grader(*_add(question, fit, intent, constant), out)[1] != qualified
                )
                for constant in constants
            ),
            self._number,
        )


class VisitTally:
    """Counts of visits, to which leads of the same time are added."""

    def __init__(self, visits: Iterable[VisitCounts], forms: Mapping[str, Form]) -> None:
        self._forms = forms
        self._versions: dict[str, _Version] = {}
        for counts in visits:
            form = forms.get(counts.form_version)
            version = self._versions.setdefault(
                counts.form_version,
                _Version(
                    form_id=counts.form_id,
                    first_day=counts.day,
                    last_day=counts.day,
                    verdicts=Verdicts(form) if form else None,
                ),
            )
            version.first_day = min(version.first_day, counts.day)
            version.last_day = max(version.last_day, counts.day)
            version.funnels[counts.source].add(counts.counts)

    def add(self, lead: Lead, key: tuple[Stage, Grade]) -> None:
        """Count a lead by its stage and grade, if it came while visits of its version were counted."""
        version = self._versions.get(lead.form_version)
        if version and lead.received_at.astimezone(UTC).date().isoformat() >= version.first_day:
            source = lead.source.source if lead.source.source in version.funnels else OTHER_SOURCES
            version.leads[source].counts[key] += 1
            if version.verdicts:
                version.verdicts.add(lead)

    def figures(self) -> Sequence[VisitFigures]:
        """Return the figures of each version, the latest of a form first."""
        latest_first = sorted(
            self._versions.items(), key=lambda item: (item[1].last_day, item[1].first_day), reverse=True
        )
        return [self._figures_of(name, version) for name, version in latest_first]

    def _figures_of(self, name: str, version: _Version) -> VisitFigures:
        together, form = Funnel(), self._forms.get(name)
        for funnel in version.funnels.values():
            together.add(funnel.counts)
        sources = {source: _passage(funnel, version.leads[source]) for source, funnel in version.funnels.items()}
        others = sources.pop(OTHER_SOURCES, None)
        named = dict(sorted(sources.items(), key=lambda item: -item[1].seen))
        return VisitFigures(
            form_id=version.form_id,
            version=name,
            since=date.fromisoformat(version.first_day),
            all=_passage(together, sum(version.leads.values(), LeadCounts())),
            fields=_costs(form, together, version.verdicts) if form and version.verdicts else [],
            sources={**named, OTHERS: others} if others else named,
            paces=together.paces,
        )


def _passage(funnel: Funnel, leads: LeadCounts) -> Passage:
    return Passage(seen=funnel.reached(0), begun=funnel.reached(1), sent=funnel.sent, leads=leads)


def _costs(form: Form, funnel: Funnel, verdicts: Verdicts) -> Sequence[FieldCost]:
    labels = FormLabels(form)
    costs = []
    for name, left, reached in field_losses(form, funnel):
        question = form.question(name)
        decided = decided_share(form, question) if question else None
        costs.append(
            FieldCost(
                name=labels.question(name) if question else name.capitalize(),
                is_question=question is not None,
                lost=Share(left, reached),
                decided=verdicts.decided_by(question) if question else None,
                decided_of_all=None if decided is None else float(decided),
            )
        )
    return costs


def _rules_out(question: Question, lead: Lead) -> bool:
    return any(choice.rules_out is not None for choice in chosen(question, lead.answers.get(question.id)))


def _add(question: Question, fit: int, intent: int, points: int) -> tuple[int, int]:
    return (fit + points, intent) if question.axis is Axis.FIT else (fit, intent + points)
