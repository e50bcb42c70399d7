"""`prequal deploy` names everything that is missing, and then runs the tools one after the other.

Stand-ins for the tools write down how they were called, as no cloud is available here.
"""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from prequal.config import cloud
from prequal.core.errors import SettingsError
from prequal.deployment import preflight
from prequal.deployment.steps import Deployment
from support.running import CHECKOUT, environment, prequal
from support.shipped_site import write_texts

SETTINGS = {
    "PREQUAL_STORE": "firestore:studio-north",
    "PREQUAL_MAIL": "smtps://login:password@smtp.example",
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_OWNER": "Owner <owner@studio.example>",
    "PREQUAL_BOOKING_URL": "https://cal.example/intro?email={email}",
    "PREQUAL_PUBLIC_URL": "https://studio.example/",
    "PREQUAL_SECRET": "a secret that is long, and another secret",
    "PREQUAL_CAL_SECRET": "the secret of the hook",
}
# The output and effects of each tool when nothing is missing.
TOOLS = {
    "terraform": """case "$*" in
        version*) echo '{"terraform_version": "1.11.4"}';;
        *apply*) /usr/bin/env > "$CALLS.env";;
    esac""",
    "gcloud": """case "$*" in
        *billingEnabled*) echo True;;
        *org-policies*|storage*list*|storage\\ ls*|firestore*) ;;
        *) echo something;;
    esac""",
    "firebase": """case "$*" in login*) echo '{"status": "success", "result": [{}]}';; esac""",
}


@pytest.fixture(autouse=True)
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have texts without examples in the project that each test deploys."""
    write_texts(tmp_path / "site")
    monkeypatch.chdir(tmp_path)


class Machine:
    """A machine to deploy from, with the tools that a test installs."""

    def __init__(self, folder: Path, **tools: str) -> None:
        self.folder = folder
        #: What the steps reported.
        self.said: list[str] = []
        self._calls = folder / "calls"
        (folder / "bin").mkdir()
        for name, script in {**TOOLS, **tools}.items():
            if script:
                program = folder / "bin" / name
                program.write_text(f'#!/bin/sh\necho {name} "$@" >> "$CALLS"\n{script}\n')
                program.chmod(0o755)

    def deploy(self, *arguments: str, **settings: str) -> CompletedProcess[str]:
        """Run `prequal deploy` on it."""
        return prequal(self.folder, "deploy", *arguments, **{**self._given, **settings})

    def start(self) -> Deployment:
        """Return the steps of a deployment from it, without the command and its packaging."""
        environ = environment(**self._given)
        return Deployment(cloud.read(environ), self.folder / "build", environ, self.said.append)

    def missing(self, **settings: str) -> tuple[str, ...]:
        """Return the faults that the preflight finds on it."""
        try:
            preflight.run_preflight(environment(**{**self._given, **settings}))
        except SettingsError as error:
            return error.faults
        return ()

    @property
    def changes(self) -> list[str]:
        """Return the calls that change something, without the path to the project."""
        calls = self._calls.read_text().splitlines() if self._calls.exists() else []
        changing = (" init", " apply", " import", " deploy", " create", " update", " enable")
        return [call.replace(f"{self.folder}/", "") for call in calls if any(word in call for word in changing)]

    @property
    def variables(self) -> dict[str, str]:
        """Return Terraform's variables."""
        lines = self._calls.with_suffix(".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line.startswith("TF_VAR_"))

    @property
    def _given(self) -> dict[str, str]:
        return {**SETTINGS, "PATH": str(self.folder / "bin"), "CALLS": str(self._calls)}


PREPARED = """\
gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com storage.googleapis.com \
--project=studio-north
gcloud storage buckets create gs://studio-north-prequal-state --project=studio-north \
--uniform-bucket-level-access --public-access-prevention --location=europe-west1
gcloud storage buckets update gs://studio-north-prequal-state --versioning
""".splitlines()
BUCKET = "-backend-config=bucket=studio-north-prequal-state -backend-config=prefix=prequal"
CONNECTED = f"terraform -chdir=infra init -input=false -reconfigure {BUCKET}"
PUBLISHED = "firebase deploy --only hosting --config build/firebase.json --project studio-north --non-interactive"


def test_it_packages_applies_and_brings_the_pages(tmp_path: Path) -> None:
    """With all that is needed there, each tool does its part, in order, and each step is announced."""
    machine = Machine(tmp_path)

    done = machine.deploy()

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "build/function.zip").exists()
    assert machine.changes == [*PREPARED, CONNECTED, "terraform -chdir=infra apply", PUBLISHED]
    assert [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("Step")] == [
        f"Step {number} of 4" for number in (1, 2, 3, 4)
    ]
    assert "Your desk is at https://studio.example/desk/. It mails you a link that signs in.\n" in done.stdout
    assert done.stdout.endswith("prequal doctor https://studio.example\n")


