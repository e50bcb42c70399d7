"""Steps of a deployment. Each is idempotent, so that a deployment can be repeated after a failure."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path

from prequal.config.cloud import CloudSettings
from prequal.resources import INFRA


def deploy(settings: CloudSettings, build: Path, environ: Mapping[str, str], *, ask: bool) -> str | None:
    """Deploy the build; return an error message, or None on success. With `ask`, Terraform waits for consent."""
    if not run_terraform(settings, build, environ, "init", "-input=false"):
        return "Terraform could not start: its output above says why."
    if not run_terraform(settings, build, environ, "apply", *(() if ask else ("-auto-approve", "-input=false"))):
        return (
            "Terraform failed: its output above says why. In a new project, accounts and permissions take some minutes "
            "to take effect everywhere: deploy again, and it continues from there."
        )
    hosting = ["--only", "hosting", "--config", str(build / "firebase.json"), "--project", settings.store.project]
    if not _run(["firebase", "deploy", *hosting, "--non-interactive"], environ):
        return "The functions are deployed, but not the pages: firebase's output above says why. Deploy again."
    return None


def run_terraform(settings: CloudSettings, build: Path, environ: Mapping[str, str], *arguments: str) -> bool:
    """Run Terraform with the variables of a deployment, and return whether it succeeded."""
    variables = terraform_variables(settings, environ, build / "function.zip")
    return _run(["terraform", f"-chdir={_prepare_folder()}", *arguments], {**environ, **variables})


def terraform_variables(settings: CloudSettings, environ: Mapping[str, str], archive: Path) -> Mapping[str, str]:
    """Return the environment variables that set Terraform's. A secret that isn't set is left out."""
    plain = {
        "PREQUAL_BEAT": f"{settings.beat * 1000:.0f}",
        "PREQUAL_BOOKING_URL": settings.booking_url,
        "PREQUAL_FUNCTION_URL": settings.function_url,
        "PREQUAL_HOPS": str(settings.hops),
        "PREQUAL_ORIGINS": ",".join(sorted(settings.origins)),
        "PREQUAL_OWNER": settings.owner,
        "PREQUAL_PUBLIC_URL": settings.public_url,
        "PREQUAL_SENDER": settings.sender,
        "PREQUAL_TURNSTILE_KEY": settings.turnstile_key,
    }
    secrets = {
        "PREQUAL_MAIL": environ["PREQUAL_MAIL"].strip(),
        "PREQUAL_SECRET": ",".join(settings.secrets),
        "PREQUAL_CAL_SECRET": settings.cal_secret,
        "PREQUAL_CALENDLY_SECRET": settings.calendly_secret,
        "PREQUAL_SAVVYCAL_SECRET": settings.savvycal_secret,
        "PREQUAL_TURNSTILE_SECRET": settings.turnstile_secret,
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


def _prepare_folder() -> Path:
    """Return the folder to run Terraform in: that of the checkout, or the project's with a fresh copy of our files.

    The project keeps the state, the lock file and the files that the owner adds.
    """
    folder = Path("infra").resolve()
    if folder != INFRA:
        folder.mkdir(exist_ok=True)
        for path in folder.glob("prequal-*.tf"):
            path.unlink()
        for path in INFRA.glob("*.tf"):
            shutil.copyfile(path, folder / f"prequal-{path.name}")
        shutil.copyfile(INFRA / "firestore.indexes.json", folder / "firestore.indexes.json")
    return folder


def _run(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    return subprocess.run(command, env=environ, check=False).returncode == 0  # noqa: S603, the tools of a deployment


def _fingerprint(secret: str) -> int:
    """Return a number that changes with the secret, but is too small to find it by, as Terraform stores it."""
    return int(hashlib.sha256(secret.encode()).hexdigest()[:6], 16)


def _expression(values: Mapping[str, object]) -> str:
    """Return values as an HCL expression: JSON, with the beginnings of HCL's templates escaped."""
    return json.dumps(values, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
