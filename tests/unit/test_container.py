"""The files that run prequal in a container, compared with each other and with the server."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from prequal.cli.serve import serve
from prequal.config.parsers import SqliteStore, parse_store
from prequal.serving.gunicorn_server import OPTIONS
from support.running import CHECKOUT
from support.tools import leave_out

DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load((CHECKOUT / "compose.yaml").read_text(encoding="utf-8"))
SERVICE = COMPOSE["services"]["prequal"]
GUIDE = (CHECKOUT / "docs/how-to/container.md").read_text(encoding="utf-8")


def test_the_store_is_on_the_volume() -> None:
    """The image, compose.yaml and the guide to Fly put the database on the same volume."""
    [given] = re.findall(r"PREQUAL_STORE=(\S+)", DOCKERFILE)
    store = parse_store(given)
    assert isinstance(store, SqliteStore)
    folder = str(store.path.parent)

    assert f"--mode=0700 {folder}\n" in DOCKERFILE
    assert SERVICE["environment"]["PREQUAL_STORE"] == given
    assert [volume.split(":")[1] for volume in SERVICE["volumes"]] == [folder]
    assert fly()["mounts"]["destination"] == folder


def test_the_container_is_confined() -> None:
    """The image has a user of its own, and compose.yaml takes every privilege from it."""
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert (SERVICE["read_only"], SERVICE["cap_drop"]) == (True, ["ALL"])
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]


def test_it_has_time_to_stop() -> None:
    """Compose and Fly send the signal that the server waits for, and wait longer than it does."""
    [signal] = re.findall(r"^STOPSIGNAL (\w+)$", DOCKERFILE, re.MULTILINE)

    assert signal == fly()["kill_signal"] == "SIGTERM"
    assert int(SERVICE["stop_grace_period"].removesuffix("s")) > OPTIONS["graceful_timeout"]
    assert fly()["kill_timeout"] > OPTIONS["graceful_timeout"]


def test_the_port_is_the_servers() -> None:
    """All of them lead to the port on which the server listens when PORT is unset."""
    [port] = [option.default for option in serve.params if option.name == "port"]

    assert SERVICE["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"reverse_proxy prequal:{port}" in COMPOSE["configs"]["caddyfile"]["content"]
    assert fly()["http_service"]["internal_port"] == port
    assert f"\nEXPOSE {port}\n" in DOCKERFILE


def test_caddy_takes_its_file(tmp_path: Path) -> None:
    """The file in compose.yaml is valid; an older Caddy has another name for one option."""
    program = shutil.which("caddy")
    if not program:
        leave_out("caddy was not found: install it to have its file tested.")
    content = COMPOSE["configs"]["caddyfile"]["content"].replace("${PREQUAL_PUBLIC_URL}", "http://localhost:1")
    config = tmp_path / "Caddyfile"

    def refusal(text: str) -> str:
        config.write_text(text)
        command = [program, "adapt", "--config", str(config), "--adapter", "caddyfile"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    problem = refusal(content)
    if "request_buffers" in problem:
        problem = refusal(content.replace("request_buffers 1MB", "buffer_requests"))
    assert "rror" not in problem


def fly() -> dict[str, Any]:
    """Return the configuration in the guide to Fly."""
    [block] = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return tomllib.loads(block)
