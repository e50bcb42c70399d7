"""The command `prequal calibrate`."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.cli import main
from prequal.core.documents import lead_document
from prequal.core.lead import Status
from prequal.core.lifecycle import ended
from prequal.resources import FUNCTIONS
from support import builders
from support.builders import NOW
from support.exporting import record, write_export
from unit.calibration import past

ENDED = ("--outcome", "ended", "--good", "won")


class Desk:
    """A folder with a form, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.form = folder / "form.yaml"
        self.form.write_text(json.dumps(builders.document(), indent=1), encoding="utf-8")
        self.clients = folder / "clients.csv"

    def run(self, *arguments: str, said: str = "") -> Result:
        """Run `prequal calibrate`."""
        settings = {"PREQUAL_FORM": str(self.form), "PREQUAL_STORE": f"sqlite:{self.folder / 'prequal.db'}"}
        return CliRunner().invoke(main, ["calibrate", *arguments], input=said, env=settings, catch_exceptions=False)

    def learn(self, count: int, *arguments: str, said: str = "") -> Result:
        """Run it on this number of past clients."""
        past.write(self.clients, past.rows(count))
        return self.run(str(self.clients), *ENDED, *arguments, said=said)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a folder to work in."""
    return Desk(tmp_path)


def test_json(desk: Desk) -> None:
    """--json prints the figures and all values that a form needs to score this way, and nothing else."""
    result = desk.learn(60, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["explanation"].startswith("Provisional: ")
    assert found["alone"].keys() == found["points"].keys()
    assert found["rows"] == 60
    assert found["auc"]["low"] < found["auc"]["mean"] < found["auc"]["high"]
    assert found["points"].keys() == {"budget", "timeline", "pages", "services"}
    assert all(isinstance(points, int) for answers in found["points"].values() for points in answers.values())
    assert found == json.loads(desk.learn(60, "--json").stdout)


def test_text(desk: Desk) -> None:
    """The text has the clients, the old and new points, the figures beside the owner's, and the verdict."""
    shown = desk.learn(60).stdout
    for words in ("60 clients to learn from", "yours", "new", "AUC", "a coin 0.50", "the base rate", "Provisional:"):
        assert words in shown


def test_eight_clients(desk: Desk) -> None:
    """Eight clients are refused politely, with the number that is needed."""
    result = desk.learn(8)
    assert result.exit_code == 1
    assert "Not calibrated." in result.stdout
    assert "at least 10" in result.stdout


def test_the_widest_questions(desk: Desk) -> None:
    """--questions 2 names the two questions with the widest range of points, and has points for these only."""
    assert "Kept, as their points range widest: budget, timeline." in desk.learn(60, "--questions", "2").stdout
    assert json.loads(desk.learn(60, "--questions", "2", "--json").stdout)["points"].keys() == {"budget", "timeline"}


def test_the_plot(desk: Desk) -> None:
    """--plot draws the result."""
    desk.learn(60, "--plot", str(desk.folder / "points.svg"))
    assert (desk.folder / "points.svg").read_text(encoding="utf-8").startswith("<svg")


def test_nothing_to_draw(desk: Desk) -> None:
    """With too few clients no plot is written, and a message says so."""
    result = desk.learn(8, "--plot", str(desk.folder / "points.svg"))
    assert "There is nothing to draw" in result.stderr
    assert not (desk.folder / "points.svg").exists()


def test_a_plot_in_a_missing_folder(desk: Desk) -> None:
    """A missing folder is an error in one sentence; the figures are printed before."""
    result = desk.learn(60, "--plot", str(desk.folder / "nowhere/points.svg"))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "nowhere/points.svg can't be written: No such file or directory." in result.stderr
    assert "On clients not learned from" in result.stdout


@pytest.mark.parametrize(("said", "changed"), [("y\n", True), ("n\n", False), ("", False)])
def test_the_form_is_changed_once_the_owner_agrees(desk: Desk, said: str, changed: bool) -> None:  # noqa: FBT001, a case
    """--write shows the changes and asks; without an answer, nothing is changed."""
    before = desk.form.read_text(encoding="utf-8")
    result = desk.learn(60, "--write", said=said)
    assert "--- " in result.stderr
    assert (desk.form.read_text(encoding="utf-8") != before) is changed


def test_the_day_is_noted(desk: Desk) -> None:
    """--write notes the day on which it learned, in place of an earlier one."""
    YAML().dump(builders.document(), desk.form)
    desk.learn(60, "--write", "--yes")
    written, today = desk.form.read_text(encoding="utf-8"), datetime.now().astimezone().date()
    desk.form.write_text(written.replace(f"learned: {today}", "learned: 2026-01-31"), encoding="utf-8")

    result = desk.learn(60, "--write", "--yes")

    for text in (written, desk.form.read_text(encoding="utf-8")):
        assert f"  learned: {today}\n" in text
    assert "\n-  learned: 2026-01-31\n" in result.stderr


