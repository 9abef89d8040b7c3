"""A host of widgets that has nothing but the anywidget protocol, as VS Code's notebooks have it.

The page loads the module from the widget's `_esm` as a blob, gives it a model and elements, and has none of
JupyterLab's globals and styles. The model's other end is the real widget: what it sends is pulled by the
page, what the page sends is pushed to it, both in this thread, while Playwright waits for something.
"""

from __future__ import annotations

import base64
import queue
from collections.abc import Callable, Iterable
from typing import Any

from comm.base_comm import BaseComm
from playwright.sync_api import Locator, Page

from tests.processes import PATIENCE_S

URL = "http://notebook.test/"

PAGE = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' blob:;
  style-src 'unsafe-inline'; img-src data: blob:">
<body>
<script>
window.violations = [];
document.addEventListener('securitypolicyviolation', event => {
  violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});

class Model {
  constructor(state) { this.state = state; this.changed = {}; this.callbacks = new Map(); }
  get(name) { return this.state[name]; }
  set(name, value) { this.state[name] = this.changed[name] = value; }
  save_changes() { void push({ method: 'update', state: this.changed }); this.changed = {}; }
  send(content) { void push({ method: 'custom', content }); }
  on(event, callback) { this.callbacks.set(event, [...(this.callbacks.get(event) ?? []), callback]); }
  off(event, callback) {
    this.callbacks.set(event, (this.callbacks.get(event) ?? []).filter(other => other !== callback));
  }
  fire(event, ...given) { for (const callback of this.callbacks.get(event) ?? []) callback(...given); }
  receive({ method, content, state, buffers }) {
    if (method === 'custom') this.fire('msg:custom', content, buffers);
    for (const [name, value] of Object.entries(state ?? {})) {
      this.state[name] = value;
      this.fire(`change:${name}`);
    }
  }
}

function view(text) { return new DataView(Uint8Array.from(atob(text), char => char.charCodeAt(0)).buffer); }

function opened({ data, buffers }) {
  const views = buffers.map(view);
  (data.buffer_paths ?? []).forEach((path, at) => {
    const last = path[path.length - 1];
    path.slice(0, -1).reduce((node, key) => node[key], data.state)[last] = views[at];
  });
  return { ...data, buffers: views };
}

async function start() {
  const [{ state }] = (await pull()).map(opened);
  const model = window.model = new Model(state);
  const url = URL.createObjectURL(new Blob([state._esm], { type: 'text/javascript' }));
  document.head.append(Object.assign(document.createElement('style'), { textContent: state._css }));
  const made = (await import(url)).default;
  const widget = typeof made === 'function' ? await made() : made;
  window.close_model = await widget.initialize?.({ model });
  window.close_view = {};
  window.show = async name => {
    const el = Object.assign(document.createElement('div'), { id: name });
    document.body.append(el);
    close_view[name] = await widget.render({ model, el });
  };
  const turn = async () => {
    for (const message of (await pull()).map(opened)) model.receive(message);
    setTimeout(turn, 50);
  };
  void turn();
}
</script>
</body>
"""

THEMES = {
    "light": {"editor-background": "#fffffe", "editor-foreground": "#3b3b3b", "panel-border": "#e5e5e5"},
    "dark": {"editor-background": "#1f1f1f", "editor-foreground": "#cccccc", "panel-border": "#2b2b2b"},
}
"""Some of the variables that VS Code gives its pages, in two of its themes."""


class HostComm(BaseComm):
    """A comm whose messages wait in `sent` for the page."""

    def __init__(self, **opening: Any):
        self.sent: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        super().__init__(**opening)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        packed = [base64.b64encode(buffer).decode() for buffer in buffers or ()]
        if data is not None:
            self.sent.put({"data": data, "buffers": packed})


class BareHost:
    """A page of such a host.

    Args: comm: of the widget that it shows, which has sent its opening and perhaps more.
    """

    def __init__(self, page: Page, comm: HostComm):
        self.page = page
        self.binary_messages = 0
        self._comm = comm
        page.route(f"{URL}**", lambda route: route.fulfill(content_type="text/html", body=PAGE))
        page.expose_function("pull", self._pull)
        page.expose_function("push", self._push)
        page.goto(URL)
        page.evaluate("() => start()")

    def _pull(self) -> list[dict[str, Any]]:
        messages = [self._comm.sent.get() for _ in range(self._comm.sent.qsize())]
        self.binary_messages += sum(bool(message["buffers"]) for message in messages)
        return messages

    def _push(self, data: dict[str, Any]) -> None:
        self._comm.handle_msg({"content": {"data": data}, "buffers": []})

    def show(self, name: str) -> Locator:
        """Another view of the widget. Returns its element."""
        self.page.evaluate("name => show(name)", name)
        return self.page.locator(f"#{name}")

    def close(self, *names: str) -> None:
        """Dispose of these views."""
        for name in names:
            self.page.evaluate("name => close_view[name]()", name)

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """As wait_until, while the page and the widget go on talking."""
        for _ in range(int(PATIENCE_S / 0.05)):
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"waited {PATIENCE_S:g} s in vain for {what}")

    def wear(self, theme: str) -> None:
        """A theme of VS Code."""
        variables: Iterable[tuple[str, str]] = THEMES[theme].items()
        style = ";".join(f"--vscode-{name}:{value}" for name, value in variables)
        self.page.evaluate(
            """([theme, style]) => {
              document.documentElement.setAttribute('style', style);
              document.body.className = `vscode-${theme}`;
              document.body.style.background = 'var(--vscode-editor-background)';
            }""",
            [theme, style],
        )
