"""Who may ask: as every other part of a Jupyter server has it."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.processes import PATIENCE_S
from tests.server.real_server import Server
from tests.server.studies import begun, written

STUDY = f"jupyter-tune/api/studies/{quote('a.tune.db')}"
REQUESTS = [
    ("GET", "jupyter-tune/api/studies", None),
    ("GET", STUDY, None),
    ("GET", f"{STUDY}/model", None),
    ("POST", f"{STUDY}/requests", {"type": "stop"}),
    ("DELETE", STUDY, None),
    ("GET", "jupyter-tune/api/compare?path=a.tune.db", None),
]
WRITES = [request for request in REQUESTS if request[0] != "GET"]

Started = Callable[..., Server]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Starts a server with a study, with these options."""
    servers: list[Server] = []

    def start(base: str = "/", **options: str) -> Server:
        given = {name.replace("__", "."): value for name, value in options.items()}
        servers.append(Server(tmp_path, base, given))
        written(servers[-1].root / "a.tune.db")
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "token wrong"}], ids=["no token", "a wrong token"])
def test_without_the_servers_token_nothing_is_answered_or_done(server, headers):
    path = server.root / "guarded.tune.db"
    if not path.exists():
        written(path)
    for method, url, content in REQUESTS:
        url = url.replace("a.tune.db", "guarded.tune.db")
        assert server.ask(method, url, content, headers).status == 403, (method, url)
    assert path.exists()
    # the study itself is there for who has it
    assert server.get(STUDY.replace("a.tune.db", "guarded.tune.db")).status == 200


def test_below_another_base_url_there_is_nothing(server):
    assert server.base == "/user/ada/"
    base, server.base = server.base, "/"
    try:
        assert server.get("jupyter-tune/api/studies").status == 404
    finally:
        server.base = base


def logged_in(server: Server) -> tuple[dict[str, str], str]:
    """The header with the cookies of a page that the server has logged in, and its XSRF token."""
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(jar := http.cookiejar.CookieJar())
    )
    here = f"http://127.0.0.1:{server.port}{server.base}"
    # a page of the server, which sets the cookies
    opener.open(f"{here}lab?token={server.token}", timeout=PATIENCE_S).close()
    cookies = {cookie.name: str(cookie.value) for cookie in jar}
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}, cookies["_xsrf"]


def test_a_page_that_is_logged_in_by_a_cookie_needs_its_xsrf_token_to_change_anything(server):
    path = server.root / "kept.tune.db"
    journal = begun(path)
    sent, xsrf = logged_in(server)
    assert server.get("jupyter-tune/api/studies", sent).status == 200
    url = STUDY.replace("a.tune.db", "kept.tune.db")
    for method, where, content in [("POST", f"{url}/requests", {"type": "stop"}), ("DELETE", url, None)]:
        answer = server.ask(method, where, content, sent)
        assert answer.status == 403, (method, answer)
        assert "_xsrf" in json.dumps(answer.content)
        with_token = {**sent, "X-XSRFToken": xsrf}
        # asked of its driver, and refused by that alone: it is this process, and serves no requests
        assert server.ask(method, where, content, with_token).status == 409, method
    journal.close()


def test_a_page_of_another_site_is_refused(server):
    written(server.root / "foreign.tune.db")
    url = STUDY.replace("a.tune.db", "foreign.tune.db")
    # of a user who is logged in here: all but the origin is right
    sent, xsrf = logged_in(server)
    own = {**sent, "X-XSRFToken": xsrf}
    foreign = {**own, "Origin": "http://elsewhere.example"}
    for method, where in [("GET", url), ("DELETE", url)]:
        assert server.ask(method, where, None, foreign).status in (403, 404), method
    assert (server.root / "foreign.tune.db").exists()
    assert server.ask("GET", url, None, own).status == 200
    assert server.ask("DELETE", url, None, own).status == 204


def test_who_may_only_read_changes_nothing(started):
    server = started(ServerApp__authorizer_class="tests.server.guards.ReadOnly")
    for method, url, content in REQUESTS:
        assert server.ask(method, url, content).status == (200 if method == "GET" else 403), (method, url)
    assert (server.root / "a.tune.db").exists()


def test_who_may_not_see_studies_sees_none(started):
    server = started(ServerApp__authorizer_class="tests.server.guards.NoStudies")
    assert server.get("api/contents").status == 200
    for method, url, content in REQUESTS:
        assert server.ask(method, url, content).status == 403, (method, url)
    assert (server.root / "a.tune.db").exists()


def test_users_that_another_server_has_logged_in_are_known_as_on_jupyterhub(started):
    server = started(
        "/user/ada%40example/",
        ServerApp__identity_provider_class="tests.server.guards.Hub",
        ServerApp__allow_unauthenticated_access="False",
    )
    for method, url, content in REQUESTS:
        assert server.ask(method, url, content, {"Cookie": "hub-user=eve"}).status == 403, (method, url)
    assert server.get("jupyter-tune/api/studies", {"Cookie": "hub-user=ada"}).status == 200
    assert server.get(STUDY, {"Cookie": "hub-user=ada"}).status == 200
    for method, url, content in WRITES:
        assert server.ask(method, url, content, {"Cookie": "hub-user=ada"}).status == 403, (method, url)
