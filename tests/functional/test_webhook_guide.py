"""The programs in the guide to webhooks, which read a signed event and refuse a forged one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prequal.adapters.webhooks import sign
from support import guides
from support.tools import leave_out

SECRET = "whsec_c2VjcmV0IHdpdGggdGhpcnR5LXR3byBjaGFyYWN0ZXJz"
EVENT = {"type": "lead.booked", "data": {"name": "Ada"}}
PROGRAMS = {
    "read_event.py": (sys.executable, "", "json.dumps(read_event(body.encode(), headers, secret))", "print", ""),
    "read_event.mjs": ("node", "const ", "JSON.stringify(readEvent(body, headers, secret))", "console.log", ";"),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("forged", [False, True])
def test_an_event_is_read(tmp_path: Path, name: str, *, forged: bool) -> None:
    """The function that the page shows returns a signed event, and raises an error for one that was changed."""
    program, declare, call, show, end = PROGRAMS[name]
    if not shutil.which(program):
        leave_out("node was not found: install it to have the guide's JavaScript tested.")
    [shown] = (block.text for block in guides.blocks("docs/how-to/webhooks.md") if block.value == name)
    body, now = json.dumps(EVENT), str(int(time.time()))
    headers = {"webhook-id": "1", "webhook-timestamp": now, "webhook-signature": sign(SECRET, "1", now, body.encode())}
    values = {"body": body.replace("Ada", "Eve") if forged else body, "headers": headers, "secret": SECRET}
    lines = [f"{declare}{key} = {json.dumps(value)}{end}" for key, value in values.items()]
    script = [*(["import json"] if name.endswith(".py") else []), shown, *lines, f"{show}({call}){end}"]
    (tmp_path / name).write_text("\n".join(script))

    done = subprocess.run([program, tmp_path / name], capture_output=True, text=True, check=False)

    assert bool(done.returncode) == forged, done.stderr
    assert forged or json.loads(done.stdout) == EVENT
