"""The command, as its user meets it: run for real in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from click.testing import CliRunner

import prequal
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.cli.command_group import CommandGroup
from support import builders, running
from support.commands import admit
from support.running import CHECKOUT
from support.shipped_form import write_form

if TYPE_CHECKING:
    from click.testing import Result

DEFAULT_FORM = str(CHECKOUT / "schema/form.yaml")


class TestCheck:
    def test_the_default_form_is_in_order(self, run: Callable[..., Result]) -> None:
        """The form that comes with prequal has no faults, and the shares of its grades are shown."""
        result = run("check", str(CHECKOUT / "schema" / "form.yaml"))

        assert result.exit_code == 0
        assert "5 questions in en, fr, nl, ru, pl" in result.stdout
        assert "Examples with the expected result: 3." in result.stdout
        assert "qualified" in result.stdout

    def test_faults_are_status_1(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """A faulty form is a no, with a line for each fault."""
        (tmp_path / "form.yaml").write_text("id: Big Form\n")

        result = run("check", PREQUAL_FORM="form.yaml")

        assert result.exit_code == 1
        assert "form.yaml:1:1: error: Add languages, which is missing here." in result.stdout
        assert "form.yaml:1:1: error: An id of a form has" in result.stdout

    def test_json(self, run: Callable[..., Result]) -> None:
        """--json has errors, warnings and shares."""
        report = json.loads(run("check", str(CHECKOUT / "schema" / "form.yaml"), "--json").stdout)

        assert report["errors"] == []
        assert report["share"].keys() == {"hot", "warm", "cold", "qualified"}
        assert report["share"]["hot"] + report["share"]["warm"] + report["share"]["cold"] == pytest.approx(1)


class TestBuilding:
    def test_build_and_package(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """All artefacts are there, with every language; again, they have the same bytes, and nothing old."""
        form = {"PREQUAL_FORM": str(CHECKOUT / "schema" / "form.yaml"), "PREQUAL_SENDER": "North <post@studio.example>"}
        first = run("package", **form)
        assert "<dd>post@studio.example</dd>" in (tmp_path / "build/site/pl/thanks/index.html").read_text()
        archive = (tmp_path / "build" / "function.zip").read_bytes()

        assert first.exit_code == 0
        for page in ("index.html", "fr/index.html", "pl/thanks/index.html", "ru/privacy/index.html", "404.html"):
            assert (tmp_path / "build" / "site" / page).is_file()
        for host in ("site/_headers", "firebase.json", "nginx.conf"):
            assert (tmp_path / "build" / host).is_file()
        (tmp_path / "build/function/prequal/gone.py").touch()
        assert run("package", **form).stdout == first.stdout
        assert (tmp_path / "build" / "function.zip").read_bytes() == archive
        with zipfile.ZipFile(tmp_path / "build/function.zip") as packed:
            files = [path for path in (tmp_path / "build/function").rglob("*") if path.is_file()]
            assert {path.relative_to(tmp_path / "build/function").as_posix() for path in files} == {*packed.namelist()}

    @pytest.mark.parametrize(
        ("command", "public_url", "warned"),
        [
            ("build", "", True),
            ("build", "http://localhost:8080", True),
            ("package", "https://127.0.0.1", True),
            ("package", "https://studio.example", False),
        ],
    )
    def test_a_site_for_this_machine_is_noticed(
        self, run: Callable[..., Result], command: str, public_url: str, *, warned: bool
    ) -> None:
        """A site whose address is this machine, set or not, is built with a warning of one line."""
        done = run(command, PREQUAL_FORM=DEFAULT_FORM, PREQUAL_PUBLIC_URL=public_url)

        warning = "Its pages name this machine as their address: set PREQUAL_PUBLIC_URL to the address of your site.\n"
        assert (done.exit_code, done.stderr) == (0, warning if warned else "")

    def test_a_form_whose_grades_cannot_be_reached_is_not_packaged(
        self, run: Callable[..., Result], tmp_path: Path
    ) -> None:
        """A form with errors is not packaged."""
        write_form(tmp_path, ("hot: 75", "hot: 101"))

        result = run("package", PREQUAL_FORM="form.yaml")

        assert result.exit_code == 2
        assert "No answers reach hot, as totals go from -10 to 100: change this, or the points." in result.stderr
        assert not (tmp_path / "build").exists()

    def test_a_form_whose_examples_fail_is_not_packaged(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Of an example that something else becomes of, packaging says what and why, and packages nothing."""
        write_form(tmp_path, ("hot: 75", "hot: 100"), ("warm: 40", "warm: 71"))

        result = run("package", PREQUAL_FORM="form.yaml")

        assert result.exit_code == 2
        assert (
            "Means it, but isn't sure of the money yet: should be warm and qualified, but is cold and not qualified "
            "with 70 of 100 points (work 20, provider 20, budget 5, timeline 25)."
        ) in result.stderr
        assert not (tmp_path / "build").exists()

    def test_a_faulty_form_is_not_built(self, run: Callable[..., Result]) -> None:
        """A form that can't be read is not built, and the reason is one sentence."""
        result = run("build", PREQUAL_FORM="nowhere.yaml")

        assert (result.exit_code, result.stderr) == (2, "nowhere.yaml:1:1: There is no such file.\n")

    def test_a_folder_that_is_a_file(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """An output that can't be written is named in one sentence."""
        (tmp_path / "build").write_text("not a folder")

        result = run("build", PREQUAL_FORM=DEFAULT_FORM)

        assert (result.exit_code, result.stderr) == (2, "build can't be read or written: File exists.\n")


class TestLink:
    FORM = str(CHECKOUT / "schema" / "form.yaml")

    def test_the_link_carries_the_source(self, run: Callable[..., Result]) -> None:
        """The source is in the link, encoded, and the language's page; below it is a QR code."""
        where = {"PREQUAL_FORM": self.FORM, "PREQUAL_PUBLIC_URL": "https://studio.example"}

        result = run("link", "--source", "Ada & Söhne", "--language", "fr", **where)

        link, *code = result.stdout.splitlines()
        assert link == "https://studio.example/fr/?source=Ada+%26+S%C3%B6hne"
        assert parse_qs(urlsplit(link).query) == {"source": ["Ada & Söhne"]}
        assert set("".join(code)) <= set("█▀▄ ")
        assert result.stderr == (
            "Visits by this link are counted with all others, as the store doesn't know it. There is no store at "
            ".prequal/prequal.db: go to the folder of your project, or name your store in PREQUAL_STORE.\n"
        )

    def test_visits_by_the_link_count_apart(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """The store knows the source, as leads keep it, and nothing is said of it."""
        with closing(SqliteLeadStore(tmp_path / ".prequal" / "prequal.db")) as store:
            result = run(
                "link", "--source", "Ada  & Co", PREQUAL_FORM=self.FORM, PREQUAL_PUBLIC_URL="https://studio.example"
            )

            assert result.stderr == ""
            assert store.change_entry("sources", lambda entry: entry)["names"] == ["Ada & Co"]

    def test_the_source_is_as_leads_keep_it(self, run: Callable[..., Result]) -> None:
        """A source is one line with single spaces, so that it can be found again."""
        link, *_ = run("link", "--source", " Ada\t &  Co ", PREQUAL_FORM=self.FORM).stdout.splitlines()

        assert parse_qs(urlsplit(link).query) == {"source": ["Ada & Co"]}

    @pytest.mark.parametrize(("name", "beginning"), [("ada.svg", b"<?xml"), ("ada.PNG", b"\x89PNG")])
    def test_the_code_is_drawn(self, run: Callable[..., Result], tmp_path: Path, name: str, beginning: bytes) -> None:
        """-o draws the code, the same each time, and --json says where."""
        told = run("link", "--source", "ada", "-o", name, "--json", PREQUAL_FORM=self.FORM)
        drawn = (tmp_path / name).read_bytes()
        run("link", "--source", "ada", "-o", name, PREQUAL_FORM=self.FORM)

        assert json.loads(told.stdout) == {"link": "http://localhost:8080/?source=ada", "file": name}
        assert drawn.startswith(beginning)
        assert (tmp_path / name).read_bytes() == drawn

    def test_a_link_to_this_machine_is_noticed(self, run: Callable[..., Result]) -> None:
        """A link to this machine comes with a warning that it is of no use elsewhere."""
        result = run("link", "--source", "ada", PREQUAL_FORM=self.FORM)

        assert result.exit_code == 0
        assert result.stderr.endswith(
            "The link leads to this machine: set PREQUAL_PUBLIC_URL to the address of your site.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--source", " "], "Name the source that the link is for, like --source ada."),
            (["--source", "a" * 301], "Shorten the source to 300 characters or fewer: no more is stored with a lead."),
            (["--source", "界" * 300], "The link is too long for a QR code: shorten the source."),
            (["--source", "界" * 300, "-o", "a.svg"], "The link is too long for a QR code: shorten the source."),
            (["--source", "a", "--language", "de"], "The form is not in de: choose from en, fr, nl, ru, pl."),
            (["--source", "a", "-o", "a.gif"], "A QR code can be drawn as png or svg: name the file like ada.svg."),
            (["--source", "a", "-o", "no/a.svg"], "no/a.svg can't be written: No such file or directory."),
        ],
    )
    def test_what_cannot_be_is_a_sentence(
        self, run: Callable[..., Result], tmp_path: Path, arguments: list[str], sentence: str
    ) -> None:
        """A link that can't be made or drawn is one sentence, and no file is written."""
        result = run("link", *arguments, PREQUAL_FORM=self.FORM)

        assert (result.exit_code, result.stderr) == (2, f"{sentence}\n")
        assert list(tmp_path.iterdir()) == []


