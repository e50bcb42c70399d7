"""One server for all page checks: the built site, the function, and its answers as pages; with a box to tick."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.gallery import configured_site, write_answers
from support.running import Server, development_server
from support.shipped_form import MORE_FIELDS, write_form


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the server."""
    folder = tmp_path_factory.mktemp("pages")
    form = write_form(folder, *MORE_FIELDS)
    with development_server(folder, PREQUAL_FORM=str(form), PREQUAL_HOPS="1") as server:
        write_answers(configured_site(server.url, form), server.site)
        yield server
