"""The whole calibration: from past clients to points, their thresholds and a verdict."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from prequal.calibration import ridge
from prequal.calibration.clients import Clients
from prequal.calibration.grades import with_points, with_thresholds
from prequal.calibration.learner import Scorecard, learn
from prequal.calibration.validation import CrossValidation, cross_validate
from prequal.calibration.verdict import Verdict, find_suspicions, judge, mostly_unread, tell_unread, too_few
from prequal.core.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """The result of learning from enough clients of both outcomes."""

    validation: CrossValidation
    suspicions: Sequence[str]
    #: The form with the new points, and with new thresholds if `graded`.
    form: Form
    #: Whether there are enough different totals for three grades.
    graded: bool
    #: Gives the chances among the owner's prospects, of whom the share `true_rate` is good.
    scorecard: Scorecard
    #: The questions that were not kept.
    dropped: Collection[str]
    #: None: as in the table.
    true_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The whole result."""

    form: Form
    clients: Clients
    verdict: Verdict
    #: The meaning of the verdict for the owner.
    explanation: str
    #: None if there are too few clients.
    learning: Learning | None = None


def calibrate(
    form: Form, clients: Clients, *, max_questions: int | None = None, true_rate: float | None = None
) -> Calibration:
    """Learn points from past clients, unless these are too few.

    The form's present points are the prior opinion. Only the `max_questions` most predictive questions are kept.
    `true_rate` is the share of good ones among all prospects, if the table has another or only good ones.
    """
    persons = clients.group_counts
    refusal = (
        too_few(*persons, unlabelled=clients.unlabelled)
        or ("" if clients.blocks else too_few(0, 0))
        or mostly_unread(clients)
    )
    if refusal:
        explanation = f"Not calibrated. {refusal}{tell_unread(clients)}"
        return Calibration(form=form, clients=clients, verdict=Verdict.NOT_CALIBRATED, explanation=explanation)
    scorecard = learn(clients.blocks, clients.good, max_questions)
    validation = cross_validate(clients, max_questions, true_rate)
    suspicions = find_suspicions(validation)
    verdict, explanation = judge(validation, clients, suspicions, true_rate)
    # Prior correction for a population with another base rate (King & Zeng 2001).
    shift = 0.0 if true_rate is None else ridge.logit(true_rate) - ridge.logit(float(clients.good.mean()))
    pointed = with_points(form, clients, scorecard)
    graded = with_thresholds(pointed, form, clients)
    return Calibration(
        form=form,
        clients=clients,
        verdict=verdict,
        explanation=explanation + tell_unread(clients),
        learning=Learning(
            validation=validation,
            suspicions=suspicions,
            form=graded or pointed,
            graded=graded is not None,
            scorecard=replace(scorecard, intercept=scorecard.intercept + shift),
            dropped={block.question.id for block in clients.blocks} - scorecard.points.keys(),
            true_rate=true_rate,
        ),
    )