def test_json_is_enough_to_score_by(desk: Desk) -> None:
    """The JSON has the same points, grades, minimums and caps that --write writes."""
    found = json.loads(desk.learn(60, "--write", "--yes", "--json").stdout)

    written = json.loads(desk.form.read_text(encoding="utf-8"))

    assert written["scoring"]["grades"] == found["grades"]
    assert written["scoring"]["minimum"] == found["minimum"]
    questions = {question["id"]: question for question in written["questions"]}
    assert questions["services"]["max_points"] == found["max_points"]["services"]
    for question in ("budget", "timeline", "services"):
        points = {option["id"]: option.get("points", 0) for option in questions[question]["options"]}
        assert points == found["points"][question]


def test_points_that_the_check_would_refuse(desk: Desk) -> None:
    """Points that make `prequal check` refuse the form are not written, and a message says so."""
    document = builders.document()
    document["questions"][3]["options"][0]["points"] = 1_000_000
    for option in [*document["questions"][0]["options"], *document["questions"][1]["options"]]:
        option["points"] = int(option["points"] > 0)
    before = json.dumps(document, indent=1)
    desk.form.write_text(before, encoding="utf-8")
    rows = [{name: row[name] for name in ("budget", "timeline", "ended")} for row in past.rows(60)]

    result = desk.run(str(past.write(desk.clients, rows)), *ENDED, "--write", "--yes")

    assert result.exit_code == 2
    assert f"{desk.form} was left as it is, as prequal check would refuse it: Write points as" in result.stderr
    assert desk.form.read_text(encoding="utf-8") == before


def test_an_example_with_another_result(desk: Desk) -> None:
    """An example that gets another grade from the new points is named before the question."""
    document = builders.document()
    document["questions"][1]["options"][0]["points"] = 50
    document["examples"] = [{"name": "Ada", "answers": {"budget": "unsure", "timeline": "rushed"}, "grade": "hot"}]
    desk.form.write_text(json.dumps(document, indent=1), encoding="utf-8")

    result = desk.learn(300, "--write", said="n\n")

    assert "An example has another result" in result.stderr
    assert result.stderr.index("Ada: should be hot, but is") < result.stderr.index(f"Change {desk.form}?")


def test_suspicious_points_need_a_person(desk: Desk) -> None:
    """--yes is not enough to write suspicious points, and the command warns."""
    rows = [row | {"pages": "3" if row["ended"] == "won" else "40"} for row in past.rows(80)]
    before = desk.form.read_text(encoding="utf-8")

    result = desk.run(str(past.write(desk.clients, rows)), *ENDED, "--write", "--yes", "--json")

    assert "Suspiciously perfect: pages alone" in result.stderr
    assert json.loads(result.stdout)["verdict"] == "suspicious"
    assert desk.form.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "said", "learned"),
    [((), "y\n", True), ((), "", False), (("--yes",), "", True), (("--map", "Time line=timeline"), "", True)],
)
def test_similar_columns(desk: Desk, arguments: tuple[str, ...], said: str, learned: bool) -> None:  # noqa: FBT001, a case
    """A column that looks like a question is used if the owner agrees; otherwise the option to use it is shown."""
    rows = [{"Time line" if name == "timeline" else name: cell for name, cell in row.items()} for row in past.rows(60)]

    result = desk.run(str(past.write(desk.clients, rows)), *ENDED, *arguments, said=said)

    assert ("timeline: no column" not in result.stdout) is learned
    if not learned:
        assert "--map 'Time line=timeline'" in result.stderr


@pytest.mark.parametrize("ended", [("--outcome", "end", "--good", "won"), ("--outcome", "ended", "--good", "sold")])
def test_a_wrong_outcome_is_reported_before_any_question(desk: Desk, ended: tuple[str, ...]) -> None:
    """A wrong outcome is reported before the owner is asked about columns."""
    rows = [{"Time line" if name == "timeline" else name: cell for name, cell in row.items()} for row in past.rows(20)]

    result = desk.run(str(past.write(desk.clients, rows)), *ended, said="y\n")

    assert result.exit_code == 2
    assert "looks like" not in result.stderr


def test_from_leads(desk: Desk) -> None:
    """--from-leads learns from the store's leads with an outcome, --from from those of an export."""
    with closing(SqliteLeadStore(desk.folder / "prequal.db")) as store:
        for index, row in enumerate(past.rows(41)):
            lead, attempt = builders.admitted(
                email=f"a{index}@example.com", budget=row["budget"], timeline=row["timeline"]
            )
            store.admit(lead, attempt, [], lambda existing: (existing, ()))
            if index:
                invited, outcome = replace(lead, status=Status.INVITED), Status(row["ended"])
                ending = ended(invited, outcome, NOW)
                store.change_lead(lead.id, partial(lambda ending, _lead: (ending, ()), ending))
        records = [record(f"leads/{lead.id}", lead_document(lead)) for lead in store.iter_leads()]
    export = write_export(desk.folder / "export", records)

    found = json.loads(desk.run("--from-leads", "--json").stdout)

    assert found["rows"] == 40
    assert found["verdict"] == "provisional"
    assert json.loads(desk.run("--from", str(export), "--json").stdout) == found
    assert "1 left out: no outcome yet" in desk.run("--from-leads").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name a table with --outcome"),
        (("clients.csv", "--from-leads"), "not both"),
        (("clients.csv", *ENDED, "--cycle", "30"), "name their column with --date"),
        (("clients.csv", *ENDED, "--date", "on", "--cycle", "99999999999"), "is not in the range 1<=x<=36500"),
        (("nowhere.csv", *ENDED), "nowhere.csv can't be read: No such file or directory."),
    ],
)
def test_usage_errors(desk: Desk, arguments: tuple[str, ...], sentence: str) -> None:
    """A usage error is one sentence, with status 2."""
    result = desk.run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_no_column_matches(desk: Desk) -> None:
    """A table without a matching column is an error that names --map."""
    past.write(desk.clients, [{"x": "1", "ended": "won"}, {"x": "2", "ended": "lost"}])
    result = desk.run(str(desk.clients), *ENDED)
    assert result.exit_code == 2
    assert "--map COLUMN=QUESTION" in result.stderr


