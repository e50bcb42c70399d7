"""The page of the what-if, and the change of the form file."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.form import form_from
from prequal.core.lead import Lead
from prequal.desk.form_pages import FormFiles
from prequal.forms.form_file import read_form
from prequal.owner.rescoring.comparison import make_rescorer
from prequal.serving.desk_forms import DeskForms
from support import builders
from support.builders import NOW
from support.shipped_form import write_form
from unit.desk.conftest import DeskVisit

AROUND = "questions.0.options.1.points"


class CountingStore(SqliteLeadStore):
    """A store that counts how often all leads are read."""

    times = 0

    def iter_leads(self, *args: Any, **options: Any) -> Iterator[Lead]:
        """Return every lead."""
        self.times += 1
        return super().iter_leads(*args, **options)


def fields(page: str) -> dict[str, str]:
    """Return the fields that a browser sends when nothing is typed."""
    form = page.partition('class="what-if"')[2].partition("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]+>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes["type"] != "checkbox" or " checked" in tag:
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select[^>]+name="([^"]+)".+?>(.+?)</select>', form, re.DOTALL):
        [found[name]] = re.findall("<option selected>(.+?)<", options)
    return found


def shares(page: str) -> Mapping[str, tuple[str, str]]:
    """Return the shares now and before."""
    found = re.findall(r"<dt>(\w+)</dt>.+?<b>(.+?)</b>\s*<span class=\"quiet\">(.*?)</span>", page, re.DOTALL)
    return {name: (unescape(now), unescape(was).removeprefix("was ")) for name, now, was in found}


def words(page: str) -> str:
    """Return a page's text without marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


class FormVisit:
    """A browser on the page of the what-if."""

    def __init__(self, desk: DeskVisit, path: str = "/desk/form") -> None:
        self.desk = desk
        self.page = desk.client.get(path).text
        self.fields = fields(self.page)

    def send(self, path: str = "/desk/form", /, **changes: str) -> Any:
        """Send the form with these changes; underscores stand for points in names."""
        return self.desk.client.post(path, data={**self.fields, **changes})

    def change(self, name: str, value: str) -> FormVisit:
        """Type into a field."""
        self.fields[name] = value
        return self


@pytest.fixture
def form_path(tmp_path: Path) -> Path:
    """Return a copy of the shipped form."""
    return write_form(tmp_path)


def test_the_page_has_every_value_in_the_owners_words(desk: DeskVisit) -> None:
    """Points of options and bands, caps, grades and minimums are fields with labels; what isn't scored is left out."""
    visit = FormVisit(desk)
    sent = {name: value for name, value in visit.fields.items() if name not in ("token", "form", "version")}
    assert sent == {
        "questions.0.options.0.points": "0",
        "questions.0.options.1.points": "20",
        "questions.0.options.2.points": "5",
        "questions.1.options.0.points": "-10",
        "questions.1.options.1.points": "20",
        "questions.2.bands.0.points": "5",
        "questions.2.bands.1.points": "10",
        "questions.3.options.0.points": "10",
        "questions.3.options.1.points": "10",
        "questions.3.max_points": "15",
        "scoring.grades.hot": "50",
        "scoring.grades.warm": "30",
        "scoring.qualify": "warm",
        "scoring.minimum.fit": "20",
        "scoring.minimum.intent": "",
    }
    said = words(visit.page)
    for label in ("Our projects start at €5,000.", "About that", "Cannot afford the starting price", "up to 5", "6 or"):
        assert label in said
    assert "What should change?" not in said


