"""The server against the OpenAPI document of its HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator
from schemathesis.engine import events, from_schema
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from prequal.core.errors import StoreUnavailableError
from prequal.web.app import _routes
from support.interface import DOCUMENT, Server, document_of, nearby, run_server
from support.search import EXAMPLES, SEARCHES

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from schemathesis import BaseSchema
    from werkzeug.test import TestResponse

# The pages of the site and of the desk, which are for people, and the paths that the function divides by itself.
_NOT_DOCUMENTED = {"/", "/<path:path>", "/desk/", "/desk/<path:_rest>", "/api/<path:_rest>", "/b/<path:_rest>"}
_TOO_LARGE = b" " * 300 * 1024
_CONFIG: dict[str, Any] = {
    "generation": {"max-examples": EXAMPLES if SEARCHES else 3, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    # The document tells what to send. The server takes more than that, as people send anything, and refuses some of
    # it, as only the owner's form knows the answers.
    "checks": {"positive_data_acceptance": {"enabled": False}, "negative_data_rejection": {"enabled": False}},
    **({} if SEARCHES else {"seed": 20261127}),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server."""
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def document(server: Server) -> Mapping[str, Any]:
    """Return the document with what only the owner of the server knows."""
    return document_of(server)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each operation with its label: the method and the path."""
    for path, item in document["paths"].items():
        for method in item.keys() - {"parameters"}:
            yield f"{method.upper()} {path}", item[method]


def resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of a document, or what it refers to."""
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def bodies(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the label of an operation and each content of its request and its answers, that of JSON first."""
    for label, operation in operations(document):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in resolved(document, body).get("content", {}).values():
                yield label, content


def path_of(label: str, document: Mapping[str, Any]) -> str:
    """Return a path of an operation that works."""
    template = label.partition(" ")[2]
    parameters = [resolved(document, each) for each in document["paths"][template].get("parameters", [])]
    values = {each["name"]: each["schema"].get("enum", ["any"])[0] for each in parameters}
    return template.format(**values)


class Broken:
    """A store that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        """Return a method that raises the error."""

        def fail(*_: object, **__: object) -> None:
            raise self.error

        return fail


def provoke(server: Server, document: Mapping[str, Any], label: str, status: int) -> TestResponse:
    """Return the answer to a request that gets a status which follows from more than its content."""
    error = StoreUnavailableError("It is down.") if status == 503 else RuntimeError("It is broken.")
    broken = server.web(Broken(error))
    applications: dict[int, WSGIApplication] = {
        401: server.app,
        404: server.serve(replace(broken, hooks=replace(broken.hooks, schedulers={}))),
        500: server.serve(broken),
        503: nearby(server.app) if label == "GET /api/ready" else server.serve(broken),
    }
    client, method = Client(applications.get(status, nearby(server.app))), label.split(maxsplit=1)[0]
    example = next((content.get("example") for at, content in bodies(document) if at == label), None)
    content: dict[str, Any] = {"json": example} if example else {}
    if status == 413:
        content = {"data": _TOO_LARGE, "content_type": "application/json"}
    if status == 429:
        content["headers"] = {"X-Forwarded-For": "203.0.113.9"}
    server.is_stopping = status == 503
    answers = [
        client.open(path_of(label, document), method=method, **content) for _ in range(11 if status == 429 else 1)
    ]
    server.is_stopping = False
    return answers[-1]


def findings(api: BaseSchema) -> Iterator[tuple[str, int, str]]:
    """Search for faults, and yield the label and the status of each answer, with the faults of it."""
    for event in from_schema(api).execute():
        assert not isinstance(event, events.NonFatalError), event.value
        if isinstance(event, events.ScenarioFinished):
            for case_id, interaction in event.recorder.interactions.items():
                checks = event.recorder.checks.get(case_id, ())
                faults = [str(check.failure_info) for check in checks if check.failure_info]
                assert interaction.response
                label = event.recorder.cases[case_id].value.operation.label
                yield label, interaction.response.status_code, "\n".join(faults)


class TestOpenApi:
    def test_every_route_is_documented(self, server: Server) -> None:
        """Each route for programs is in the document, with each of its methods, and the document has no other."""
        form_id = server.compiled.main.id
        function, documented, own = _routes(form_id), set(), set()
        for label, _ in operations(DOCUMENT):
            method, path = label.format(form_id=form_id, token="any", language="en").split()
            try:
                rule, _values = function.match(path, method, return_rule=True)
                documented.add((rule.rule, method))
            except NotFound:
                own.add(path)

        routes = {(rule.rule, each) for rule in function.map.iter_rules() for each in rule.methods or ()}
        assert documented == {(path, method) for path, method in routes if method != "HEAD"}
        assert own == {rule.rule for rule in server.app.url_map.iter_rules()} - _NOT_DOCUMENTED

    def test_examples_are_valid(self, server: Server, document: Mapping[str, Any]) -> None:
        """Each example is valid by its schema, and each that is sent as JSON is accepted."""
        client = Client(nearby(server.app))
        for _label, content in bodies(DOCUMENT):
            if "example" in content:
                schema = {**content["schema"], "components": DOCUMENT["components"]}
                Draft202012Validator(schema).validate(content["example"])
        for label, operation in operations(document):
            sent = resolved(document, operation.get("requestBody", {})).get("content", {})
            if sent:
                answer = client.post(path_of(label, document), json=sent["application/json"]["example"])
                assert answer.status_code < 300, answer.text

    def test_the_server_answers_as_documented(
        self, server: Server, document: Mapping[str, Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whatever is sent, each answer is as documented, and each documented status is given to something."""
        caplog.set_level("ERROR", logger="prequal")
        api = schemathesis.openapi.from_dict(dict(document), config=schemathesis.Config.from_dict(_CONFIG))
        api.validate()
        api.app = nearby(server.app)

        found = list(findings(api))

        assert [faults for _label, _status, faults in found if faults] == []
        seen = {(label, status) for label, status, _faults in found}
        documented = {(label, int(status)) for label, each in operations(document) for status in each["responses"]}
        for label, status in sorted(documented - seen):
            answer = provoke(server, document, label, status)
            assert (label, answer.status_code) == (label, status)
            method, path = label.split()
            api[path][method].validate_response(answer)
