"""Terraform's variables, made of the settings, which keep their names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path

from prequal.config.cloud import CloudSettings


def terraform_variables(settings: CloudSettings, environ: Mapping[str, str], archive: Path) -> Mapping[str, str]:
    """Return the environment variables that set Terraform's. A secret that isn't set is left out."""
    plain = {
        "PREQUAL_BOOKING_URL": settings.booking_url,
        "PREQUAL_FUNCTION_URL": settings.function_url,
        "PREQUAL_ORIGINS": ",".join(sorted(settings.origins)),
        "PREQUAL_OWNER": settings.owner,
        "PREQUAL_PUBLIC_URL": settings.public_url,
        "PREQUAL_SENDER": settings.sender,
    }
    secrets = {
        "PREQUAL_MAIL": environ["PREQUAL_MAIL"].strip(),
        "PREQUAL_SECRET": ",".join(settings.secrets),
        "PREQUAL_CAL_SECRET": settings.cal_secret,
        "PREQUAL_CALENDLY_SECRET": settings.calendly_secret,
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


def _fingerprint(secret: str) -> int:
    """Return a number that changes with the secret, but is too small to find it by, as Terraform stores it."""
    return int(hashlib.sha256(secret.encode()).hexdigest()[:6], 16)


def _expression(values: Mapping[str, object]) -> str:
    """Return values as an HCL expression: JSON, with the beginnings of HCL's templates escaped."""
    return json.dumps(values, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