def test_looking_reads_no_lead(tmp_path: Path) -> None:
    """The page itself, and what a script asks as one types, reads nothing; the button reads every lead once."""
    store = CountingStore(tmp_path / "leads.db")
    desk = DeskVisit(store).sign_in()
    lead = desk.admit(name="Ada Lovelace")
    visit = FormVisit(desk).change(AROUND, "9")

    typed = visit.send(live="1")
    assert (typed.status_code, store.times) == (200, 0)
    assert shares(typed.text)["hot"][1]
    assert "Ada" not in typed.text
    assert "reads every stored lead once" in typed.text

    page = visit.send().text
    assert store.times == 1
    assert "1 lead read at 09:30" in page
    assert f'href="/desk/leads/{lead.id}">Ada Lovelace</a>' in page
    assert "1 of 1 lead would move; 1 would no longer qualify." in words(page)
    assert "warm 40 → cold 29 would no longer qualify" in words(page)

    typed = visit.change(AROUND, "60").send(live="1")
    assert "warm 40 → hot 80" in words(typed.text)
    assert store.times == 1

    desk.send(f"/desk/leads/{lead.id}/note", text="Met at the fair")
    assert "warm 40 → hot 80" not in words(visit.send(live="1").text)
    assert "warm 40 → hot 80" in words(visit.send().text)
    assert store.times == 2
    desk.clock.forward(timedelta(minutes=11))
    visit.send()
    assert store.times == 3


def test_shares_before_and_after(desk: DeskVisit) -> None:
    """The shares are those of prequal check: now, and before where they differ."""
    visit = FormVisit(desk)
    assert shares(visit.page) == {
        "hot": ("15.3%", ""),
        "warm": ("36.1%", ""),
        "cold": ("48.6%", ""),
        "invited": ("31.9%", ""),
    }
    assert shares(visit.change("scoring.grades.warm", "20").send().text)["warm"] == ("50.0%", "36.1%")