class TestEmbed:
    PUBLIC: ClassVar = {"PREQUAL_FORM": DEFAULT_FORM, "PREQUAL_PUBLIC_URL": "https://form.example"}

    def test_a_block(self, run: Callable[..., Result]) -> None:
        """The block is printed alone; what to set for its script is said aside, until it is set."""
        done = run("embed", "--language", "fr", **self.PUBLIC)
        named = run("embed", **self.PUBLIC, PREQUAL_ORIGINS="https://studio.example")

        assert (done.exit_code, named.exit_code) == (0, 0)
        assert done.stdout.startswith('<section class="prequal" lang="fr"')
        assert done.stdout.endswith("</section>\n")
        assert "name the site in PREQUAL_ORIGINS" in done.stderr
        assert named.stderr == ""

    def test_a_frame(self, run: Callable[..., Result]) -> None:
        """The frame is printed alone; that no site may show it yet is said aside."""
        done = run("embed", "--frame", **self.PUBLIC)
        named = run("embed", "--frame", **self.PUBLIC, PREQUAL_FRAMES="https://studio.example")

        assert done.stdout == named.stdout
        assert done.stdout.startswith('<iframe src="https://form.example/embed/"')
        assert "set PREQUAL_FRAMES to the address of the site, then build and deploy" in done.stderr
        assert named.stderr == ""

    def test_what_is_not_there(self, run: Callable[..., Result]) -> None:
        """A language that the form lacks is refused; an address on this machine is noticed."""
        refused = run("embed", "--language", "de", **self.PUBLIC)
        local = run("embed", PREQUAL_FORM=DEFAULT_FORM)

        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == "The form is not in de: choose from en, fr, nl, ru, pl.\n"
        assert "The form is sent to this machine: set PREQUAL_PUBLIC_URL" in local.stderr


