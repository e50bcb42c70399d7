"""Terraform's variables, as the environment sets them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from prequal.config import cloud
from prequal.deployment.terraform import terraform_variables

# Characters with a meaning in Terraform: templates, quotes and escapes.
AWKWARD = r"""smtp://login:%7B${pass}%{if}"word"\n$${e}@smtp.example"""
SECRET = "a clé of the ${links}"
READER = """
variable "secrets" {
  type = object({ PREQUAL_MAIL = string, PREQUAL_SECRET = string })
}
output "secrets" {
  value = var.secrets
}
"""


@pytest.mark.usefixtures("terraform_installed")
def test_secrets_reach_terraform_unchanged(tmp_path: Path) -> None:
    """A secret reaches Terraform unchanged, whatever its characters."""
    (tmp_path / "reader.tf").write_text(READER, encoding="utf-8")

    terraform(
        tmp_path,
        "apply",
        "-auto-approve",
        **deployment_environment(tmp_path, PREQUAL_MAIL=AWKWARD, PREQUAL_SECRET=SECRET),
    )

    read = json.loads(terraform(tmp_path, "output", "-json"))["secrets"]["value"]
    assert read == {"PREQUAL_MAIL": AWKWARD, "PREQUAL_SECRET": SECRET}


def test_a_fingerprint_changes_with_its_secret(tmp_path: Path) -> None:
    """A changed secret has another fingerprint, which is too short to reveal the secret."""
    first, other, again = (
        json.loads(
            deployment_environment(tmp_path, PREQUAL_MAIL=f"smtp://login:{word}@smtp.example")[
                "TF_VAR_secret_fingerprints"
            ]
        )
        for word in ("one", "other", "one")
    )

    assert first == again
    assert first["PREQUAL_MAIL"] != other["PREQUAL_MAIL"]
    assert first["PREQUAL_SECRET"] == other["PREQUAL_SECRET"] < 2**24


def deployment_environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment that sets Terraform's variables to these settings."""
    environ = {
        "PREQUAL_STORE": "firestore:studio-north",
        "PREQUAL_SENDER": "hello@studio.example",
        "PREQUAL_OWNER": "owner@studio.example",
        "PREQUAL_BOOKING_URL": "https://cal.example/",
        "PREQUAL_PUBLIC_URL": "https://studio.example",
        "PREQUAL_SECRET": "a secret of the links",
        **settings,
    }
    return dict(terraform_variables(cloud.read(environ), environ, folder / "function.zip"))


def terraform(folder: Path, *arguments: str, **environ: str) -> str:
    """Run Terraform in a folder, and return its output."""
    command = ["terraform", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
