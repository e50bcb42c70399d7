"""Steps of a deployment. Each is idempotent, so that a deployment can be repeated after a failure."""

from collections.abc import Callable, Mapping
from pathlib import Path

from prequal.config.cloud import CloudSettings
from prequal.deployment.failures import explain_failure
from prequal.deployment.imports import import_existing
from prequal.deployment.state import connect_state
from prequal.deployment.terraform import Terraform
from prequal.deployment.tools import run_tool

# Terraform enables the other services through the first two, and the third holds its state.
_FIRST_SERVICES = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com", "storage.googleapis.com")


class Deployment:
    """The steps of one deployment, in order. Each returns an error message, or None on success."""

    def __init__(
        self, settings: CloudSettings, build: Path, environ: Mapping[str, str], report: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._build = build
        self._environ = environ
        self._report = report
        self._terraform = Terraform(settings, build, environ)

    def prepare(self) -> str | None:
        """Enable the first services, and start Terraform on its state."""
        project = self._settings.store.project
        enable = ("services", "enable", *_FIRST_SERVICES, f"--project={project}")
        if run_tool(self._environ, "gcloud", *enable) is not None:
            return (
                f"The first services of {project} could not be enabled: correct what gcloud's output above names, and "
                "deploy again."
            )
        return self.connect()

    def connect(self) -> str | None:
        """Start Terraform on its state."""
        return connect_state(self._settings, self._terraform, self._environ)

    def import_existing(self) -> str | None:
        """Take over what exists in the cloud and isn't in the state."""
        return import_existing(self._settings, self._terraform, self._environ, self._report)

    def apply(self, *, ask: bool) -> str | None:
        """Make the cloud as `infra/` describes it. With `ask`, Terraform waits for consent."""
        errors = self._terraform.run("apply", *(() if ask else ("-auto-approve", "-input=false")))
        return None if errors is None else explain_failure(errors)

    def publish(self) -> str | None:
        """Put the pages online."""
        place = ("--config", str(self._build / "firebase.json"), "--project", self._settings.store.project)
        errors = run_tool(self._environ, "firebase", "deploy", "--only", "hosting", *place, "--non-interactive")
        if errors is None:
            return None
        return (
            "The functions are deployed, but not the pages: correct what firebase's output above names, and deploy "
            "again."
        )

    def terraform(self, *arguments: str) -> bool:
        """Run any command of Terraform, and return whether it succeeded."""
        return self._terraform.run(*arguments) is None
