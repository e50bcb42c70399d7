"""A browser without a screen at the desk."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.test import Client, TestResponse

from prequal.bootstrap_desk import build_local_desk
from prequal.compiled import Compiled, CompiledForm
from prequal.desk.app import Desk
from prequal.desk.entries import START
from prequal.owner.lookup import Leads
from prequal.pages.zone import UTC_ZONE
from prequal.serving.desk_server import add_desk, refuse_other_hosts
from support import builders

KEY = "the key that only the terminal shows"


class DeskClient:
    """A browser that has not signed in."""

    def __init__(self, desk: Desk) -> None:
        self.app = Flask("prequal.desk", static_folder=None)
        refuse_other_hosts(self.app, "prequal desk")
        add_desk(self.app, desk)
        self.client = Client(self.app)

    def enter(self) -> None:
        """Open the address that the terminal shows."""
        assert self.client.get("/desk/", query_string={START: KEY}).status_code == 303

    def send(self, path: str, **fields: str) -> TestResponse:
        """Send a form of the desk, with the token of the page that has it."""
        return self.client.post(path, data={"token": self.token(), **fields})

    def token(self) -> str:
        """Return the token of the forms of this session, from the list."""
        found = re.search('name="token" value="(.+?)"', self.client.get("/desk/").text)
        assert found
        return found[1]


def open_desk(leads: Leads) -> DeskClient:
    """Return a browser that has signed in to a desk which shows these leads."""
    form = CompiledForm(document=builders.document(), form=builders.form(), content={}, suggestions=())
    compiled = Compiled(forms=[form], assets={}, picture="")
    desk = DeskClient(build_local_desk(compiled, leads, None, KEY, UTC_ZONE))
    desk.enter()
    return desk