def test_a_project_gets_a_fresh_copy_of_infra(tmp_path: Path) -> None:
    """Terraform runs in the project: our files are new each time, and what the owner added stays."""
    for name in ("prequal-gone.tf", "mine.tf", ".terraform.lock.hcl"):
        (tmp_path / "infra").mkdir(exist_ok=True)
        (tmp_path / "infra" / name).touch()

    Machine(tmp_path).deploy("--terraform", "apply")

    ours = {f"prequal-{path.name}" for path in (CHECKOUT / "infra").glob("*.tf")}
    ours |= {"firestore.indexes.json", "regions.json"}
    assert {path.name for path in (tmp_path / "infra").iterdir()} == ours | {"mine.tf", ".terraform.lock.hcl"}


def test_a_bucket_that_exists_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bucket of the state is made once; that earlier versions are kept is ensured each time."""
    monkeypatch.chdir(tmp_path)
    machine = Machine(tmp_path, gcloud=TOOLS["gcloud"].replace("storage*list*|", ""))

    assert machine.start().connect() is None

    assert machine.changes == [PREPARED[-1], CONNECTED]


def test_a_state_file_moves_to_the_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state file of an earlier version is moved to an empty bucket, and kept; beside another state it isn't."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra").mkdir()
    local, state = tmp_path / "infra/terraform.tfstate", '{"version": 4, "resources": [{}]}'
    local.write_text(state)
    machine = Machine(tmp_path)

    moved = machine.start().connect()
    changes = machine.changes
    there = local.exists()
    local.write_text(state)
    (tmp_path / "bin/gcloud").write_text("#!/bin/sh\necho something")
    refused = machine.start().connect()

    assert moved is None
    assert changes == [
        *PREPARED[1:],
        f"terraform -chdir=infra init -input=false -migrate-state -force-copy {BUCKET}",
    ]
    assert not there
    assert (tmp_path / "infra/terraform.tfstate.moved").read_text() == state
    assert refused
    assert "There are two states of Terraform" in refused
    assert local.exists()


def test_a_backend_of_one_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend in an override file takes the bucket's place; beside prequal's own it is refused, with its new name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra").mkdir()
    own = tmp_path / "infra/backend.tf"
    own.write_text('terraform {\n  backend "s3" {}\n}\n')
    machine = Machine(tmp_path)

    refused = machine.missing()
    own.rename(tmp_path / "infra/backend_override.tf")

    assert refused == ("infra/backend.tf has a backend beside prequal's own: rename it backend_override.tf.",)
    assert machine.missing() == ()
    assert machine.start().connect() is None
    assert machine.changes == ["terraform -chdir=infra init -input=false"]


def test_what_exists_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources that exist are imported, except for those in the state; those that don't are left out."""
    monkeypatch.chdir(tmp_path)
    terraform = """case "$*" in
        *state\\ list*) echo google_storage_bucket.source;;
        *import\\ *google_firestore_*) ;;
        *import\\ *) echo 'Error: Cannot import non-existent remote object' >&2; exit 1;;
    esac"""
    index, schedule = (
        f"projects/p/databases/d/{it}" for it in ("collectionGroups/leads/indexes/CI", "backupSchedules/b")
    )
    indexes = [
        {
            "name": index + order[0],
            "fields": [{"fieldPath": "status", "order": order}, {"fieldPath": "received_at", "order": order}],
        }
        for order in ("ASCENDING", "DESCENDING")
    ]
    gcloud = f"""case "$*" in
        *indexes*list*) echo '{json.dumps(indexes)}';;
        *schedules*list*) echo '[{{"name": "{schedule}", "dailyRecurrence": {{}}}}]';;
    esac"""
    machine = Machine(tmp_path, terraform=terraform, gcloud=gcloud)

    assert machine.start().import_existing() is None

    imported = [line.split()[1] for line in machine.said if line.endswith(": imported.")]
    assert imported == [
        "google_firestore_database.leads:",
        'google_firestore_index.this["leads.status"]:',
        'google_firestore_index.this["leads.status.descending"]:',
        "google_firestore_backup_schedule.daily:",
    ]
    assert f'import -input=false -no-color google_firestore_index.this["leads.status"] {index}A' in machine.changes[-3]
    assert not any("google_storage_bucket.source" in call for call in machine.changes)