class TestLeads:
    def test_list(self, run: Callable[..., Result]) -> None:
        """A line a lead."""
        lead_id = admit()

        lines = run("leads", "list").stdout.splitlines()

        assert len(lines) == 2
        assert lines[0].startswith("ID        RECEIVED          STATUS")
        assert lines[1].startswith(lead_id[:8])
        assert "invited" in lines[1]
        assert "warm" in lines[1]
        assert lines[1].endswith("Ada Lovelace <ada@example.com>")

    def test_list_as_json(self, run: Callable[..., Result]) -> None:
        """--json has an object a line, as the export has."""
        admit()

        assert run("leads", "list", "--json").stdout == run("export", "--format", "jsonl").stdout

    def test_the_last_ones(self, run: Callable[..., Result]) -> None:
        """--last has those received last, oldest first, among those that the other options leave."""
        for number in range(4):
            admit(builders.NOW + timedelta(days=number), email=f"{number}@example.com")

        def listed(*options: str) -> list[str]:
            return [line.split("<")[1] for line in run("leads", "list", *options).stdout.splitlines()[1:]]

        assert listed("--last", "2") == ["2@example.com>", "3@example.com>"]
        assert listed("--search", "1@EXAMPLE", "--last", "2") == ["1@example.com>"]
        assert listed("--form", "another") == []

    def test_show(self, run: Callable[..., Result]) -> None:
        """One lead by the beginning of its id: every point, every attempt."""
        lead_id = admit(budget="below", goals="More\norders", company="Engines", website="a.example", source="ada")

        shown = run("leads", "show", lead_id[:5]).stdout

        for line in (
            "Ada Lovelace <ada@example.com>",
            "Company:  Engines",
            "Source:   source=ada",
            "COLD, not qualified: 20 of 65 (fit 0, intent 20)",
            "   +0  budget\n       below",
            "  +20  timeline\n       soon",
            "   +0  pages\n       no answer",
            "       goals\n       More\n       orders",
            "Ruled out: Cannot afford the starting price",
            "Status:   received",
            "What happened:\n2 Mar 2026, 09:30 UTC  answered: cold, 20",
        ):
            assert line in shown

    def test_show_an_invitation(self, run: Callable[..., Result]) -> None:
        """The state of the invitation is shown."""
        lead_id = admit(datetime.now(UTC), services=["build"])
        assert "invitation waits to be sent" in run("leads", "show", lead_id).stdout
        run("deliver", PREQUAL_FORM=DEFAULT_FORM)

        shown = run("leads", "show", lead_id).stdout

        assert "services\n       build" in shown
        assert "invitation sent" in shown
        assert "  the link expires" in shown
        assert json.loads(run("leads", "show", lead_id, "--json").stdout)["invitation"]["state"] == "sent"

    def test_who_is_not_there(self, run: Callable[..., Result]) -> None:
        """An id that no lead has, or that several begin with, is one sentence."""
        admit()
        result = run("leads", "show", "nobody")
        assert (result.exit_code, result.stderr) == (
            2,
            "There is no lead nobody: prequal leads list shows them all.\n",
        )
        for number in range(20):
            admit(email=f"{number}@example.com")
        digits = Counter(lead["id"][0] for lead in map(json.loads, run("leads", "list", "--json").stdout.splitlines()))
        ((first, _),) = digits.most_common(1)

        several = run("leads", "show", first)

        assert several.exit_code == 2
        assert several.stderr == f"Several leads begin with {first}: write more of the id.\n"


