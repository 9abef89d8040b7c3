from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.real_server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a path, as JupyterHub starts one."""
    started = Server(Path(tmp_path_factory.mktemp("server")), "/user/ada/")
    yield started
    started.close()
