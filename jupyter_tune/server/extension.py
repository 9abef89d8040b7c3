"""Adds the extension's handlers and events to a server."""

from __future__ import annotations

from typing import Any, cast

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from jupyter_tune.server import handlers
from jupyter_tune.server.service import SCHEMA, Service

PREFIX = "jupyter-tune"

_STUDY = r"(.+\.tune\.db)"

_HANDLERS: list[tuple[str, Any]] = [
    (r"api/studies", handlers.AllStudies),
    (rf"api/studies/{_STUDY}/requests", handlers.Requests),
    (rf"api/studies/{_STUDY}/model", handlers.Model),
    (rf"api/studies/{_STUDY}", handlers.Study),
    (r"api/compare", handlers.Compare),
]


def load(app: ServerApp) -> None:
    """Serve the studies under `app`'s root."""
    events, web_app = app.event_logger, cast(Any, app.web_app)
    assert events is not None, "a server makes its event bus before it loads extensions"
    events.register_event_schema(SCHEMA)
    # where pages see files; content that is in no folder has none
    root = getattr(app.contents_manager, "root_dir", "") or app.root_dir
    service = Service(root, events, hidden=app.contents_manager.allow_hidden)
    base = url_path_join(web_app.settings["base_url"], PREFIX)
    arguments = {"service": service}
    rules = [(url_path_join(base, url), handler, arguments) for url, handler in _HANDLERS]
    web_app.add_handlers(".*$", rules)