def test_nothing_is_written(desk: DeskVisit) -> None:
    """Whatever is tried, the leads and the forms in the store are as they were."""
    lead = desk.admit()
    FormVisit(desk).change(AROUND, "0").send()
    assert desk.lead(lead.id) == lead
    assert not desk.store.load_forms()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (AROUND, "twenty", "Write points as a whole number, like 10 or -5."),
        (AROUND, "2000000", "Write a whole number from -1000000 to 1000000."),
        ("scoring.grades.hot", "30", "Hot needs more points than warm: write a number above 30."),
        ("scoring.minimum.fit", "200", "Nobody is invited, as fit is 45 at most: lower this, or raise the points."),
        ("scoring.qualify", "<b>", "The lowest grade that is invited is hot, warm or cold."),
    ],
)
def test_bad_values(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    """A sentence beside the field says what to do, everything typed is kept, and no lead is read."""
    store = CountingStore(tmp_path / "leads.db")
    desk = DeskVisit(store).sign_in()
    visit = FormVisit(desk).change("questions.1.options.0.points", "-7").change(name, value)

    answer = visit.send()

    assert answer.status_code == 422
    assert f'id="slot-{name}"><span class="wrong">{sentence}</span>' in answer.text
    assert answer.text.count('class="wrong">') == 2  # beside it, and above
    assert "aria-invalid" in answer.text.partition(f'id="{name}"')[2].partition(">")[0]
    assert store.times == 0
    if name != "scoring.qualify":
        assert fields(answer.text) == visit.fields
    assert "<b>" not in answer.text.partition("<select")[2].partition("</select>")[0]


def test_a_page_of_another_version_is_refused(desk: DeskVisit) -> None:
    """Values for a form that has changed since are not taken for those of the new one."""
    visit = FormVisit(desk).change("version", "0123456789ab").change(AROUND, "1")
    answer = visit.send()
    assert answer.status_code == 409
    assert "The form has changed since this page was loaded." in answer.text
    assert fields(answer.text)[AROUND] == "20"


@pytest.mark.parametrize("path", ["/desk/form", "/desk/form/change", "/desk/form/write"])
def test_an_unknown_form(desk: DeskVisit, path: str) -> None:
    """There is nothing at the address of a form that doesn't exist."""
    assert desk.client.get("/desk/form?form=unknown").status_code == 404
    assert FormVisit(desk).change("form", "unknown").send(path).status_code == 404


def test_where_the_file_can_not_be_written(desk: DeskVisit) -> None:
    """Elsewhere than on the owner's machine there is no button, and a sentence says how to carry the change over."""
    visit = FormVisit(desk).change(AROUND, "9")
    page = visit.send().text
    assert "formaction" not in page
    assert "This desk doesn’t write the form file." in page
    assert "Were you prepared to spend that? About that: 20 → 9" in words(page)
    for path in ("/desk/form/change", "/desk/form/write"):
        answer = visit.send(path)
        assert answer.status_code == 409
        assert "This desk can’t write the form file." in answer.text


class Local:
    """The desk on the owner's machine, with a form file."""

    def __init__(self, store: SqliteLeadStore, path: Path) -> None:
        self.path = path
        self.desk = DeskVisit(store, form_files=DeskForms(path)).sign_in()

    def visit(self) -> FormVisit:
        """Open the page."""
        return FormVisit(self.desk)


@pytest.fixture
def local(store: SqliteLeadStore, form_path: Path) -> Local:
    """Return the desk on the owner's machine, with a copy of the shipped form."""
    return Local(store, form_path)


def test_the_change_is_shown_then_written(local: Local, caplog: pytest.LogCaptureFixture) -> None:
    """The difference comes first; the button writes it and nothing else, and the desk uses the new form at once."""
    before = local.path.read_text(encoding="utf-8")
    visit = local.visit().change("scoring.minimum.fit", "25").change("scoring.minimum.intent", "10")
    assert 'formaction="/desk/form/change"' in visit.send().text

    shown = visit.send("/desk/form/change").text
    assert local.path.read_text(encoding="utf-8") == before
    assert "minimum: {fit: 25, intent: 10}" in words(shown)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown.partition("<pre")[2]))
    with caplog.at_level(logging.INFO, logger="prequal"):
        written = local.desk.client.post("/desk/form/write", data=hidden)

    assert written.status_code == 303
    after = local.path.read_text(encoding="utf-8")
    assert after == before.replace("minimum: {fit: 20}", "minimum: {fit: 25, intent: 10}")
    assert form_from(read_form(local.path)).version in caplog.text
    page = local.desk.client.get(written.headers["Location"]).text
    assert "The form file has the new values." in page
    assert "prequal rescore --apply" in page
    assert fields(page)["scoring.minimum.fit"] == "25"


def test_a_file_that_has_changed_since_is_left_alone(local: Local) -> None:
    """Between the difference and the button, a file that was edited is refused, with the way on."""
    visit = local.visit().change("scoring.grades.hot", "80")
    shown = visit.send("/desk/form/change").text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown.partition("<pre")[2]))
    # A comment leaves the form's version as it is.
    edited = f"# Mine\n{local.path.read_text(encoding='utf-8')}"
    local.path.write_text(edited, encoding="utf-8")

    answer = local.desk.client.post("/desk/form/write", data=hidden)

    assert answer.status_code == 409
    assert "has changed since its difference was shown: look at the difference again." in answer.text
    assert local.path.read_text(encoding="utf-8") == edited
    assert fields(answer.text)["scoring.grades.hot"] == "80"


def test_an_edited_file_is_read_again(local: Local) -> None:
    """The next page has the values that an editor saved; a file with faults is named, with its line."""
    local.path.write_text(local.path.read_text(encoding="utf-8").replace("hot: 75", "hot: 71"), encoding="utf-8")
    assert local.visit().fields["scoring.grades.hot"] == "71"
    local.path.write_text(local.path.read_text(encoding="utf-8").replace("hot: 71", "hot: many"), encoding="utf-8")
    answer = local.desk.client.get("/desk/form")
    assert answer.status_code == 409
    assert "Write points as a whole number, like 10 or -5." in answer.text