class TestDeciding:
    @pytest.mark.parametrize("decision", ["invite", "decline"])
    @pytest.mark.parametrize("reason", ["", " \n"])
    def test_a_reason_has_words(self, run: Callable[..., Result], decision: str, reason: str) -> None:
        """A reason without a word is none."""
        lead_id = admit()

        result = run("leads", decision, lead_id, "--reason", reason)

        assert result.exit_code == 2
        assert "say why, in a few words." in result.stderr
        assert json.loads(run("leads", "show", lead_id, "--json").stdout)["decision"]["verdict"] is None

    def test_a_reason_is_kept_without_spaces_around_it(self, run: Callable[..., Result]) -> None:
        """White space around a reason is removed."""
        told = run("leads", "decline", admit(), "--reason", " A competitor ", "--json").stdout

        assert json.loads(told)["decision"]["reason"] == "A competitor"

    def test_after_the_call(self, run: Callable[..., Result]) -> None:
        """Offer, outcome with its reason, and notes are part of the lead's story; the address names the lead."""
        admit()
        run = partial(run, PREQUAL_FORM=DEFAULT_FORM)
        told = run("leads", "offered", "Ada@example.com", "--until", "2026-03-20").stdout
        assert told == "Ada Lovelace: offered, until 20 Mar 2026.\n"
        run("leads", "note", "ada@example.com", " Wants it by autumn ")
        run("leads", "outcome", "ada@example.com", "lost", "--reason", "Too dear")

        shown = run("leads", "show", "ada@example.com").stdout
        exported = json.loads(run("leads", "show", "ada@example.com", "--json").stdout)

        assert "Status:   lost" in shown
        assert "offer made, to be answered by 20 Mar 2026" in shown
        assert "owner: Wants it by autumn" in shown
        assert "lost. Too dear" in shown
        assert exported["offered"]["until"] == "2026-03-20T23:59:59.000Z"
        assert (exported["status"], exported["outcome_reason"]) == ("lost", "Too dear")
        assert exported["booking"] == {"id": None, "starts_at": None, "booked_at": None, "cancelled_at": None}

    def test_days_begin_in_the_owners_zone(self, run: Callable[..., Result]) -> None:
        """Times and days, those of options too, are the owner's: in Honolulu, this lead came on 1 March."""
        lead_id, zone = admit(), {"PREQUAL_ZONE": "Pacific/Honolulu"}

        listed = run("leads", "list", "--since", "2026-03-02", **zone).stdout
        shown = run("leads", "list", **zone).stdout + run("leads", "show", lead_id, **zone).stdout
        run("leads", "offered", lead_id, "--until", "2026-03-20", **zone)
        offered = json.loads(run("leads", "show", lead_id, "--json").stdout)["offered"]

        assert lead_id[:8] not in listed
        assert "  2026-03-01 23:30  " in shown
        assert "\nMar 1, 2026, 11:30\u202fPM   answered" in shown
        assert offered["until"] == "2026-03-21T09:59:59.000Z"

    def test_a_note_has_words(self, run: Callable[..., Result]) -> None:
        """An empty note is refused."""
        result = run("leads", "note", admit(), " ")
        assert (result.exit_code, "write a few words." in result.stderr) == (2, True)

    def test_an_unknown_address(self, run: Callable[..., Result]) -> None:
        """An address that no lead has is one sentence."""
        admit()
        result = run("leads", "show", "grace@example.com", PREQUAL_FORM=DEFAULT_FORM)
        assert result.exit_code == 2
        assert result.stderr == "No lead has the address grace@example.com: prequal leads list shows them all.\n"


