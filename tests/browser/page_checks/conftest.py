"""One server for all page checks: the built site, the function, and its answers as pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.gallery import configured_site, write_answers
from support.running import Server, development_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the server."""
    with development_server(tmp_path_factory.mktemp("pages"), PREQUAL_HOPS="1") as server:
        write_answers(configured_site(server.url), server.site)
        yield server
