"""Terraform, which applies `infra/` and mistaken copies of it to a simulated cloud."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from support.running import CHECKOUT

INFRA = CHECKOUT / "infra"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistaken change of one file, which the `rule` that it breaks must detect.

    Without a rule, Terraform itself must refuse it.
    """

    file: str
    before: str
    after: str
    rule: str | None

    @property
    def name(self) -> str:
        """Return the file's name with the text before and after."""
        return f"{self.file}: {self.before} → {self.after}"

    def make(self, folder: Path) -> None:
        """Change the file in a copy of `infra/`."""
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        assert text.count(self.before) >= 1, f"{self.file} has no {self.before!r}"
        path.write_text(text.replace(self.before, self.after, 1), encoding="utf-8")


@dataclass(frozen=True)
class Deployed:
    """The applied resources with their values; values that the cloud would assign are random."""

    state: Mapping[str, Any]
    #: The folder of the files that were applied.
    folder: Path

    def source(self, name: str) -> str:
        """Return the text of a file, for what no applied value shows."""
        return (self.folder / name).read_text(encoding="utf-8")

    @cached_property
    def resources(self) -> Sequence[Mapping[str, Any]]:
        """Return all resources."""
        resources: Sequence[Mapping[str, Any]] = self.state["root_module"]["resources"]
        return resources

    def all(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return the values of all resources of a kind, by address without the kind."""
        return {
            resource["address"].removeprefix(f"{kind}."): resource["values"]
            for resource in self.resources
            if resource["type"] == kind
        }

    def one(self, kind: str) -> Mapping[str, Any]:
        """Return the values of the only resource of a kind."""
        [values] = self.all(kind).values()
        return values

    @property
    def functions(self) -> dict[str, Mapping[str, Any]]:
        """Return the functions by their names in the code."""
        functions = self.all("google_cloudfunctions2_function").values()
        return {function["build_config"][0]["entry_point"]: function for function in functions}

    @property
    def services(self) -> dict[str, Mapping[str, Any]]:
        """Return the functions' service configurations by their names in the code."""
        return {name: function["service_config"][0] for name, function in self.functions.items()}

    @property
    def accounts(self) -> dict[str, str]:
        """Return the names of the service accounts by their `member` in permissions."""
        accounts = self.all("google_service_account").values()
        return {account["member"]: account["account_id"] for account in accounts}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of Terraform's tests: its result and the applied resources."""

    passed: bool
    deployed: Deployed | None
    said: str


class Suite:
    """A copy of `infra/` and a mistaken copy for each round, as one suite of Terraform's tests."""

    def __init__(self, folder: Path, rounds: Sequence[Sequence[Mistake]]) -> None:
        self.folder = folder
        shutil.copytree(INFRA, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "*.env"))
        given, _, _ = (folder / "tests/deployment.tftest.hcl").read_text(encoding="utf-8").partition('run "')
        for number, mistakes in enumerate(rounds):
            mistaken = folder / f"mistaken/{number}"
            mistaken.mkdir(parents=True)
            for file in (path for path in folder.iterdir() if path.is_file()):
                shutil.copy(file, mistaken)
            for mistake in mistakes:
                mistake.make(mistaken)
            (folder / f"tests/mistaken_{number}.tftest.hcl").write_text(
                f'{given}run "all" {{\n  module {{\n    source = "./mistaken/{number}"\n  }}\n}}\n', encoding="utf-8"
            )

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform in the copy."""
        command = ["terraform", *arguments, "-no-color"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def run(self) -> dict[str, Run]:
        """Run all tests and return their results by `file/run`."""
        done = self.terraform("test", "-json", "-verbose")
        passed, states, said = {}, {}, dict[str, list[str]]()
        for line in map(json.loads, done.stdout.splitlines()):
            name = f"{line.get('@testfile', '').removesuffix('.tftest.hcl')}/{line.get('@testrun')}"
            match line["type"]:
                case "test_run" if line["test_run"]["progress"] == "complete":
                    passed[name] = line["test_run"]["status"] == "pass"
                case "test_state":
                    mistaken = re.search(r"/mistaken_(\d+)/", name)
                    states[name] = Deployed(
                        line["test_state"], self.folder / f"mistaken/{mistaken[1]}" if mistaken else self.folder
                    )
                case "diagnostic":
                    said.setdefault(name, []).append(f"{line['@message']} {line['diagnostic']['detail']}")
        assert passed, done.stdout + done.stderr
        return {name: Run(passed[name], states.get(name), "\n".join(said.get(name, []))) for name in passed}
