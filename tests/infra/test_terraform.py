"""Terraform's result of `infra/`, applied to a simulated cloud."""

from __future__ import annotations

import re
import subprocess

import pytest

from infra.mistakes import MISTAKES, rounds
from infra.rules import RULES
from infra.terraform import INFRA, Mistake, Run, Suite
from support.tools import leave_out

ROUNDS = rounds()


@pytest.fixture(scope="module")
def suite(terraform_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Suite:  # noqa: ARG001, it may skip
    """Return a copy of `infra/`, ready to be applied."""
    suite = Suite(tmp_path_factory.mktemp("terraform") / "infra", ROUNDS)
    started = suite.terraform("init", "-backend=false")
    if "could not connect to registry" in " ".join(started.stderr.split()):
        leave_out("Terraform's provider registry is out of reach: connect to it to have infra/ checked.")
    assert started.returncode == 0, started.stdout + started.stderr
    return suite


@pytest.fixture(scope="module")
def runs(suite: Suite) -> dict[str, Run]:
    """Return the result of each run."""
    return suite.run()


@pytest.mark.usefixtures("terraform_installed")
def test_it_is_formatted() -> None:
    """The files are formatted as by `terraform fmt`."""
    command = ["terraform", "fmt", "-check", "-diff", "-recursive", str(INFRA), "-no-color"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_valid(suite: Suite) -> None:
    """The files pass `terraform validate`."""
    done = suite.terraform("validate", "-no-tests")

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_can_be_applied(runs: dict[str, Run]) -> None:
    """Terraform's own tests pass."""
    own = {name: run for name, run in runs.items() if name.startswith(("tests/deployment/", "tests/variables/"))}

    assert {name: run.said for name, run in own.items() if not run.passed} == {}
    assert len(own) > 1


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_holds(runs: dict[str, Run], rule: str) -> None:
    """Each rule holds for a deployment with every option."""
    deployed = runs["tests/deployment/with_everything"].deployed

    assert deployed
    assert RULES[rule](deployed)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_each_mistake_is_detected(runs: dict[str, Run], mistake: Mistake) -> None:
    """Each mistake breaks its rule, or is refused by Terraform itself."""
    [number] = [number for number, mistakes in enumerate(ROUNDS) if mistake in mistakes]
    run = runs[f"tests/mistaken_{number}/all"]

    if mistake.rule is None:
        assert not run.passed
    else:
        assert run.deployed, run.said
        assert not RULES[mistake.rule](run.deployed)


def test_each_rule_has_a_mistake() -> None:
    """Every rule is broken by some mistake."""
    assert {mistake.rule for mistake in MISTAKES} - {None} == RULES.keys()


def test_each_validation_is_tested() -> None:
    """There are as many validations of variables as tests of their refusals."""
    validations = (INFRA / "variables.tf").read_text(encoding="utf-8").count("validation {")
    refusals = (INFRA / "tests/variables.tftest.hcl").read_text(encoding="utf-8")

    assert validations == sum(
        expected.count("var.") for expected in re.findall(r"expect_failures = \[(.*?)\]", refusals, re.DOTALL)
    )