class TestErasing:
    def test_a_terminal_is_asked(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Who answers no keeps the lead."""
        lead_id = admit()
        person, terminal = os.openpty()
        with os.fdopen(person, "wb", buffering=0) as typed, os.fdopen(terminal) as read:
            typed.write(b"n\n")
            done = subprocess.run(
                [str(running.COMMAND), "leads", "erase", lead_id],
                cwd=tmp_path,
                env=running.environment(),
                stdin=read,
                capture_output=True,
                text=True,
                check=False,
            )

        assert (done.returncode, "Delete Ada Lovelace <ada@example.com> for good?" in done.stdout) == (1, True)
        assert len(run("leads", "list", "--json").stdout.splitlines()) == 1

    def test_nothing_else_is_asked(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Without a terminal, nothing is asked and no input is read, as the help says."""
        said = f"Erased lead {admit()}. Attempts: 1; mails: 1.\n"

        done = subprocess.run(
            [str(running.COMMAND), "leads", "erase", "ada@example.com"],
            cwd=tmp_path,
            env=running.environment(),
            input="n\n",
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
        told = " ".join(run("leads", "erase", "--help").stdout.split())
        assert "--yes Don't ask first. Without a terminal, nothing is asked anyway." in told

    def test_past_clients_are_covered(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """An address erases the answers of a past client too, with a lead or without, and nobody else's."""
        lead_id = admit()
        with closing(SqliteLeadStore(tmp_path / ".prequal/prequal.db")) as store:
            for email in ("ada@example.com", "grace@example.com", "mary@example.com"):
                store.save_past_client(builders.past_client(email=email))
        grace = builders.past_client(email="grace@example.com").id

        said = [
            run("leads", "erase", f"{name}@example.com", PREQUAL_FORM=DEFAULT_FORM)
            for name in ("ada", "grace", "nobody")
        ]

        assert [done.stdout for done in said] == [
            f"Erased lead {lead_id}. Attempts: 1; mails: 1; answers as a past client.\n",
            f"Erased lead {grace}. Attempts: 0; mails: 0; answers as a past client.\n",
            "",
        ]
        assert said[2].exit_code == 2
        assert "No lead has the address nobody@example.com" in said[2].stderr
        with closing(SqliteLeadStore(tmp_path / ".prequal/prequal.db")) as store:
            assert [client.email for client in store.iter_past_clients()] == ["mary@example.com"]


class TestOutput:
    COMMANDS: ClassVar = [
        ["check"],
        ["export"],
        ["export", "--format", "xlsx"],
    ]

    @pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
    @pytest.mark.usefixtures("run")
    def test_no_room(self, tmp_path: Path, arguments: list[str]) -> None:
        """Output that finds no room is one sentence."""
        admit()

        with open("/dev/full", "wb") as full:  # noqa: PTH123, as a shell does
            done = _printing(tmp_path, arguments, full)

        assert (done.returncode, done.stderr) == (2, "The output can't be written: No space left on device.\n")

    @pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
    @pytest.mark.usefixtures("run")
    def test_nobody_reads_on(self, tmp_path: Path, arguments: list[str]) -> None:
        """A reader that closes the pipe causes no error message."""
        admit()
        read, written = os.pipe()
        os.close(read)

        with os.fdopen(written, "wb") as pipe:
            done = _printing(tmp_path, arguments, pipe)

        assert (done.returncode, done.stderr) == (1, "")


def _printing(folder: Path, arguments: Sequence[str], output: BinaryIO) -> subprocess.CompletedProcess[str]:
    """Run the command with standard output going there."""
    return subprocess.run(
        [str(running.COMMAND), *arguments],
        cwd=folder,
        env=running.environment(),
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("run")
def test_a_file_of_ours_is_not_blamed_on_the_owner() -> None:
    """The error for a missing file of the installation says that it is prequal's own."""
    ours = Path(prequal.__file__).with_name("missing.json")

    group = CommandGroup(commands=[click.Command("broken", callback=ours.read_bytes)])
    result = CliRunner().invoke(group, ["broken"])

    assert result.exit_code == 2
    assert result.stderr == (
        f"prequal's own file {ours} can't be read: No such file or directory. Install prequal again.\n"
    )


def test_the_version(run: Callable[..., Result]) -> None:
    """--version prints the version of the package."""
    assert run("--version").stdout == f"prequal {metadata.version('prequal')}\n"


class TestDigest:
    def test_the_last_seven_days(self, run: Callable[..., Result]) -> None:
        """Today's leads count, beside those that wait, as in the mail."""
        admit(datetime.now(UTC))

        said = run("digest", PREQUAL_FORM=DEFAULT_FORM).stdout

        assert said.startswith("Studio North\n")
        assert "   1    0  Leads received\n" in said

    def test_json(self, run: Callable[..., Result]) -> None:
        """--json has every stage, and the ids of who waits."""
        now = datetime.now(UTC)
        lead_id = admit(now - timedelta(days=10), source="ada")

        told = json.loads(run("digest", "--json", PREQUAL_FORM=DEFAULT_FORM).stdout)

        assert told["week"] == dict.fromkeys(["received", "qualified", "invited", "opened", "booked", "won"], 0)
        assert told["before"]["received"] == 1
        assert told["ending"] == [lead_id]
        assert datetime.fromisoformat(told["until"]) - datetime.fromisoformat(told["since"]) == timedelta(days=7)


class TestDeliver:
    def test_the_digest_on_its_day(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Without a word in the form, a round sends the owner the digest, once a week; `never` turns it off."""
        admit(datetime.now(UTC) - timedelta(days=8))
        never = {**builders.document(), "digest": "never"}
        for name, document in (("form.json", builders.document()), ("never.json", never)):
            (tmp_path / name).write_text(json.dumps(document))
        environ = {"PREQUAL_SENDER": "hello@studio.example", "PREQUAL_OWNER": "owner@studio.example"}

        for name in ("never.json", "form.json", "form.json"):
            run("deliver", PREQUAL_FORM=name, **environ)
            sent = list((tmp_path / ".prequal/outbox").glob("digest-*.eml"))
            assert len(sent) == (name == "form.json")

    def test_a_digest_needs_a_sender(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Digests that somebody gets need a sender."""
        (tmp_path / "form.json").write_text(json.dumps(builders.document()))

        result = run("deliver", PREQUAL_FORM="form.json", PREQUAL_OWNER="owner@studio.example")

        assert (result.exit_code, result.stderr) == (2, "PREQUAL_SENDER is missing: set it.\n")

    def test_a_round(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """Due mails are sent, once."""
        admit(datetime.now(UTC))

        said = run("deliver", PREQUAL_FORM=DEFAULT_FORM).stdout

        assert said == (
            "1 sent, 0 put off, 0 given up; 0 reminded, 0 briefs and 0 questions on calls, "
            "0 expired, 0 deleted by retention.\n"
        )
        assert json.loads(run("deliver", "--json", PREQUAL_FORM=DEFAULT_FORM).stdout) == {
            "sent": 0, "put_off": 0, "given_up": 0, "removed": 0,
            "reminded": 0, "briefed": 0, "debriefed": 0, "expired": 0,
        }  # fmt: skip
        assert len(list((tmp_path / ".prequal" / "outbox").glob("*.eml"))) == 1

    def test_wrong_settings_are_status_2(self, run: Callable[..., Result]) -> None:
        """A setting that is wrong is a sentence."""
        result = run("deliver", PREQUAL_MAIL="pigeon")

        assert result.exit_code == 2
        assert result.stderr.startswith("PREQUAL_MAIL is not a way to send mail")
