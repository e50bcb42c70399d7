"""What Terraform is told by way of the environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from prequal.config import cloud
from prequal.deployment.variables import variables

# What Terraform would take for a template, for the end of a text, or for an escape, if it were let.
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
def test_terraform_gets_every_character(tmp_path: Path) -> None:
    """A secret comes through as it is, whatever its characters mean to Terraform."""
    (tmp_path / "reader.tf").write_text(READER, encoding="utf-8")

    terraform(tmp_path, "apply", "-auto-approve", **told(tmp_path, PREQUAL_MAIL=AWKWARD, PREQUAL_SECRET=SECRET))

    read = json.loads(terraform(tmp_path, "output", "-json"))["secrets"]["value"]
    assert read == {"PREQUAL_MAIL": AWKWARD, "PREQUAL_SECRET": SECRET}


def test_a_fingerprint_tells_a_change_and_no_secret(tmp_path: Path) -> None:
    """Another secret has another fingerprint, of too few digits to find the secret by."""
    first, other, again = (
        json.loads(told(tmp_path, PREQUAL_MAIL=f"smtp://login:{word}@smtp.example")["TF_VAR_secret_fingerprints"])
        for word in ("one", "other", "one")
    )

    assert first == again
    assert first["PREQUAL_MAIL"] != other["PREQUAL_MAIL"]
    assert first["PREQUAL_SECRET"] == other["PREQUAL_SECRET"] < 2**24


def told(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment that tells Terraform of these settings."""
    environ = {
        "PREQUAL_STORE": "firestore:studio-north",
        "PREQUAL_SENDER": "hello@studio.example",
        "PREQUAL_OWNER": "owner@studio.example",
        "PREQUAL_BOOKING_URL": "https://cal.example/",
        "PREQUAL_PUBLIC_URL": "https://studio.example",
        "PREQUAL_SECRET": "a secret of the links",
        **settings,
    }
    return dict(variables(cloud.read(environ), environ, folder / "function.zip"))


def terraform(folder: Path, *arguments: str, **environ: str) -> str:
    """Run Terraform in a folder, and return what it says."""
    command = ["terraform", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
