"""A real JupyterLab and a real Chromium: what a person opens, and what is then on the page.

The server has its own configuration, runtime and data folders, so that nothing of the
machine's own Jupyter is read or changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from jupyter_tune.core.events import Record
from jupyter_tune.journal import read_records
from tests.processes import PATIENCE_S, tune_processes, wait_until

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
PICTURES = Path(__file__).parents[1] / "out" / "browser"
PATIENCE_MS = 1000 * PATIENCE_S

END_S = 20.0
"""Seconds in which the server ends that has no kernel any more."""

# without the background-networking flags Chromium tries to reach its maker at every start
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE_MS)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium."""
    assert CHROMIUM, "no chromium on the PATH; `make test` installs it on Debian, elsewhere do it by hand"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser) -> Page:
    """A page in a context of its own."""
    context = browser.new_context(viewport={"width": 1400, "height": 1500})
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def seen(part: Locator) -> Locator:
    """That part, on the screen: what is out of sight is drawn when it comes in sight."""
    part.evaluate("node => node.scrollIntoView({ block: 'center' })")
    return part


class Lab:
    """A JupyterLab server and the folder that it serves."""

    module = "jupyterlab"
    app = "LabApp"
    python = sys.executable

    def __init__(self, folder: Path):
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.studies = self.notebooks / "studies"
        self.notebooks.mkdir()
        self.token = secrets.token_hex(16)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        own = {
            variable: str(folder / variable.lower())
            for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        }
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": str(self.notebooks),
            "IdentityProvider.token": self.token,
            f"{self.app}.expose_app_in_browser": True,
            f"{self.app}.user_settings_dir": str(folder / "settings"),
            f"{self.app}.workspaces_dir": str(folder / "workspaces"),
        }
        # no question about news over the corner of every picture
        news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        news.parent.mkdir(parents=True)
        news.write_text('{"fetchNews": "false"}')
        self.log = folder / "lab.log"
        self._command = [self.python, "-m", self.module, "--no-browser", "--allow-root"]
        self._command += [f"--{name}={value}" for name, value in options.items()]
        self._env = {**os.environ, **own, "JUPYTER_TUNE_DIR": str(self.studies)}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        wait_until(self._answers, "the server to start")

    def address(self, name: str) -> str:
        """Of the page of a notebook."""
        return f"{self.url}/lab/workspaces/{name}/tree/{name}.ipynb?token={self.token}&reset"

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError):
            self.api("GET", "api/status")
            return True
        return False

    def api(self, method: str, path: str, content: Any = None) -> Any:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/{path}?token={self.token}", data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read() or b"null")

    def records(self, study: str) -> list[Record]:
        """What has happened in the study of that name; nothing before it is there."""
        path = self.studies / f"{study}.tune.db"
        return read_records(path) if path.exists() else []

    def end_kernels(self) -> None:
        # with a kernel all its sessions go
        while sessions := self.api("GET", "api/sessions"):
            self.api("DELETE", f"api/sessions/{sessions[0]['id']}")

    def close(self) -> None:
        """After it nothing of the server, its kernels or their studies runs."""
        self.stop()
        wait_until(lambda: not tune_processes(self.studies), "every process of the studies to end")

    def stop(self) -> None:
        self.end_kernels()
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            # Once in a while the server hangs at the end of its process (seen: in a futex). Nothing of
            # ours runs in it, and its kernels have ended by now: there is nothing left to lose.
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def write(self, name: str, *cells: str) -> Path:
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        path = self.notebooks / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    def open(self, page: Page, name: str, *cells: str) -> NotebookPage:
        """A notebook of these cells, written, open in `page`, its kernel idle."""
        self.write(name, *cells)
        notebook = NotebookPage(self, page, name)
        notebook.wait_for_kernel()
        return notebook


class Notebook7(Lab):
    """A server of Notebook 7, with JupyterLab's parts in another shell."""

    module = "notebook"
    app = "JupyterNotebookApp"

    def address(self, name: str) -> str:
        return f"{self.url}/notebooks/{name}.ipynb?token={self.token}"


class NotebookPage:
    """A notebook, open in its page."""

    def __init__(self, lab: Lab, page: Page, name: str):
        self.lab = lab
        self.page = page
        self.name = name
        page.goto(lab.address(name))
        self.panel = page.locator(".jp-NotebookPanel:visible")
        expect(self.panel).to_be_visible()
        page.wait_for_function("() => window.jupyterapp !== undefined")

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp.shell.currentWidget;
              const kernel = panel?.sessionContext?.session?.kernel;
              return kernel && kernel.status === 'idle';
            }"""
        )

    def run(self, cell: int, *, wait: bool = True) -> None:
        """Run one cell by Lab's own command, as Shift-Enter does."""
        self.page.evaluate(
            """async cell => {
              const panel = window.jupyterapp.shell.currentWidget;
              panel.content.activeCellIndex = cell;
              panel.content.deselectAll();
              window.__run = window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            cell,
        )
        if wait:
            self.page.evaluate("() => window.__run")

    def prompt(self, cell: int) -> Locator:
        """The cell's `[3]:`, or `[*]:` while it runs."""
        return self.panel.locator(".jp-Cell").nth(cell).locator(".jp-InputPrompt")

    def output(self, cell: int) -> Locator:
        return self.panel.locator(".jp-Cell").nth(cell).locator(".jp-Cell-outputWrapper")

    def refuse_a_kernel(self) -> None:
        """Answer Lab's question for a kernel, which it asks when the notebook names none that it has."""
        dialog = self.page.locator(".jp-Dialog")
        expect(dialog).to_contain_text("Select Kernel")
        dialog.get_by_role("button", name="No Kernel").click()
        expect(dialog).to_have_count(0)

    def sources(self) -> list[str]:
        """The text of each cell."""
        found: list[str] = self.page.evaluate(
            """() => jupyterapp.shell.currentWidget.content.widgets
              .map(cell => cell.model.sharedModel.getSource())"""
        )
        return found

    def undo(self) -> None:
        """In the active cell."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.content.activeCell.editor.undo()")

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")


OpenNotebook: TypeAlias = Callable[..., NotebookPage]
"""Takes the notebook's name and its cells."""
