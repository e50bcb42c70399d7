"""The command in other terminals than the usual: encodings, closed streams, signals, folders that can't be written."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from prequal import log
from prequal.core.errors import StoreMissingError, UnreadableDocumentError
from support.commands import admit, store
from support.running import CHECKOUT, PATIENCE, environment

if TYPE_CHECKING:
    from click.testing import Result

FORM = str(CHECKOUT / "schema/form.yaml")
CLOSED = "The output can't be written: standard output is closed.\n"
# In a process of its own: an unfinished file and folder, and then a signal.
UNFINISHED = """
import os, sys
from pathlib import Path
from prequal.cli import signals
from prequal.files import open_atomically, temporary_folder
signals.prepare()
with open_atomically(Path("leads.csv")) as out, temporary_folder(Path()) as folder:
    (folder / "part").write_text("Ada")
    out.write(b"Ada")
    out.flush()
    os.kill(os.getpid(), int(sys.argv[1]))
"""
# In a process of its own: Ctrl-C at the moment at which the command's modules begin to load.
INTERRUPTED = """
import os, signal, sys
class Interrupter:
    def find_spec(self, name, *_):
        if name == "prequal.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupter())
from prequal.__main__ import main
main()
"""


def shell(folder: Path, command: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a shell does, with its redirections."""
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m prequal {command}"],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def latin_2(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the settings of a Polish terminal with an 8-bit encoding."""
    folder = tmp_path_factory.mktemp("locales")
    try:
        subprocess.run(
            ["localedef", "-i", "pl_PL", "-f", "ISO-8859-2", str(folder / "pl_PL")], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("localedef can't make the locale pl_PL in ISO-8859-2.")
    return {"LOCPATH": str(folder), "LC_ALL": "pl_PL"}


@pytest.mark.usefixtures("run")
class TestEncodings:
    def test_what_the_terminal_lacks_is_simplified(self, tmp_path: Path, latin_2: dict[str, str]) -> None:
        """Characters that an 8-bit terminal lacks are replaced; those that it has are shown."""
        admit(name="Żaneta → Ольга")

        done = shell(tmp_path, "leads list", **latin_2)

        assert (done.returncode, done.stderr) == (0, b"")
        assert "Żaneta -> ????? <ada@example.com>" in done.stdout.decode("iso8859-2")

    def test_json_is_utf_8(self, tmp_path: Path, latin_2: dict[str, str]) -> None:
        """JSON is in UTF-8 in every terminal."""
        lead_id = admit(name="Ольга")

        assert json.loads(shell(tmp_path, f"leads show {lead_id} --json", **latin_2).stdout)["name"] == "Ольга"

    def test_a_terminal_without_blocks_has_no_qr_code(self, tmp_path: Path, latin_2: dict[str, str]) -> None:
        """A QR code that the terminal can't show is not shown as something else."""
        done = shell(tmp_path, "link --source ada", **latin_2)

        assert (done.returncode, done.stdout.splitlines()[1:]) == (
            0,
            [b"This terminal can't show the QR code: draw it with -o qr.svg."],
        )

    def test_a_setting_that_the_locale_lacks(self, tmp_path: Path, latin_2: dict[str, str]) -> None:
        """A file of settings with characters that the locale lacks is one sentence."""
        (tmp_path / "settings.env").write_text("PREQUAL_SENDER='Ольга <o@example.com>'\n", encoding="utf-8")

        done = shell(tmp_path, "--settings settings.env leads list", **latin_2)

        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1
        assert b"can't be written in this terminal's encoding, iso8859-2: set LC_ALL=C.UTF-8." in done.stderr

    def test_an_argument_that_is_no_text(self, tmp_path: Path) -> None:
        """Bytes that are no text in the terminal's encoding are one sentence, and nothing is stored."""
        lead_id = admit()

        done = shell(tmp_path, f"leads decline {lead_id} --reason \"$(printf 'caf\\351')\"", LC_ALL="C.UTF-8")

        assert (done.returncode, done.stderr) == (
            2,
            b"An argument or a setting is not text in this terminal's encoding, utf-8: type it again.\n",
        )

    @pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
    def test_no_colours(self, run: Callable[..., Result], settings: dict[str, str]) -> None:
        """NO_COLOR and a terminal without colours are respected."""
        admit()

        assert "\x1b[" in run("leads", "list", color=True, TERM="xterm").stdout
        assert "\x1b[" not in run("leads", "list", color=True, **{"TERM": "xterm", **settings}).stdout


@pytest.mark.usefixtures("run")
class TestStreams:
    @pytest.mark.parametrize(
        ("command", "status", "sentence"),
        [
            ("leads list >&-", 2, CLOSED),
            ("export >&-", 2, CLOSED),
            ("--help >/dev/full", 2, "The output can't be written: No space left on device.\n"),
            ("export -o leads.csv <&- >&- 2>&-", 0, ""),
            ("export -o leads.csv 2>/dev/full", 0, ""),
            ("leads show nobody 2>&-", 2, ""),
        ],
    )
    def test_closed_and_full_ones(self, tmp_path: Path, command: str, status: int, sentence: str) -> None:
        """Output that can't be written is one sentence; a message that can't be shown changes nothing."""
        lead_id = admit()

        done = shell(tmp_path, command)

        assert (done.returncode, done.stderr.decode(), done.stdout) == (status, sentence, b"")
        if "-o" in command:
            assert lead_id in (tmp_path / "leads.csv").read_text()

    @pytest.mark.parametrize(
        ("arguments", "beginning"),
        [
            (["export", "-o", "-"], "id,"),
            (["report", "-o", "-"], "<!doctype html>"),
            (["link", "--source", "ada", "-o", "-"], "<?xml"),
        ],
        ids=lambda value: value[0],
    )
    def test_standard_output_has_a_name(
        self, run: Callable[..., Result], tmp_path: Path, arguments: list[str], beginning: str
    ) -> None:
        """-o - writes to standard output and to no file."""
        admit()

        result = run(*arguments, PREQUAL_FORM=FORM)

        assert (result.exit_code, result.stdout[: len(beginning)]) == (0, beginning)
        assert not (tmp_path / "-").exists()

    def test_the_log_is_for_whom_it_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A person at a terminal reads words, a log collector JSON."""
        written = []
        for is_terminal in (True, False):
            stream = io.StringIO()
            monkeypatch.setattr(stream, "isatty", lambda answer=is_terminal: answer)
            monkeypatch.setattr(sys, "stderr", stream)
            log.start()
            log.swept({"sent": 1, "put_off": 0})
            log.submission_refused({"email"}, outdated=False)
            written.append(stream.getvalue())

        assert written == [
            "Swept: sent 1, put off 0.\nSubmission refused: fields email, not outdated.\n",
            (
                '{"severity": "INFO", "message": "swept", "sent": 1, "put_off": 0}\n'
                '{"severity": "INFO", "message": "submission refused", "fields": ["email"], "outdated": false}\n'
            ),
        ]


class TestSignals:
    @pytest.mark.parametrize(
        ("by", "status"),
        [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)],
        ids=str,
    )
    def test_nothing_unfinished_is_left(self, tmp_path: Path, by: signal.Signals, status: int) -> None:
        """A command that a signal ends leaves no part of a file, and says nothing."""
        command = [sys.executable, "-c", UNFINISHED, str(int(by))]

        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)

        assert (done.returncode, done.stderr, [*tmp_path.iterdir()]) == (status, b"", [])

    def test_ctrl_c_while_modules_load(self, tmp_path: Path) -> None:
        """Ctrl-C before the command has begun ends it without a word."""
        command = [sys.executable, "-c", INTERRUPTED]

        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)

        assert (done.returncode, done.stderr) == (130, b"")


class TestStores:
    @pytest.mark.parametrize(
        "arguments",
        [
            *(["leads", "list"], ["leads", "show", "a"], ["leads", "booked", "a"], ["leads", "erase", "a"]),
            *(["export"], ["report", "-o", "r.html"], ["digest"], ["rescore"], ["rescore", "--apply"]),
            ["calibrate", "--from-leads"],
        ],
        ids=" ".join,
    )
    def test_none_is_made(self, run: Callable[..., Result], tmp_path: Path, arguments: list[str]) -> None:
        """A command that needs leads says that there is no store, and makes none."""
        result = run(*arguments, PREQUAL_FORM=FORM)

        assert (result.exit_code, result.stdout, result.stderr) == (
            2,
            "",
            f"{StoreMissingError(Path('.prequal/prequal.db'))}\n",
        )
        assert [*tmp_path.iterdir()] == []

    @pytest.mark.parametrize(
        "document",
        [
            "not JSON",
            "[]",
            "[" * 100_000,
            '{"name": "Ada"}',
            b"\xff",
            # Of a good one, by SQLite.
            "json_remove(document, '$.name')",
            "json_set(document, '$.score.total', 'many')",
            "json_set(document, '$.received_at', '2026-01-01')",
            "json_set(document, '$.answers', 5)",
            "json_set(document, '$.status', 'married')",
        ],
        ids=lambda document: str(document)[:40],
    )
    def test_the_rest_is_written(self, run: Callable[..., Result], document: str | bytes) -> None:
        """A damaged lead is a sentence with its id in every command, which goes on to its end; it can be erased."""
        good, broken = admit(), admit(email="grace@example.com")
        with store()._database.transaction() as connection:
            if isinstance(document, str) and document.startswith("json_"):
                connection.execute(f"UPDATE leads SET document = {document} WHERE id = ?", (broken,))  # noqa: S608
            else:
                connection.execute("UPDATE leads SET document = CAST(? AS TEXT) WHERE id = ?", (document, broken))
        told = f"{UnreadableDocumentError(f'Lead {broken}')}\n"

        for arguments in (
            ["leads", "list"],
            ["export", "--format", "jsonl"],
            ["report", "-o", "-"],
            ["rescore", "--json"],
            ["rescore", "--apply"],
        ):
            result = run(*arguments, PREQUAL_FORM=FORM)
            assert (result.exit_code, told in result.stderr, result.stdout != "") == (1, True, True), arguments
        assert good in run("export").stdout
        assert run("leads", "erase", broken).stdout == f"Erased lead {broken}. Attempts: 1; mails: 1.\n"
        assert run("export").exit_code == 0

    def test_a_filter_passes_over_what_is_no_json(self, run: Callable[..., Result]) -> None:
        """A list with conditions is written to its end, too."""
        good, broken = admit(), admit(email="grace@example.com")
        with store()._database.transaction() as connection:
            connection.execute("UPDATE leads SET document = 'not JSON' WHERE id = ?", (broken,))

        for condition in (["--status", "invited"], ["--grade", "warm"], ["--since", "2026-01-01"]):
            result = run("leads", "list", *condition)
            assert (result.exit_code, good[:8] in result.stdout, broken in result.stderr) == (1, True, True)

    def test_a_newer_lead(self, run: Callable[..., Result]) -> None:
        """Of a lead that a newer prequal wrote, the sentence says so."""
        newer = admit()
        with store()._database.transaction() as connection:
            connection.execute("UPDATE leads SET document = json_set(document, '$.schema_version', 9)")

        result = run("leads", "list")

        assert (result.exit_code, result.stderr) == (
            1,
            f"Lead {newer} is of schema 9, and this prequal knows 1: upgrade prequal, here too.\n",
        )

    def test_a_folder_that_cannot_be_written(self, read_only: tuple[Path, list[str]]) -> None:
        """Leads can be read where nothing can be written, and what can't be done is one sentence."""
        folder, user = read_only
        results = [
            subprocess.run(
                [*user, sys.executable, "-m", "prequal", *arguments],
                cwd=folder,
                env=environment(),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            for arguments in (["leads", "list"], ["export", "-o", "leads.csv"], ["leads", "booked", "a"])
        ]

        assert [(done.returncode, done.stderr) for done in results] == [
            (0, ""),
            (2, "leads.csv can't be written: Permission denied.\n"),
            (1, "The database .prequal/prequal.db can't be used: attempt to write a readonly database.\n"),
        ]
        assert "ada@example.com" in results[0].stdout
        assert [path.name for path in (folder / ".prequal").iterdir()] == ["prequal.db"]


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, list[str]]]:
    """Return a folder with a lead that its reader can't write, and how to become that reader."""
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if user and not shutil.which("setpriv"):
        pytest.skip("setpriv is missing, by which root becomes an ordinary user.")
    with TemporaryDirectory() as name:  # others can't enter pytest's own
        folder = Path(name)
        monkeypatch.chdir(folder)
        admit()
        for path in (folder / ".prequal/prequal.db", folder / ".prequal", folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield folder, user
        for path in (folder, folder / ".prequal"):
            path.chmod(0o755)
