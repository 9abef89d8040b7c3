"""A real kernel, used as by a front end."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.processes import PATIENCE_S, tune_processes, wait_until

LOAD = "%load_ext jupyter_tune"

LOAD_WITHOUT_A_MODEL = f"""from jupyter_tune.launch import warm
from jupyter_tune.notebook import landscapes
warm.DEFAULT_SAMPLER = "random"
landscapes.Landscapes.keep_up = lambda self, **_: None
del warm, landscapes
{LOAD}"""
"""With it drivers import torch, which takes seconds, only where a study or a cell asks for a model; not to be
ready for one, nor for the chart of a dashboard that no page shows."""


class Outcome:
    """The outcome of an executed cell."""

    def __init__(self, reply: dict[str, Any], messages: list[dict[str, Any]]):
        self.status: str = reply["content"]["status"]
        self.error = f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}"
        self.messages = messages
        # help, which a front end shows in a pager
        payload = reply["content"].get("payload", [])
        self.page = "".join(page["data"]["text/plain"] for page in payload if page["source"] == "page")
        # a cell that a front end puts below
        self.next_cell = "".join(cell["text"] for cell in payload if cell["source"] == "set_next_input")

    @property
    def text(self) -> str:
        return "".join(m["content"]["text"] for m in self.messages if m["msg_type"] == "stream")

    @property
    def result(self) -> str:
        results = [m for m in self.messages if m["msg_type"] == "execute_result"]
        return str(results[-1]["content"]["data"]["text/plain"]) if results else ""

    @property
    def displays(self) -> list[dict[str, Any]]:
        kinds = ("display_data", "update_display_data")
        return [m["content"]["data"] for m in self.messages if m["msg_type"] in kinds]


class Kernel:
    """A kernel in `folder`, which is also the folder of its studies."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.folders = [folder]
        self._manager = KernelManager()
        env = {**os.environ, "JUPYTER_TUNE_DIR": str(folder), "PYTHONWARNINGS": ""}
        self._manager.start_kernel(cwd=str(folder), env=env)
        self.client: BlockingKernelClient = self._manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)

    @property
    def pid(self) -> int:
        pid: int = self._manager.provisioner.pid
        return pid

    def send(self, code: str, *, headless: bool = False) -> str:
        """Start a cell as a notebook's front end does, or, if headless, as nbclient does."""
        return self.client.execute(code, allow_stdin=not headless)

    def gather(self, number: str) -> Outcome:
        """Wait for the end of the cell that was sent as `number`. Returns its outcome."""
        messages = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"the kernel was silent for {PATIENCE_S:g} s") from None
            if message["parent_header"].get("msg_id") != number:
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            if reply["parent_header"].get("msg_id") == number:
                return Outcome(reply, messages)

    def run(self, code: str, *, headless: bool = False, expect: str = "ok") -> Outcome:
        outcome = self.gather(self.send(code, headless=headless))
        assert outcome.status == expect, outcome.error + outcome.text
        return outcome

    def ask(self, expression: str) -> str:
        """The repr of an expression in the kernel."""
        return self.run(expression).result

    def wait_for(self, expression: str) -> None:
        wait_until(lambda: self.ask(f"bool({expression})") == "True", expression)

    def work_in(self, folder: Path) -> None:
        """Go on in `folder`, which is the folder of its next studies too."""
        self.folder = folder
        self.folders.append(folder)
        place = repr(str(folder))
        self.run(f"import os; os.chdir({place}); os.environ['JUPYTER_TUNE_DIR'] = {place}; study = None")

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        self._manager.restart_kernel(now=False)
        self.client.wait_for_ready(timeout=PATIENCE_S)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@contextlib.contextmanager
def kernel_in(folder: Path) -> Iterator[Kernel]:
    """A kernel in `folder`. None of its processes is left."""
    started = Kernel(folder)
    yield started
    started.close()
    for used in started.folders:
        wait_until(lambda used=used: not tune_processes(used), "every process of the kernel's studies to end")  # type: ignore[misc]
