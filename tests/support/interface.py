"""The OpenAPI document, and the server that it describes, with its sweeps and mails."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from werkzeug.wsgi import ClosingIterator

from prequal import bootstrap
from prequal.adapters.schedulers import Cal, Calendly, SavvyCal, sign
from prequal.bootstrap_store import open_store
from prequal.compiled import Compiled
from prequal.forms.compilation import compile_files
from prequal.forms.site_builder import build_site
from prequal.services.tokens import PAST_CLIENTS, Tokens
from prequal.serving import server_settings
from prequal.serving.app import make_public_app
from prequal.serving.process import run_process
from prequal.serving.server_settings import ServerSettings
from prequal.web.app import Web
from support.running import CHECKOUT, prospect

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

DOCUMENT: Mapping[str, Any] = YAML(typ="safe").load(CHECKOUT / "docs/reference/openapi.yaml")
_FORM = CHECKOUT / "schema/form.yaml"
_ORIGIN = "https://other.example"
_SECRET = "a secret that is long"


@dataclass(slots=True, kw_only=True)
class Server:
    """A server in a folder of its own."""

    app: Flask
    settings: ServerSettings
    compiled: Compiled
    site: Path
    is_stopping: bool = False

    def invite(self, number: int) -> tuple[list[str], str]:
        """Submit some leads, and return the tokens of their booking links, and of one that has expired."""
        client, tokens = self.app.test_client(), Tokens(secrets=self.settings.secrets)
        for each in range(number):
            assert client.post("/api/leads", json=prospect(f"Lead {each}")).status_code == 202
        with closing(open_store(self.settings.store, over_rest=True)) as store:
            leads = list(store.iter_leads())
        links = [tokens.issue(lead.id, lead.invitation.expires_at) for lead in leads if lead.invitation]
        return links, tokens.issue(leads[0].id, datetime.now(UTC) - timedelta(days=1))

    def ask_clients(self, *, days: int) -> str:
        """Return the token of a link for past clients that works for some days."""
        tokens = Tokens(secrets=self.settings.secrets, purpose=PAST_CLIENTS)
        return tokens.issue(self.compiled.main.id, datetime.now(UTC) + timedelta(days=days))

    def web(self, store: Any) -> Web:
        """Return the interface with another store behind it."""
        return bootstrap.build_web(self.settings, self.compiled, store)

    def serve(self, web: Web) -> WSGIApplication:
        """Return the application with another interface, for clients on this machine."""
        return nearby(make_public_app("prequal.other", web, self.site))


@contextmanager
def run_server(folder: Path) -> Iterator[Server]:
    """Run a server in a folder."""
    settings = server_settings.read(
        {
            "PREQUAL_FORM": str(_FORM),
            "PREQUAL_STORE": f"sqlite:{folder}/prequal.db",
            "PREQUAL_MAIL": f"outbox:{folder}/outbox",
            "PREQUAL_SENDER": "Studio North <hello@studio.example>",
            "PREQUAL_BOOKING_URL": "https://cal.example/intro?name={name}&email={email}",
            "PREQUAL_SECRET": _SECRET,
            "PREQUAL_PUBLIC_URL": "https://studio.example",
            "PREQUAL_ORIGINS": _ORIGIN,
            "PREQUAL_CAL_SECRET": _SECRET,
            "PREQUAL_CALENDLY_SECRET": _SECRET,
            "PREQUAL_SAVVYCAL_SECRET": _SECRET,
            "PREQUAL_BEAT": "0",
        }
    )
    compiled, site = compile_files(_FORM), folder / "site"
    build_site(bootstrap.configured_sites(settings, compiled), site)
    with run_process(settings, compiled, site, lambda: server.is_stopping) as app:
        server = Server(app=app, settings=settings, compiled=compiled, site=site)
        yield server


def document_of(server: Server) -> dict[str, Any]:
    """Return the document with what only the owner of this server knows: the form, and the tokens of links."""
    document, form = copy.deepcopy(dict(DOCUMENT)), server.compiled.main
    (*kept, disowned), expired = server.invite(4)
    paths, parameters = document["paths"], document["components"]["parameters"]
    known: Mapping[str, Iterable[str]] = {
        "Token": [*kept, expired],
        "ClientToken": [server.ask_clients(days=1), server.ask_clients(days=-1)],
        "FormId": [form.id],
        "Language": form.languages,
        "Origin": [_ORIGIN],
    }
    for name, values in known.items():
        parameters[name]["schema"] = {"enum": [*values]}
    # A link that is disowned no longer works.
    paths["/b/{token}/not-me"]["parameters"] = [{**parameters["Token"], "schema": {"enum": [disowned]}}]
    for path in paths.values():
        path.get("post", {}).pop("security", None)  # all that is sent is signed, see `nearby`
    schemas = document["components"]["schemas"]
    for question in form.questions:
        options = [option.id for option in question.options]
        for name in ("Submission", "PastClient"):
            schemas[name]["properties"][question.id] = {"enum": options} if options else {"type": "string"}
            schemas[name]["required"] += [question.id] if question.required else []
    schemas["Visit"]["properties"]["form_version"] = {"enum": [form.version]}
    paths["/api/progress"]["post"]["requestBody"]["content"]["application/json"]["example"]["form_version"] = (
        form.version
    )
    return document


def nearby(app: WSGIApplication) -> WSGIApplication:
    """Return an application for clients on this machine, whom it does not limit, with all that they send signed."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"], now = BytesIO(body), str(int(time.time()))
        for scheduler, signature in (
            (Cal, sign(_SECRET, body)),
            (Calendly, f"t={now},v1={sign(_SECRET, f'{now}.'.encode() + body)}"),
            (SavvyCal, f"sha256={sign(_SECRET, body)}"),
        ):
            environ["HTTP_" + scheduler.header.upper().replace("-", "_")] = signature
        with closing(ClosingIterator(app(environ, start_response))) as chunks:  # as a server closes it
            return list(chunks)

    return answer