def test_without_the_extra(desk: Desk) -> None:
    """Without numpy, one sentence names the extra to install."""
    past.write(desk.clients, past.rows(20))
    program = (
        "import sys; sys.modules['numpy'] = None; sys.path.insert(0, sys.argv.pop(1)); "
        "from prequal.cli import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(FUNCTIONS), "calibrate", str(desk.clients), *ENDED],
        env={"PREQUAL_FORM": str(desk.form)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr == (
        "This needs numpy: install prequal[owner], in a checkout with pip install -e '.[owner]'.\n"
    )


def test_good_clients_beside_the_leads(desk: Desk) -> None:
    """--good-only learns from a table of good clients, without an outcome, and from the leads that came."""
    rows = past.rows(400)
    with closing(SqliteLeadStore(desk.folder / "prequal.db")) as store:
        for index, row in enumerate(rows[:100]):
            lead, attempt = builders.admitted(
                email=f"a{index}@example.com", budget=row["budget"], timeline=row["timeline"]
            )
            store.admit(lead, attempt, [], lambda existing: (existing, ()))
    good = [row for row in rows[100:] if row["ended"] == "won"][:15]
    kept = [
        {"budget": row["budget"], "timeline": row["timeline"], "email": f"A{at}@example.com"}
        for at, row in enumerate(good)
    ]
    past.write(desk.clients, kept)

    shown = desk.run(str(desk.clients), "--good-only").stdout
    found = json.loads(desk.run(str(desk.clients), "--good-only", "--rate", "0.5", "--json").stdout)

    assert "15 good clients to learn from, beside 85 leads that came" in shown
    assert "Provisional: " in shown
    assert "came in the same way as the leads" in shown
    assert "likely" not in shown
    assert "Log-loss" not in shown
    assert (found["rows"], found["good"], found["unlabelled"], found["log_loss"]) == (100, 15, True, None)
    assert found["left_out"] == {"a lead of a good client": 15}
    assert "at least 10 and 50" in desk.run("--from-leads", "--good-only").stdout


def test_past_clients_who_were_asked(desk: Desk) -> None:
    """--from-leads takes those who answered `ask-clients` as good: ten, beside fifty leads without an outcome."""
    rows = past.rows(400)
    good = [row for row in rows[60:] if row["ended"] == "won"][:10]
    with closing(SqliteLeadStore(desk.folder / "prequal.db")) as store:
        for at, row in enumerate(rows[:50]):
            given = {"budget": row["budget"], "timeline": row["timeline"]}
            lead, attempt = builders.admitted(email=f"a{at}@example.com", **given)
            store.admit(lead, attempt, [], lambda existing: (existing, ()))
        for at, row in enumerate(good):
            given = {"budget": row["budget"], "timeline": row["timeline"]}
            store.save_past_client(builders.past_client(email=f"b{at}@example.com", **given))

    found = desk.run("--from-leads", "--good-only")

    assert found.exit_code == 0
    assert "10 good clients to learn from, beside 50 leads that came" in found.stdout
    assert "What good clients have in common: 10 good clients beside 50 others" in found.stdout


def test_what_a_few_good_clients_have_in_common(desk: Desk) -> None:
    """From five good clients on, among twenty others, their answers are compared though nothing is learned yet."""
    kept = [
        {"budget": "around", "timeline": "soon" if at < 6 else "rushed", "ended": "won" if at < 6 else "lost"}
        for at in range(30)
    ]
    past.write(desk.clients, kept)
    arguments = [str(desk.clients), "--outcome", "ended", "--good", "won"]

    shown = desk.run(*arguments)
    common = {
        (each["question"], each["answer"]): each for each in json.loads(desk.run(*arguments, "--json").stdout)["common"]
    }

    assert shown.exit_code == 1
    assert "Said more often than by everybody:\n  6 of 6, everybody  20%  sure  " in shown.stdout
    assert "Don’t rule anybody out" in shown.stdout
    assert common["timeline", "soon"] == {
        "question": "timeline",
        "answer": "soon",
        "good": {"count": 6, "of": 6},
        "everybody": {"count": 6, "of": 30},
        "standing": "more",
        "sure": True,
    }
    assert common["budget", "around"]["standing"] == "shared"
