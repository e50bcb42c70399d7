"""The W3C's checker (Java), Lighthouse (node, Chromium), and the JSON Schema of Firebase's tool."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from support import chromium

_HERE = Path(__file__).parent
_INSTALLED = _HERE / "node_modules"
_VNU = _INSTALLED / "vnu-jar/build/dist/vnu.jar"
_LIGHTHOUSE = _INSTALLED / "lighthouse/cli/index.js"
_CHECKED = {".html", ".css", ".svg"}
_CHROMIUM = "--headless --no-sandbox --disable-gpu --disable-background-networking"
# Only the schema of firebase-tools: an installation would bring hundreds of packages.
_FIREBASE = "15.34.2"
_FIREBASE_ARCHIVE = _INSTALLED / f"firebase-tools-{_FIREBASE}.tgz"
_FIREBASE_SHA256 = "55182615d351ec57fd23eb5f7ff0817af30fb63c8c19d212b25fa2e44d1a1be5"
# Lighthouse sometimes loses a page's trace, or a part of it, and asks to be run again.
_TRIES = 3
_LOST_TRACE = re.compile(
    r"\b(NO_TRACING_STARTED|NO_NAVSTART|NO_FCP|NO_DCL|NO_FMP|NO_LCP"
    r"|NO_SCREENSHOTS|NO_SPEEDLINE_FRAMES|SPEEDINDEX_OF_ZERO|INVALID_SPEEDLINE)\b"
)
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def missing() -> Iterator[str]:
    """Return the programs that this machine lacks."""
    if not shutil.which("npm"):
        yield "node with npm (20 or newer)"
    if not shutil.which("java"):
        yield "Java (17 or newer)"
    if not chromium.find():
        yield "Chromium"


def firebase_faults(config: Mapping[str, Any]) -> Sequence[str]:
    """Return the faults of a `firebase.json` by the schema of Firebase's tool."""
    if not _FIREBASE_ARCHIVE.exists():
        command = ["npm", "pack", f"firebase-tools@{_FIREBASE}", "--silent", f"--pack-destination={_INSTALLED}"]
        subprocess.run(command, cwd=_HERE, check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(_FIREBASE_ARCHIVE.read_bytes()).hexdigest() != _FIREBASE_SHA256:
        return [f"{_FIREBASE_ARCHIVE.name} is not what it was: delete it."]
    with tarfile.open(_FIREBASE_ARCHIVE) as archive:
        schema = archive.extractfile("package/schema/firebase-config.json")
        assert schema
        validator = jsonschema.Draft7Validator(json.load(schema))
    return [
        f"firebase.json: {jsonschema.exceptions.best_match([fault]).message}" for fault in validator.iter_errors(config)
    ]


def complaints(folder: Path) -> Sequence[str]:
    """Return the W3C checker's complaints about the pages, styles and drawings in a folder."""
    files = [str(file) for file in sorted(folder.rglob("*")) if file.suffix in _CHECKED]
    command = ["java", "-jar", str(_VNU), "--format", "json", "--also-check-css", "--also-check-svg", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [
        f"{message.get('url', '').removeprefix(f'file:{folder}')}:{message.get('lastLine', '')}: {message['message']}"
        for message in json.loads(done.stderr)["messages"]
    ]


def lighthouse(url: str, but: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return Lighthouse's report on a page on a phone; `but` are audits to leave out."""
    command = ["node", str(_LIGHTHOUSE), url, "--quiet", "--output=json"]
    command += [
        f"--chrome-flags={_CHROMIUM}",
        "--no-enable-error-reporting",
        *(f"--skip-audits={audit}" for audit in but),
    ]
    environ = {**os.environ, "CHROME_PATH": chromium.find() or ""}
    for number in range(1, _TRIES + 1):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        if number == _TRIES or not _LOST_TRACE.search(done.stdout + done.stderr):
            raise RuntimeError(f"Lighthouse failed on {url}:\n{done.stdout}{done.stderr}")
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def scores(report: Mapping[str, Any]) -> Sequence[int]:
    """Return the scores of the categories, each out of 100."""
    return [round(100 * (report["categories"][category]["score"] or 0)) for category in CATEGORIES]


def shortcomings(report: Mapping[str, Any]) -> Iterator[str]:
    """Return the audits that count and keep a page from 100.

    Those of performance are shown only: they are times, which a busy machine makes longer.
    """
    for category in CATEGORIES[1:]:
        for reference in report["categories"][category]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                yield f"{category}: {audit['title']} {audit.get('displayValue', '')}".rstrip()
