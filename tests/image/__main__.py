"""The image: built by buildah, run by runc as compose.yaml says, and told the story. `make image` runs it, as root.

PYTHON_IMAGE names the base. Without a registry, mmdebstrap makes one of Debian. Arguments are passed on to buildah.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from support.running import CHECKOUT, free_port, get, link_in, outbox, post_form, prospect, until

_PROGRAMS = ("buildah", "runc", "mmdebstrap")
_DEBIAN = ["mmdebstrap", "--variant=apt", "--include=python3,python3-venv,ca-certificates", "bookworm"]
# Files of a checkout that hold secrets, and what is in them here.
_SECRETS = (".env", "infra/settings.env", "infra/terraform.tfstate", "schema/settings.env", "site/settings.env")
_SECRET = "this must not be in any layer"
# What may write where: exits with the number of places that took a file.
_WRITING = """
import os, sys
taken = [path for path in ("/", "/app", "/etc", "/opt/prequal") if os.access(path, os.W_OK)]
sys.exit(len(taken) + (os.getuid() != 10001))
"""


class Image:
    """The image in a store of its own."""

    def __init__(self, folder: Path) -> None:
        self._buildah = ["buildah", "--root", f"{folder}/store", "--runroot", f"{folder}/run", "--storage-driver=vfs"]
        self._folder = folder

    def build(self, context: Path, options: Sequence[str]) -> Path:
        """Build the image, and return the folder of its root."""
        base = os.environ.get("PYTHON_IMAGE") or self._make_base()
        built = ["build", "--isolation=chroot", "--format=docker", f"--build-arg=PYTHON_IMAGE={base}", *options]
        self._run(*built, "--tag=prequal", str(context))
        return Path(self._run("mount", self._run("from", "localhost/prequal")))

    @property
    def config(self) -> dict[str, Any]:
        """Return the image's own configuration."""
        config: dict[str, Any] = json.loads(self._run("inspect", "--type=image", "prequal"))["Docker"]["config"]
        return config

    def _make_base(self) -> str:
        archive = self._folder / "base.tar"
        subprocess.run([*_DEBIAN, archive], check=True)
        container = self._run("from", "scratch")
        self._run("add", container, str(archive), "/")
        self._run("commit", container, "localhost/debian")
        archive.unlink()
        return "localhost/debian"

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([*self._buildah, *arguments], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()


class Container:
    """A container of the image, confined as the service in compose.yaml."""

    def __init__(self, root: Path, config: Mapping[str, Any], data: Path, environ: Mapping[str, str]) -> None:
        with (CHECKOUT / "compose.yaml").open() as file:
            service = YAML(typ="safe").load(file)["services"]["prequal"]
        assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
        [(_, volume)] = (entry.split(":") for entry in service["volumes"])
        user, group = map(int, config["User"].split(":"))
        mounts = [{"destination": place, "type": "tmpfs", "source": "tmpfs"} for place in ("/dev", *service["tmpfs"])]
        mounts += [{"destination": "/proc", "type": "proc", "source": "proc"}]
        mounts += [{"destination": volume, "type": "bind", "source": str(data), "options": ["bind"]}]
        os.chown(data, user, group)
        self._runc = ["runc", "--root", f"{data.parent}/runc"]
        self._bundle = data.parent
        (self._bundle / "config.json").write_text(
            json.dumps(
                {
                    "ociVersion": "1.0.2",
                    "process": {
                        "user": {"uid": user, "gid": group},
                        "args": config["Cmd"],
                        "env": [*config["Env"], *(f"{name}={value}" for name, value in environ.items())],
                        "cwd": config["WorkingDir"],
                        "noNewPrivileges": True,
                        "capabilities": {},
                    },
                    "root": {"path": str(root), "readonly": service["read_only"]},
                    "mounts": mounts,
                    "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc")]},
                }
            )
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it for the length of the block, and stop it as the image asks; it must end with 0."""
        with subprocess.Popen([*self._runc, "run", "--bundle", str(self._bundle), "prequal"]) as process:
            try:
                yield
            finally:
                subprocess.run([*self._runc, "kill", "prequal", "TERM"], check=True)
                status = process.wait()
        assert status == 0, f"the container ended with {status}"

    def execute(self, *command: str) -> str:
        """Run a command in it, which must succeed, and return its output."""
        return subprocess.run([*self._runc, "exec", "prequal", *command], check=True, stdout=-1, text=True).stdout


def main() -> None:
    """Build, run, tell the story twice, and look for secrets."""
    if lacking := [program for program in _PROGRAMS if not shutil.which(program)]:
        sys.exit(f"To test the image, install {' and '.join(lacking)}.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = Image(folder)
        root = image.build(_copy_checkout(folder / "checkout"), sys.argv[1:])
        found = subprocess.run(["grep", "-rl", _SECRET, folder / "store"], stdout=-1, text=True, check=False).stdout
        assert not found, f"secrets are in {found}"
        port = free_port()
        settings = {
            "PORT": str(port),
            "PREQUAL_MAIL": "outbox:/data/.prequal/outbox",
            "PREQUAL_SENDER": "Studio North <hello@studio.example>",
            "PREQUAL_BOOKING_URL": "https://cal.example/intro?email={email}",
            "PREQUAL_SECRET": "a secret that is long",
            "PREQUAL_PUBLIC_URL": f"http://localhost:{port}",
        }
        data = folder / "data"
        data.mkdir()
        container = Container(root, image.config, data, settings)
        for visitor in ("Ada", "Grace"):
            with container.running():
                _tell_the_story(container, image.config, visitor, data, settings["PREQUAL_PUBLIC_URL"])
    print("The image runs the story, as a user without privileges, on a read-only file system.")


def _copy_checkout(target: Path) -> Path:
    """Copy what git knows, and files with secrets beside it."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=CHECKOUT, text=True)
    for path in listed.splitlines():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / path, target / path)
    for path in _SECRETS:
        (target / path).write_text(_SECRET)
    return target


def _tell_the_story(container: Container, config: Mapping[str, Any], visitor: str, data: Path, url: str) -> None:
    until(lambda: _is_ready(url), "the container to be ready")
    container.execute("python3", "-c", _WRITING)
    container.execute(*config["Healthcheck"]["Test"][1:])
    sent = len(outbox(data))
    assert "Studio North" in get(f"{url}/").body
    assert post_form(f"{url}/api/leads", prospect(visitor)).status == 303
    until(lambda: len(outbox(data)) > sent, "the invitation")
    [invitation] = (mail for mail in outbox(data) if mail["To"].startswith(visitor.lower()))
    assert post_form(link_in(invitation), {}).headers["Location"].startswith("https://cal.example/intro?email=")
    # The volume keeps the leads of the container before.
    assert len(container.execute("prequal", "leads", "list").splitlines()) == sent + 2


def _is_ready(url: str) -> bool:
    try:
        return get(f"{url}/api/ready").status == 200
    except OSError:
        return False


main()
