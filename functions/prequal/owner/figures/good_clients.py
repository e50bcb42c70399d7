"""Good clients of each form: the leads that were won, and the past clients who were asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from prequal.analysis.common_answers import AnswerTally, CommonAnswers
from prequal.core.form import Form
from prequal.core.lead import Lead, Status
from prequal.core.past_client import PastClient


class GoodClientTally:
    """Answers of good clients and of all other leads, by form. A past client who is also a won lead counts as it."""

    def __init__(self, past_clients: Iterable[PastClient], forms: Mapping[str, Form]) -> None:
        self._asked = {client.id: client for client in past_clients}
        self._forms = forms
        self._closed = {
            version: {question.id for question in form.questions if question.choices} for version, form in forms.items()
        }
        self._tallies: defaultdict[str, AnswerTally] = defaultdict(AnswerTally)
        self._latest: dict[str, Form] = {}

    def add(self, lead: Lead) -> None:
        """Count a lead; they come oldest first."""
        is_good = lead.known_outcome == Status.WON
        if is_good:
            self._asked.pop(lead.id, None)
        if lead.id not in self._asked:
            self._count(lead, good=is_good)

    def compare(self) -> Mapping[str, CommonAnswers]:
        """Return the answers of each form that has good clients, by its id."""
        for client in self._asked.values():
            self._count(client, good=True)
        found = {form_id: tally.compare(self._latest[form_id]) for form_id, tally in sorted(self._tallies.items())}
        return {form_id: common for form_id, common in found.items() if common.good}

    def _count(self, person: Lead | PastClient, *, good: bool) -> None:
        version = person.form_version
        if closed := self._closed.get(version):
            self._latest[person.form_id] = self._forms[version]
            answers = {name: answer for name, answer in person.answers.items() if name in closed}
            self._tallies[person.form_id].add(answers, good=good)
