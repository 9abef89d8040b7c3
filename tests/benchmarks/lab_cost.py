"""What the extension costs in JupyterLab: seconds until Lab is ready, and milliseconds of a keystroke.

Two servers with the same notebook, one of them with the extension disabled, are asked in turns.

ready      from the start of the navigation until Lab has restored its layout, in a browser without a cache;
           "more": the difference in each pair of page loads
files      of the extension, loaded by then
keystroke  from the event of a key, typed in the middle of a %%tune cell of 500 lines with 30 declarations, to
           the end of the frame that shows it; the first one of a page, whose code is cold, by itself
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.benchmarks.pages import Desk
from tests.benchmarks.rows import Row, percentile
from tests.real_lab import Lab, NotebookPage, chromium, new_page

ROUNDS = 5
LOADS = 3
KEYS = 60
TARGET_MS = 100.0

DECLARATIONS = "\n".join(f"p{n}: Float(1e-{n % 5 + 2}, 1.0, log=True) = 0.5" for n in range(30))
BODY = "\n".join(f"value_{n} = {n} * p{n % 30} + len('a text of some length')" for n in range(468))
CELL = f"%%tune --maximize score --trials 20\n{DECLARATIONS}\n{BODY}\nreport(score=value_0)"
LINE = 250

# when Lab is ready, as it says itself
NOTE_READY = """
Object.defineProperty(window, 'jupyterapp', {
  get() { return this.__app; },
  set(app) {
    this.__app = app;
    app.restored.then(() => { window.__ready = performance.now(); });
  },
});
"""
FILES = """() => performance.getEntriesByType('resource')
  .filter(({ name }) => name.includes('/lab/extensions/jupyter-tune/'))
  .map(({ decodedBodySize }) => decodedBodySize)"""
# of each key, the milliseconds to the first task after the frame that it caused
NOTE_KEYS = """() => {
  window.__keys = [];
  document.addEventListener('keydown', ({ timeStamp }) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { window.__keys.push(performance.now() - timeStamp); };
      port2.postMessage(null);
    });
  }, true);
}"""
CURSOR = """line => {
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = 0;
  content.mode = 'edit';
  content.activeCell.editor.focus();
  content.activeCell.editor.setCursorPosition({ line, column: 0 });
}"""


def measure(rounds: int = ROUNDS) -> list[Row]:
    with _server(enabled=False) as off, _server(enabled=True) as on, chromium() as browser:
        bare, full = Desk(off, browser), Desk(on, browser)
        ready: dict[str, list[list[float]]] = {"bare": [], "full": []}
        keys: dict[str, list[list[float]]] = {"bare": [], "full": []}
        more: list[list[float]] = []
        for desk in (bare, full):
            desk.leave(_loaded(desk))  # the server's first answer reads its files
        for _ in range(rounds):
            bare_s, full_s = [], []
            for _ in range(LOADS):
                bare_s.append(_ready_s(bare))
                full_s.append(_ready_s(full))
            ready["bare"].append(bare_s)
            ready["full"].append(full_s)
            more.append([1000 * (one - other) for one, other in zip(full_s, bare_s, strict=True)])
            for name, desk in (("bare", bare), ("full", full)):
                keys[name].append(_keys_ms(desk))
        files = [_files_kb(full)]
    rows = [Row.of("Lab ready, without the extension", "s", ready["bare"])]
    rows.append(Row.of("Lab ready", "s", ready["full"], beside=rows[0]))
    rows.append(Row.of("more", "ms", more, target=f"{TARGET_MS:.0f} ms"))
    rows.append(Row.of("its files that are loaded by then", "kB", [files]))
    first = {name: [each[:1] for each in pages] for name, pages in keys.items()}
    others = {name: [each[1:] for each in pages] for name, pages in keys.items()}
    for what, percent, of in [
        ("keystroke, median", 50, others),
        ("keystroke, 95 %", 95, others),
        ("keystroke, 99 %", 99, others),
        ("slowest keystroke", 100, others),
        ("first keystroke of a page, median", 50, first),
    ]:
        statistic = percentile(percent)
        without = Row.of(f"{what}, without", "ms", of["bare"], statistic=statistic)
        beside = replace(without, name="without the extension")
        rows += [without, Row.of(what, "ms", of["full"], statistic=statistic, beside=beside, target="× 1.2")]
    return rows


@contextlib.contextmanager
def _server(*, enabled: bool) -> Iterator[Lab]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if not enabled:
            settings = folder / "jupyter_config_dir" / "labconfig" / "page_config.json"
            settings.parent.mkdir(parents=True)
            settings.write_text(json.dumps({"disabledExtensions": {"jupyter-tune": True}}))
        with contextlib.closing(Lab(folder)) as lab:
            lab.write("cost", CELL)
            yield lab


def _loaded(desk: Desk) -> NotebookPage:
    page = new_page(desk.browser)
    page.add_init_script(NOTE_READY)
    notebook = NotebookPage(desk.lab, page, "cost")
    page.wait_for_function("() => window.__ready !== undefined")
    return notebook


def _ready_s(desk: Desk) -> float:
    notebook = _loaded(desk)
    ready_ms: float = notebook.page.evaluate("() => window.__ready")
    desk.leave(notebook)
    return ready_ms / 1000


def _files_kb(desk: Desk) -> float:
    notebook = _loaded(desk)
    sizes: list[int] = notebook.page.evaluate(FILES)
    assert sizes, "the extension has loaded nothing"
    desk.leave(notebook)
    return sum(sizes) / 1000


def _keys_ms(desk: Desk) -> list[float]:
    notebook = _loaded(desk)
    page = notebook.page
    notebook.wait_for_kernel()
    sliders: Any = page.locator(".jt-source-slider")
    is_full = page.evaluate("() => jupyterapp.commands.hasCommand('jupyter-tune:show-panel')")
    expect(sliders.first if is_full else notebook.panel).to_be_visible()
    page.evaluate(CURSOR, LINE)
    page.wait_for_timeout(1000)
    page.evaluate(NOTE_KEYS)
    page.keyboard.type("x = 1 # " + "keys " * (KEYS // 5), delay=40)
    page.wait_for_function("least => window.__keys.length >= least", arg=KEYS)
    found: list[float] = page.evaluate("() => window.__keys")
    desk.leave(notebook)
    return found