def test_an_import_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When something that exists can't be imported, the message holds the reason."""
    monkeypatch.chdir(tmp_path)
    fails = """case "$*" in *import\\ *) echo 'Error: the network is down' >&2; exit 1;; esac"""

    failed = Machine(tmp_path, terraform=fails).start().import_existing()

    assert failed
    assert failed.startswith("Error: the network is down\n")
    assert "could not be imported: correct what is said above" in failed


def test_the_settings_file_of_a_project(tmp_path: Path) -> None:
    """settings.env overrides the environment, except where it leaves a setting empty; a malformed line is refused."""
    machine = Machine(tmp_path)
    settings = tmp_path / "settings.env"
    settings.write_text(
        "# Don’t forget the comment's quote\n"
        "PREQUAL_STORE=firestore:other-project\n"
        "PREQUAL_SENDER='\"A # B\" <hello@studio.example>'\n"
        "PREQUAL_OWNER=\n"
        """TF_VAR_budget='{billing_account = "1", amount = 5}'\n"""
    )

    machine.deploy("--yes")
    expected = machine.variables
    settings.write_text("PREQUAL_SENDER=Studio North\n")
    refused = machine.deploy("--check")

    assert expected["TF_VAR_project"] == "other-project"
    assert json.loads(expected["TF_VAR_settings"])["PREQUAL_SENDER"] == '"A # B" <hello@studio.example>'
    assert json.loads(expected["TF_VAR_settings"])["PREQUAL_OWNER"] == "Owner <owner@studio.example>"
    assert expected["TF_VAR_budget"] == '{billing_account = "1", amount = 5}'
    assert (refused.returncode, refused.stderr) == (
        2,
        "settings.env, line 1: write NAME='value', with nothing behind it, and a ' in a mail password as %27.\n",
    )


def test_settings_become_variables_of_terraform(tmp_path: Path) -> None:
    """The settings become Terraform's variables, and no secret is on any command line."""
    machine = Machine(tmp_path)

    machine.deploy("--yes")

    expected = {
        "TF_VAR_project": "studio-north",
        "TF_VAR_database": "(default)",
        "TF_VAR_region": "europe-west1",
        "TF_VAR_alert_email": "owner@studio.example",
        "TF_VAR_archive": str(tmp_path / "build/function.zip"),
    }
    secrets = {"PREQUAL_CAL_SECRET", "PREQUAL_MAIL", "PREQUAL_SECRET"}
    assert expected.items() <= machine.variables.items()
    assert json.loads(machine.variables["TF_VAR_settings"])["PREQUAL_PUBLIC_URL"] == "https://studio.example"
    assert json.loads(machine.variables["TF_VAR_secrets"]).keys() == secrets
    assert json.loads(machine.variables["TF_VAR_secret_fingerprints"]).keys() == secrets
    assert "secret" not in (tmp_path / "calls").read_text()


