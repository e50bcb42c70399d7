"""Terraform: its folder, its variables, and its runs."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path

from prequal.config.cloud import CloudSettings
from prequal.deployment.tools import run_tool
from prequal.resources import INFRA

_DATA = ("firestore.indexes.json", "regions.json")


class Terraform:
    """Terraform in the folder of a project, with the variables of a deployment."""

    def __init__(self, settings: CloudSettings, build: Path, environ: Mapping[str, str]) -> None:
        self.folder = _prepare_folder()
        self._environ = {**environ, **terraform_variables(settings, environ, build / "function.zip")}

    def run(self, *arguments: str, stdout: int | None = None) -> str | None:
        """Run a command in the terminal; return None on success, else its errors, which are shown too."""
        return run_tool(self._environ, "terraform", f"-chdir={self.folder}", *arguments, stdout=stdout)

    def capture(self, *arguments: str) -> tuple[bool, str]:
        """Run a command without showing anything; return whether it succeeded, and all that it wrote."""
        command = ["terraform", f"-chdir={self.folder}", *arguments]
        done = subprocess.run(  # noqa: S603
            command, env=self._environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return done.returncode == 0, done.stdout


def find_own_backend(folder: Path = Path("infra")) -> Path | None:
    """Return the owner's file with a backend for the state, if there is one."""
    own = (path for path in sorted(folder.glob("*.tf")) if not _is_ours(path))
    return next((path for path in own if 'backend "' in path.read_text(encoding="utf-8")), None)


def terraform_variables(settings: CloudSettings, environ: Mapping[str, str], archive: Path) -> Mapping[str, str]:
    """Return the environment variables that set Terraform's. A secret that isn't set is left out."""
    plain = {
        "PREQUAL_BEAT": f"{settings.beat * 1000:.0f}",
        "PREQUAL_BOOKING_URL": settings.booking_url,
        "PREQUAL_BRIEFS": settings.briefs.value,
        "PREQUAL_DESK_URL": settings.desk_origin,
        "PREQUAL_FRAMES": ",".join(sorted(settings.frames)),
        "PREQUAL_FUNCTION_URL": settings.function_url,
        "PREQUAL_HOPS": str(settings.hops),
        "PREQUAL_ORIGINS": ",".join(sorted(settings.origins)),
        "PREQUAL_OWNER": settings.owner,
        "PREQUAL_PUBLIC_URL": settings.public_url,
        "PREQUAL_SENDER": settings.sender,
        "PREQUAL_TURNSTILE_KEY": settings.turnstile_key,
        "PREQUAL_WEBHOOKS": " ".join(settings.webhooks),
        "PREQUAL_ZONE": str(settings.zone or ""),
    }
    secrets = {
        "PREQUAL_MAIL": environ["PREQUAL_MAIL"].strip(),
        "PREQUAL_SECRET": ",".join(settings.secrets),
        "PREQUAL_CAL_SECRET": settings.cal_secret,
        "PREQUAL_CALENDLY_SECRET": settings.calendly_secret,
        "PREQUAL_SAVVYCAL_SECRET": settings.savvycal_secret,
        "PREQUAL_TURNSTILE_SECRET": settings.turnstile_secret,
        "PREQUAL_WEBHOOK_SECRET": settings.webhook_secret,
    }
    secrets = {name: secret for name, secret in secrets.items() if secret}
    return {
        "TF_VAR_project": settings.store.project,
        "TF_VAR_database": settings.store.database,
        "TF_VAR_region": settings.region,
        "TF_VAR_alert_email": parseaddr(settings.alerts)[1],
        "TF_VAR_archive": str(archive.resolve()),
        "TF_VAR_settings": _expression(plain),
        "TF_VAR_secrets": _expression(secrets),
        "TF_VAR_secret_fingerprints": _expression({name: _fingerprint(secret) for name, secret in secrets.items()}),
    }


def _is_ours(path: Path) -> bool:
    """Whether a file of Terraform comes with prequal: as it is in a checkout, or copied to a project."""
    return (INFRA / path.name.removeprefix("prequal-")).exists()


def _prepare_folder() -> Path:
    """Return the folder to run Terraform in: that of the checkout, or the project's with a fresh copy of our files.

    The project keeps the lock file and the files that the owner adds.
    """
    folder = Path("infra").resolve()
    if folder != INFRA:
        folder.mkdir(exist_ok=True)
        for path in folder.glob("prequal-*.tf"):
            path.unlink()
        for path in INFRA.glob("*.tf"):
            shutil.copyfile(path, folder / f"prequal-{path.name}")
        for name in _DATA:
            shutil.copyfile(INFRA / name, folder / name)
    return folder


def _fingerprint(secret: str) -> int:
    """Return a number that changes with the secret, but is too small to find it by, as Terraform stores it."""
    return int(hashlib.sha256(secret.encode()).hexdigest()[:6], 16)


def _expression(values: Mapping[str, object]) -> str:
    """Return values as an HCL expression: JSON, with the beginnings of HCL's templates escaped."""
    return json.dumps(values, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