@pytest.mark.parametrize("path", ["/desk/form/change", "/desk/form/write"])
def test_what_is_not_written(local: Local, path: str) -> None:
    """Neither values with faults nor no change at all get into the file."""
    before = local.path.read_bytes()
    assert local.visit().send(path).status_code == 409
    assert local.visit().change("scoring.grades.hot", "x").send(path).status_code == 422
    assert local.path.read_bytes() == before


def test_a_layout_that_only_a_person_can_change(store: SqliteLeadStore, tmp_path: Path) -> None:
    """Points that questions share through an anchor are refused in a sentence."""
    path = write_form(tmp_path)
    text = path.read_text(encoding="utf-8").replace("points: 20", "points: &good 20", 1)
    path.write_text(text.replace("points: 15", "points: *good", 1), encoding="utf-8")
    visit = Local(store, path).visit().change("questions.0.options.0.points", "21")
    answer = visit.send("/desk/form/change")
    assert answer.status_code == 409
    assert "in a way that only you can change" in answer.text


def test_traits(store: SqliteLeadStore, tmp_path: Path) -> None:
    """Desired answers are boxes where the form counts them, and are written, too."""
    path = write_form(
        tmp_path, ("method: points", "method: traits"), ("hot: 75, warm: 40", "hot: 3, warm: 2"), ("fit: 20", "fit: 1")
    )
    local = Local(store, path)
    visit = local.visit()
    assert "max_points" not in visit.page
    box = "questions.0.options.2.desired"
    assert box not in visit.fields
    page = visit.change(box, "yes").send().text
    assert fields(page)[box] == "yes"
    assert shares(page)["hot"][1]
    assert "desired: true" in words(visit.send("/desk/form/change").text)


def test_several_forms(store: SqliteLeadStore) -> None:
    """Each form has its page and its leads, and the leads of both are read once."""
    other = {**builders.document(), "id": "shops"}
    files: FormFiles = Documents({"web-design": builders.document(), "shops": other})
    desk = DeskVisit(store, form_files=files).sign_in()
    desk.admit()
    first, second = FormVisit(desk), FormVisit(desk, "/desk/form?form=shops")
    assert (first.fields["form"], second.fields["form"]) == ("web-design", "shops")
    assert 'href="/desk/form?form=shops" aria-current="page"' in second.page
    assert "1 of 1 lead would move" in words(first.change(AROUND, "0").send().text)
    assert "None of 0 leads would move" in words(second.change(AROUND, "0").send(live="1").text)


class Documents(DeskForms):
    """Forms that are in no file."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._documents = documents

    def load(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the documents."""
        return self._documents


def test_a_condition_is_told(store: SqliteLeadStore) -> None:
    """A question that not everybody is asked says after which answers it is."""
    document = builders.document()
    document["questions"][1]["ask_if"] = {"budget": ["around", "unsure"]}
    visit = FormVisit(DeskVisit(store, form_files=Documents({"web-design": document})).sign_in())
    assert "Asked only after “About that”, “Not sure”" in words(visit.page)


def test_scores_of_an_earlier_version(desk: DeskVisit) -> None:
    """Leads that would move without any change, as nobody rescored them, are told apart."""
    lead = desk.admit(NOW - timedelta(days=1))
    old = {**builders.document(), "scoring": {"grades": {"hot": 35, "warm": 30}}}
    desk.store.change_lead(lead.id, lambda each: (make_rescorer(form_from(old), NOW)(each), ()))
    assert "1 would move without a change, too" in words(FormVisit(desk).send().text)


def test_the_script_has_an_address_of_its_own(desk: DeskVisit, visit: DeskVisit) -> None:
    """The script may be kept for ever, as another content has another address; it needs no session."""
    path = re.findall('<script src="([^"]+)" defer>', desk.client.get("/desk/form").text)[0]
    answer = visit.client.get(path)
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    assert re.fullmatch(r"/desk/desk\.[0-9a-f]{8}\.js", path)
    assert "<script" not in desk.client.get("/desk/").text
