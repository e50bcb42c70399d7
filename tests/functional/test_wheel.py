"""The wheel alone, in an environment of its own: an owner's project is made, tried and packaged without a checkout."""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import site
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from prequal.pages.wording import languages
from support.running import (
    CHECKOUT,
    QUALIFIED,
    Server,
    free_port,
    get,
    link_in,
    outbox,
    post_form,
    post_json,
    prospect,
    run,
    until,
)
from support.shipped_site import without_examples

PARTS = ["functions", "infra", "schema", "site"]
FILES = [".gitignore", "LICENSE", "README.md", "hatch_build.py", "pyproject.toml"]
NEVER_SHIPPED = ("infra/settings.env", "infra/terraform.tfstate", "infra/.terraform/providers")
TOOLS = {
    "terraform": """case "$*" in version*) echo '{"terraform_version": "1.11.4"}';; *) echo "$PWD $@";; esac""",
    "gcloud": 'case "$*" in *billingEnabled*) echo True;; *org-policies*) ;; *) echo something;; esac',
    "firebase": """case "$*" in login*) echo '{"status": "success", "result": [{}]}';; esac""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A project, and the command that the wheel installed in another place."""

    environment: Path
    project: Path

    def prequal(self, *arguments: str) -> CompletedProcess[str]:
        """Run the command in the project."""
        return run([str(self.environment / "bin/prequal"), *arguments], self.project, self.environ)

    @property
    def environ(self) -> dict[str, str]:
        """Return next to nothing: no setting, and no path to the checkout."""
        return {"PATH": f"{self.environment / 'tools'}:{os.defpath}", "HOME": str(self.environment)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a package index would: from the sdist of a clean tree, in which secrets happen to lie."""
    tree, built, unpacked = map(tmp_path_factory.mktemp, ("tree", "built", "unpacked"))
    for part in PARTS:
        shutil.copytree(CHECKOUT / part, tree / part, ignore=shutil.ignore_patterns("*.mo", "__pycache__", ".*"))
    for name in FILES:
        shutil.copyfile(CHECKOUT / name, tree / name)
    for name in NEVER_SHIPPED:
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("secret")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(built), "-t"]
    done = run([*build, "sdist"], tree, os.environ)
    assert done.returncode == 0, done.stderr
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        sdist.extractall(unpacked, filter="data")
    done = run([*build, "wheel"], next(unpacked.iterdir()), os.environ)
    assert done.returncode == 0, done.stderr
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def studio(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Install the wheel, with the dependencies that these tests have, and make a project in an empty folder."""
    environment, folder = tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("empty")
    venv.create(environment)
    [packages] = environment.glob("lib/python*/site-packages")
    # The folder alone is added, so that its own .pth file, which leads to the checkout, is not read.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin/python"), "--quiet", "install"]
    installed = run([*pip, "--no-deps", "--no-index", str(wheel)], folder, os.environ)
    assert installed.returncode == 0, installed.stderr
    (environment / "tools").mkdir()
    for name, script in TOOLS.items():
        (environment / "tools" / name).write_text(f"#!/bin/sh\n{script}\n")
        (environment / "tools" / name).chmod(0o755)
    made = Installation(environment=environment, project=folder).prequal("new", "studio", "--languages", "en")
    assert (made.returncode, made.stdout) == (0, "Made studio. Next:\n  cd studio\n  prequal dev\n"), made.stderr
    return Installation(environment=environment, project=folder / "studio")


@pytest.fixture(scope="module")
def server(studio: Installation) -> Iterator[Server]:
    """Run `prequal dev` in the project, with the invitation of one prospect in its outbox."""
    port = free_port()
    command = [str(studio.environment / "bin/prequal"), "dev", "--port", str(port)]
    with Server(command=command, folder=studio.project, port=port, environ=studio.environ) as served:
        assert post_json(served.leads, prospect("Ada")).status == 202
        until(lambda: outbox(studio.project), "the invitation")
        yield served


def test_no_secret_is_shipped(wheel: Path) -> None:
    """A wheel holds no file that git ignores, except the compiled catalogues."""
    names = zipfile.ZipFile(wheel).namelist()

    assert not [name for name in names if any(secret in name for secret in NEVER_SHIPPED)]
    assert {f"prequal/locale/{language}/LC_MESSAGES/prequal.mo" for language in languages()} <= {*names}


def test_it_is_the_wheel_that_runs(studio: Installation) -> None:
    """The command and its files come from the environment, and know nothing of the checkout."""
    asked = "import sys; from prequal import resources; print(resources.SHIPPED, sys.path)"
    answer = run([str(studio.environment / "bin/python"), "-c", asked], studio.project, studio.environ).stdout

    assert answer.startswith(str(studio.environment))
    assert str(CHECKOUT / "functions") not in answer


def test_the_form_is_checked(studio: Installation) -> None:
    """The project's form has no faults, and is in the chosen language alone."""
    checked = studio.prequal("check")

    assert (checked.returncode, ": error: " in checked.stdout, " questions in en," in checked.stdout) == (
        0,
        False,
        True,
    )


def test_page_and_function_are_packaged(studio: Installation) -> None:
    """Site and archive are built from the project's files, and the archive has the function's own."""
    built, packaged = studio.prequal("build"), studio.prequal("package")

    assert (built.returncode, packaged.returncode) == (0, 0), packaged.stderr
    assert (studio.project / "build/site/index.html").is_file()
    assert not (studio.project / "build/site/fr").exists()
    names = zipfile.ZipFile(studio.project / "build/function.zip").namelist()
    assert {"main.py", "requirements.txt", "compiled.json", "prequal/web/app.py"} <= set(names)


def test_the_story(studio: Installation, server: Server) -> None:
    """A prospect answers, is invited, follows the link; the owner lists, shows and exports the lead."""
    [invitation] = outbox(studio.project)
    followed = post_form(link_in(invitation), {})
    listed, exported = studio.prequal("leads", "list"), studio.prequal("export", "-o", "leads.xlsx")

    assert "Studio North" in get(f"{server.url}/").body
    assert followed.status == 303
    assert (exported.returncode, exported.stderr) == (0, "Wrote 1 lead to leads.xlsx.\n")
    assert listed.stdout.splitlines()[1].endswith("Ada <ada@example.com>")


def test_the_story_on_a_server(studio: Installation, tmp_path: Path) -> None:
    """`prequal serve` tells the same story, with its leads and mails elsewhere, and the doctor finds nothing wrong."""
    port = free_port()
    settings = {
        "PREQUAL_STORE": f"sqlite:{tmp_path}/prequal.db",
        "PREQUAL_MAIL": f"outbox:{tmp_path}/.prequal/outbox",
        "PREQUAL_SENDER": "Studio North <hello@studio.example>",
        "PREQUAL_BOOKING_URL": f"http://localhost:{port}/?email={{email}}",  # a page that answers the doctor
        "PREQUAL_SECRET": "a secret that is long",
        "PREQUAL_PUBLIC_URL": f"http://localhost:{port}",
        "PREQUAL_HOPS": "0",  # no proxy here
    }
    environ, command = {**studio.environ, **settings}, str(studio.environment / "bin/prequal")
    with Server(
        command=[command, "serve", "--port", str(port)], folder=studio.project, port=port, environ=environ
    ) as on:
        page, answered = get(f"{on.url}/"), post_form(on.leads, prospect("Ada"))
        [invitation] = until(lambda: outbox(tmp_path), "the invitation")
        followed = post_form(link_in(invitation), {})
        listed = run([command, "leads", "list"], studio.project, environ)
        examined = run([command, "doctor", on.url], studio.project, environ)

    assert (page.status, "Studio North" in page.body) == (200, True)
    assert (answered.status, answered.headers["Location"]) == (303, f"{on.url}/thanks/")
    assert (followed.status, followed.headers["Location"]) == (303, f"{on.url}/?email=ada%40example.com")
    assert listed.stdout.splitlines()[1].endswith("Ada <ada@example.com>")
    assert examined.returncode == 0, examined.stdout


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "command",
    ["report -o report.html", "rescore --plot moves.svg", "digest", "deliver", "link --source ada", "--version"],
)
def test_other_commands(studio: Installation, command: str) -> None:
    """Commands find the leads, the templates and the catalogues."""
    done = studio.prequal(*command.split())

    assert done.returncode == 0, done.stderr


def test_the_doctor_finds_nothing_wrong(studio: Installation, server: Server) -> None:
    """The doctor finds no fault in `prequal dev`."""
    examined = studio.prequal("doctor", server.url)

    assert "✗" not in examined.stdout
    assert examined.returncode == 0, examined.stdout + examined.stderr


def test_points_are_learned_from_a_table(studio: Installation) -> None:
    """A table of past clients teaches points, which are drawn."""
    choices = itertools.product(["around", "more", "unsure"], ["soon", "later", "rushed", "no_date"], range(5))
    with (studio.project / "clients.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, [*QUALIFIED, "result"])
        table.writeheader()
        for budget, timeline, number in choices:
            good = (budget != "unsure") + (timeline in ("soon", "later")) + number % 2
            result = "won" if good > 1 else "lost"
            table.writerow({**QUALIFIED, "budget": budget, "timeline": timeline, "result": result})

    arguments = ["clients.csv", "--outcome", "result", "--good", "won", "--plot", "points.svg"]
    learned = studio.prequal("calibrate", *arguments)

    assert learned.returncode == 0, learned.stdout + learned.stderr
    assert (studio.project / "points.svg").read_text().startswith("<")


def test_a_deployment_names_what_is_missing_and_runs_in_the_project(studio: Installation) -> None:
    """A new project lacks a secret, and has examples; after that, Terraform runs there, on the package's own files."""
    missing = studio.prequal("deploy", "--check")
    texts = studio.project / "site/content/en.yaml"
    texts.write_text(without_examples(texts.read_text(encoding="utf-8")), encoding="utf-8")
    settings = (studio.project / "settings.env").read_text()
    settings = settings.replace("YOUR-PROJECT", "studio-1").replace("SECRET=\n", "SECRET=long-enough-to-sign\n", 1)
    (studio.project / "settings.env").write_text(settings)
    checked, planned = studio.prequal("deploy", "--check"), studio.prequal("deploy", "--terraform", "plan")

    assert (missing.returncode, "PREQUAL_SECRET is missing: set it." in missing.stderr) == (1, True)
    assert "This and 5 more are still examples" in missing.stderr
    assert (checked.returncode, checked.stdout) == (0, "Ready to deploy to studio-1 in europe-west1.\n"), checked.stderr
    assert planned.stdout == f"{studio.project} -chdir={studio.project / 'infra'} plan\n"
    assert (studio.project / "infra/prequal-functions.tf").read_bytes() == (
        CHECKOUT / "infra/functions.tf"
    ).read_bytes()


def test_nothing_was_written_beside_the_modules(studio: Installation) -> None:
    """Everything that commands write is in the project: the package may be where nobody can write."""
    [record] = studio.environment.glob("lib/python*/site-packages/prequal-*.dist-info/RECORD")
    packages = record.parents[1]
    recorded = {row[0] for row in csv.reader(record.read_text().splitlines())}

    found = {path for path in (packages / "prequal").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {str(path.relative_to(packages)) for path in found} <= recorded


def test_the_version(studio: Installation, wheel: Path) -> None:
    """The version that is printed is that of the wheel."""
    assert studio.prequal("--version").stdout == f"prequal {wheel.name.split('-')[1]}\n"
