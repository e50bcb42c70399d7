"""What Terraform is told, made of the settings: they keep their names, and their one place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path

from prequal.config.cloud import CloudSettings


def variables(given: CloudSettings, environ: Mapping[str, str], archive: Path) -> Mapping[str, str]:
    """Return the environment by which Terraform gets its variables; a secret that isn't set is none of them."""
    plain = {
        "PREQUAL_BOOKING_URL": given.booking_url,
        "PREQUAL_FUNCTION_URL": given.function_url,
        "PREQUAL_ORIGINS": ",".join(sorted(given.origins)),
        "PREQUAL_OWNER": given.owner,
        "PREQUAL_PUBLIC_URL": given.public_url,
        "PREQUAL_SENDER": given.sender,
    }
    secrets = {
        "PREQUAL_MAIL": environ["PREQUAL_MAIL"].strip(),
        "PREQUAL_SECRET": ",".join(given.secrets),
        "PREQUAL_CAL_SECRET": given.cal_secret,
        "PREQUAL_CALENDLY_SECRET": given.calendly_secret,
    }
    secrets = {name: secret for name, secret in secrets.items() if secret}
    return {
        "TF_VAR_project": given.store.project,
        "TF_VAR_database": given.store.database,
        "TF_VAR_region": given.region,
        "TF_VAR_alert_email": parseaddr(given.alerts)[1],
        "TF_VAR_archive": str(archive.resolve()),
        "TF_VAR_settings": _expression(plain),
        "TF_VAR_secrets": _expression(secrets),
        "TF_VAR_secret_fingerprints": _expression({name: _fingerprint(it) for name, it in secrets.items()}),
    }


def _fingerprint(secret: str) -> int:
    """Return a number that tells a changed secret: too small to tell the secret, as Terraform's state keeps it."""
    return int(hashlib.sha256(secret.encode()).hexdigest()[:6], 16)


def _expression(values: Mapping[str, object]) -> str:
    """Return values as Terraform reads them from the environment: JSON, but for what begins its templates."""
    return json.dumps(values, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