def test_every_fault_is_named_and_nothing_changed(tmp_path: Path) -> None:
    """On a bare machine, with a form in error, one run names every tool, login, setting and fault."""
    machine = Machine(tmp_path, terraform="", firebase="", gcloud="exit 1")
    (tmp_path / "form.yaml").write_text("id: No Good\n")
    wrong = {"PREQUAL_FORM": "form.yaml", "PREQUAL_REGION": "Belgium", "FIRESTORE_EMULATOR_HOST": "localhost:1"}

    refused = machine.deploy(**dict.fromkeys(SETTINGS, ""), **wrong)

    assert refused.returncode == 2
    for beginning in (
        "Terraform was not found",
        "firebase was not found",
        "FIRESTORE_EMULATOR_HOST is set",
        "PREQUAL_STORE is not in the cloud",
        "PREQUAL_MAIL is not a public mail server",
        "PREQUAL_SENDER is missing",
        "PREQUAL_BOOKING_URL is missing",
        "PREQUAL_PUBLIC_URL does not begin with https://",
        "PREQUAL_SECRET is missing",
        "PREQUAL_REGION is not a region",
        "PREQUAL_ALERTS is missing",
        "form.yaml:1:",
        "You are not logged in to Google Cloud",
    ):
        assert f"\n{beginning}" in f"\n{refused.stderr}"
    assert machine.changes == []
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize(
    ("tool", "script", "sentence"),
    [
        ("terraform", """echo '{"terraform_version": "1.9.8"}'""", "Terraform is too old: install 1.11 or newer."),
        ("gcloud", 'case "$*" in *describe*) exit 1;; esac; echo it', "The project studio-north can't be accessed"),
        ("gcloud", "echo False", "The project studio-north has no billing"),
        (
            "gcloud",
            'case "$*" in *org-policies*) echo C0123abcd;; *) echo True;; esac',
            "Your organisation's policy iam.allowedPolicyMemberDomains forbids functions that anybody may call",
        ),
        ("firebase", """echo '{"status": "success"}'""", "You are not logged in to Firebase: run firebase login."),
    ],
)
def test_a_tool_that_is_not_ready_is_named(tmp_path: Path, tool: str, script: str, sentence: str) -> None:
    """An installed tool that isn't ready is one fault, and nothing is changed."""
    machine = Machine(tmp_path, **{tool: script})

    [said] = machine.missing()

    assert said.startswith(sentence)
    assert machine.changes == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PREQUAL_STORE", "firestore:demo-studio", "PREQUAL_STORE is not in the cloud"),
        ("PREQUAL_MAIL", "smtp://localhost?tls=none", "PREQUAL_MAIL is not a public mail server"),
        ("PREQUAL_BOOKING_URL", "http://cal.example", "PREQUAL_BOOKING_URL does not begin with https://"),
        ("PREQUAL_SECRET", "a secret that is long, short", "PREQUAL_SECRET has a secret that is too short"),
        ("PREQUAL_ALERTS", "owner", "PREQUAL_ALERTS is not a mail address"),
        (
            "PREQUAL_REGION",
            "europe-north1",
            "PREQUAL_REGION is europe-north1, where Google offers no Cloud Scheduler (as of 2026-09-24): choose europe",
        ),
    ],
)
def test_settings_for_one_machine_are_refused(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    """A setting that works on one machine, but not in the cloud, is one fault."""
    [said] = Machine(tmp_path).missing(**{name: value})

    assert said.startswith(sentence)


def test_examples_are_not_deployed(tmp_path: Path) -> None:
    """An example that came with prequal, and that nobody has replaced, is a fault of its own."""
    texts = tmp_path / "site/content/en.yaml"
    example = '\nquotes: {title: "Said", list: [{text: "A", name: "B", example: true}]}\n'
    for path in texts.parent.iterdir():
        path.write_text(path.read_text(encoding="utf-8") + example.replace(", example: true" * (path != texts), ""))

    [said] = Machine(tmp_path).missing()

    assert said.startswith("site/content/en.yaml:")
    assert said.endswith("This is still the example: put your own there, or delete it.")


def test_a_key_file_is_a_login(tmp_path: Path) -> None:
    """With a key file, as a CI server has, no login is needed."""
    machine = Machine(
        tmp_path,
        gcloud="exit 1",
        firebase="""echo '{"status": "success"}'""",
    )

    assert machine.missing(GOOGLE_APPLICATION_CREDENTIALS="key.json") == ()


def test_gcloud_logs_in_with_the_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key file, which Terraform and firebase read by themselves, is gcloud's login too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
    machine = Machine(tmp_path, gcloud='echo " update with $CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE" >> "$CALLS"')

    machine.start().connect()

    assert " update with key.json" in machine.changes


def test_a_check_that_finds_faults(tmp_path: Path) -> None:
    """`--check` names what is missing, with the exit status of a negative answer."""
    refused = Machine(tmp_path).deploy("--check", PREQUAL_SENDER="")

    assert (refused.returncode, refused.stderr) == (1, "PREQUAL_SENDER is missing: set it.\n")


def test_a_check_changes_nothing(tmp_path: Path) -> None:
    """`--check` reports that nothing is missing, and changes nothing."""
    machine = Machine(tmp_path)

    done = machine.deploy("--check")

    assert (done.returncode, done.stdout) == (0, "Ready to deploy to studio-north in europe-west1.\n")
    assert machine.changes == []
    assert not (tmp_path / "build").exists()


def test_a_region_that_is_not_listed_is_warned_of(tmp_path: Path) -> None:
    """A region about which nothing is known is named in a warning, and the deployment goes on."""
    done = Machine(tmp_path).deploy("--check", PREQUAL_REGION="mars-north1")

    assert (done.returncode, done.stdout) == (0, "Ready to deploy to studio-north in mars-north1.\n")
    assert done.stderr.endswith(" needs in mars-north1.\n")


def test_terraform_alone_gets_the_same_variables(tmp_path: Path) -> None:
    """`--terraform` runs any Terraform command on the deployment's state, with its variables, and nothing else."""
    machine = Machine(tmp_path)

    done = machine.deploy("--terraform", "apply -destroy")

    assert done.returncode == 0, done.stderr
    assert machine.changes == [*PREPARED[1:], CONNECTED, "terraform -chdir=infra apply -destroy"]
    assert machine.variables["TF_VAR_project"] == "studio-north"


def test_a_step_that_fails_is_the_last(tmp_path: Path) -> None:
    """When a step fails, its tool's error is shown, none follows, and one sentence says what to do."""
    fails = 'case "$*" in *apply*) echo "because of it" >&2; exit 1;; esac\n'
    machine = Machine(tmp_path, terraform=fails + TOOLS["terraform"])

    done = machine.deploy("--yes", "--import")

    *_, shown, said = done.stderr.splitlines()
    assert (done.returncode, shown) == (1, "because of it")
    assert said.startswith("Terraform failed: its output above says why.")
    assert "\nStep 3 of 5: Takes over what exists" in done.stdout
    assert machine.changes[-1] == "terraform -chdir=infra apply -auto-approve -input=false"


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        ("enable", "could not be enabled: correct what gcloud's output above names"),
        ("create", "could not be made: correct what gcloud's output above names"),
        ("init", "Terraform could not start: correct what its output above names"),
        ("deploy", "but not the pages: correct what firebase's output above names"),
    ],
)
def test_every_failure_has_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, sentence: str
) -> None:
    """Each step says in a sentence what failed, and where the reason is."""
    monkeypatch.chdir(tmp_path)
    fails = f'case "$*" in *{failing}*) exit 1;; esac\n'
    machine = Machine(tmp_path, **{tool: fails + script for tool, script in TOOLS.items()})
    deployment = machine.start()

    problem = deployment.prepare() or deployment.publish()

    assert problem
    assert sentence in problem
    assert "deploy again." in problem
    assert failing in machine.changes[-1]
