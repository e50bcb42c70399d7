"""Answers of good clients beside everybody's."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from prequal.analysis.common_answers import AnswerTally, CommonAnswer, CommonAnswers, Standing
from prequal.analysis.intervals import Share
from prequal.core.form import Band, Kind, Option, Question
from support import builders

LETTERS = ("a", "b", "c", "d", "e")
QUESTION = Question(
    id="q", kind=Kind.ONE, label={"en": "?"}, options=tuple(Option(id=each, label={"en": each}) for each in LETTERS)
)
FORM = replace(builders.form(), questions=(QUESTION,))


def compare(good: str, others: str) -> CommonAnswers:
    """Compare clients with one answer each, in one letter."""
    tally = AnswerTally()
    for answers, is_good in ((good, True), (others, False)):
        for answer in answers:
            tally.add({"q": answer}, good=is_good)
    return tally.compare(FORM)


def standings(common: CommonAnswers) -> dict[str, Standing]:
    """Return the standing of each answer."""
    return {each.choice.id: each.standing for each in common.answers if isinstance(each.choice, Option)}


def test_each_answer_has_its_standing() -> None:
    """An answer of nine in ten good clients is nothing special if everybody gives it; one that few others give is."""
    assert standings(compare("aaaaaaaaad", "a" * 85 + "b" * 5 + "c" * 5 + "d" * 5)) == {
        "a": Standing.SHARED,
        "b": Standing.NEVER,
        "c": Standing.NEVER,
        "d": Standing.UNCLEAR,
    }
    assert standings(compare("aaaaaaabb", "a" * 20 + "b" * 20 + "c" * 60)) == {
        "a": Standing.MORE,
        "b": Standing.UNCLEAR,
        "c": Standing.LESS,
    }


def test_a_difference_is_sure_only_among_all_answers() -> None:
    """A difference that holds by itself is probable; one that holds for as many comparisons as answers is sure."""

    def first(good: str) -> CommonAnswer:
        return compare(good, "a" * 25 + "b" * 25 + "c" * 25 + "d" * 25).answers[0]

    probable, sure = first("aaaaaabbcd"), first("aaaaaaaaab")
    assert (probable.standing, probable.sure) == (Standing.MORE, False)
    assert (sure.standing, sure.sure) == (Standing.MORE, True)
    assert sure.good == Share(9, 10)
    assert sure.everybody == Share(34, 110)


@pytest.mark.parametrize(("good", "others"), [(4, 100), (50, 19)])
def test_too_few_are_not_compared(good: int, others: int) -> None:
    """With four good clients, or nineteen others, nothing is said of any answer."""
    common = compare("a" * good, "b" * others)

    assert (common.good, common.others, common.answers) == (good, others, ())


def test_numbers_and_several_options_count() -> None:
    """Numbers count by their band, each of several options by itself, and an answer that the form lacks not at all."""
    number = Question(id="n", kind=Kind.NUMBER, label={"en": "?"}, bands=(Band(up_to=5), Band()))
    tally = AnswerTally()
    for index in range(30):
        tally.add({"n": index, "q": ["a", "b"] if index < 10 else ["gone"]}, good=index < 10)
    common = tally.compare(replace(FORM, questions=(replace(QUESTION, kind=Kind.MANY), number)))

    assert [(each.good, each.everybody) for each in common.answers] == [
        (Share(10, 10), Share(10, 10)),
        (Share(10, 10), Share(10, 10)),
        (Share(6, 10), Share(6, 30)),
        (Share(4, 10), Share(24, 30)),
    ]


def test_chance_seldom_looks_sure() -> None:
    """If good clients answer like everybody, hardly any table has a sure answer, and few answers are probable."""
    chance = random.Random(20261127)  # noqa: S311, no secrets
    tables, sure, probable, answers = 300, 0, 0, 0
    for _ in range(tables):
        weights = [chance.random() ** 2 for _ in LETTERS]
        common = compare(*("".join(chance.choices(LETTERS, weights, k=number)) for number in (10, 100)))
        differing = [*common.of(Standing.MORE), *common.of(Standing.LESS)]
        sure += any(each.sure for each in differing)
        probable += len(differing)
        answers += len(common.answers)

    assert sure <= 0.05 * tables
    assert probable <= 0.05 * answers
