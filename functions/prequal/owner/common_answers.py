"""Comparison of good clients in words: for the report, the desk and a terminal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prequal.analysis.common_answers import FEWEST_GOOD, CommonAnswer, CommonAnswers, Standing
from prequal.analysis.intervals import ALPHA, FEW, Share
from prequal.core.text import counted
from prequal.owner.form_labels import FormLabels
from prequal.pages.ansi import heading

TITLE = "What good clients have in common"
HEADS = {
    Standing.MORE: "Said more often than by everybody",
    Standing.LESS: "Said less often than by everybody",
    Standing.SHARED: "Said by everybody too",
    Standing.NEVER: "Never said by a good client: they are too few to conclude anything",
    Standing.UNCLEAR: "Nothing to tell yet",
}
"""The groups of answers, in the order in which they are shown."""


def group(common: CommonAnswers, standing: Standing) -> Sequence[tuple[str, Share, Share, str]]:
    """Return each answer of a group with its share among good clients, that among everybody, and how sure it is."""
    labels = FormLabels(common.form)
    return [
        (f"{labels.question(each.question.id)} {_quoted(each, labels)}", each.good, each.everybody, _sureness(each))
        for each in common.of(standing)
    ]


def unclear(common: CommonAnswers) -> Mapping[str, str]:
    """Return the answers that tell nothing yet, by question."""
    labels = FormLabels(common.form)
    choices: defaultdict[str, list[str]] = defaultdict(list)
    for each in common.of(Standing.UNCLEAR):
        choices[labels.question(each.question.id)].append(_quoted(each, labels))
    return {question: ", ".join(quoted) for question, quoted in choices.items()}


def comparability(common: CommonAnswers) -> str:
    """Return a sentence on the reliability of the comparison, or on the number of people that it takes."""
    if not common.answers:
        return (
            f"{counted(common.good, 'good client')} beside {counted(common.others, 'other')} are too few to compare: "
            f"it takes {FEWEST_GOOD} and {FEW}."
        )
    words = "Don’t rule anybody out because of this: the next good client may answer otherwise."
    chance = round(len(common.answers) * ALPHA)
    if chance and (common.of(Standing.MORE) or common.of(Standing.LESS)):
        seem = f"about {chance} of these {len(common.answers)} answers would seem probable by chance alone"
        return f"Sure differences are more than chance explains; {seem}. {words}"
    return words


def as_text(common: CommonAnswers) -> Iterator[str]:
    """Yield the lines of the comparison for a terminal."""
    yield heading(f"{TITLE}: {counted(common.good, 'good client')} beside {counted(common.others, 'other')}")
    width = max((len(str(each.good)) for each in common.answers), default=0)
    for standing, head in HEADS.items():
        rows = group(common, standing) if standing is not Standing.UNCLEAR else []
        if rows:
            yield f"{head}:"
        for name, good, everybody, sure in rows:
            yield f"  {good!s:>{width}}, everybody {everybody.value:>4.0%}  {f'{sure}  ' if sure else ''}{name}"
    if told := unclear(common):
        yield f"{HEADS[Standing.UNCLEAR]}:"
        yield from (f"  {question} {answers}" for question, answers in told.items())
    yield comparability(common)


def _quoted(each: CommonAnswer, labels: FormLabels) -> str:
    return f"“{labels.choice(each.question, each.choice)}”"


def _sureness(each: CommonAnswer) -> str:
    if each.standing not in (Standing.MORE, Standing.LESS):
        return ""
    return "sure" if each.sure else "probable"
