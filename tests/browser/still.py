"""The dashboard of a study on a page of its own: no kernel, no Lab, whatever size and theme.

What the kernel would send comes from the same tables and templates; what the page asks for is kept.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from jupyter_tune.core.study import Study
from jupyter_tune.notebook.dashboard import STATIC
from jupyter_tune.views.charts import templates
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables, parameters

# the names by which a page in JupyterLab knows its theme
THEMES = {
    "light": "--jp-layout-color0:#fff;--jp-layout-color1:#fff;--jp-ui-font-color1:rgba(0,0,0,.87);"
    "--jp-ui-font-color2:rgba(0,0,0,.54);--jp-border-color2:#e0e0e0;--jp-brand-color1:#1976d2;"
    "--jp-error-color1:#d32f2f",
    "dark": "--jp-layout-color0:#111;--jp-layout-color1:#111;--jp-ui-font-color1:rgba(255,255,255,1);"
    "--jp-ui-font-color2:rgba(255,255,255,.7);--jp-border-color2:#424242;--jp-brand-color1:#2196f3;"
    "--jp-error-color1:#d32f2f",
}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dashboard</title>
<link rel="stylesheet" href="widget.css"></head>
<body data-jp-theme-light="{light}" style="{theme};margin:0;background:var(--jp-layout-color0)">
<main id="view" style="padding:8px"></main>
<script type="module">
  import createWidget from './widget.js';
  const traits = await (await fetch('traits.json')).json();
  const listeners = [];
  window.sent = [];
  const model = {{
    get: name => traits[name],
    send: message => window.sent.push(message),
    on: (event, callback) => listeners.push([event, callback]),
    off: () => {{}},
  }};
  window.deliver = message => {{
    for (const [event, callback] of listeners) if (event === 'msg:custom') callback(message, []);
  }};
  const widget = createWidget();
  widget.initialize({{ model }});
  widget.render({{ model, el: document.getElementById('view') }});
  // what a kernel does that has no news
  setInterval(() => window.deliver({{ type: 'alive' }}), 1000);
  window.ready = true;
</script></body></html>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests' output is their own."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`folder` by http; the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def open_still(
    page: Page,
    folder: Path,
    address: str,
    study: Study,
    *,
    landscape: dict[str, Any] | None = None,
    theme: str = "light",
    now: float | None = None,
) -> None:
    """Open the dashboard of `study` in `page`; `folder` is what is served at `address`."""
    tables = Tables(study)
    tables.show_landscape(landscape)
    ended = study.ended_at if study.ended_at is not None else study.opened_at + 600
    traits = {
        "templates": templates(study.space, settings=study.settings),
        "parameters": parameters(study.space),
        "tables": unpacked(tables.snapshot(ended if now is None else now)),
        "picture": {},
        "ways": {},
    }
    for name in ("widget.js", "widget.css"):
        shutil.copy(STATIC / name, folder / name)
    (folder / "traits.json").write_text(json.dumps(traits))
    light = str(theme == "light").lower()
    (folder / "index.html").write_text(PAGE.format(light=light, theme=THEMES[theme]))
    page.goto(f"{address}/index.html")
    page.wait_for_function("() => window.ready")
