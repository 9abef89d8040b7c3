"""The harness's side of the pipe: starts a tuner in its environment, asks it and tells it.

    with start(PEERS["optuna-tpe"], space, seed=0) as tuner:
        suggestion = tuner.ask()
        tuner.tell(suggestion.id, loss)

See peers/served.py for the other side and what travels between them.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.search.environments import python_of
from tests.benchmarks.search.peers.served import Suggestion

ROOT = Path(__file__).parents[3]
ADAPTERS = Path(__file__).parent / "peers"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
GRACE_S = 10
PATIENCE_S = 900.0


class PeerDied(Exception):  # noqa: N818 - it says what happened
    """The peer's process has ended or its answer is an error; the message has its last words."""


@dataclass(frozen=True)
class Peer:
    """A tuner to compare: what reports call it, and how its process is started.

    `version` names what it is made of, for the cache of results: a result of another version is not used.
    """

    name: str
    environment: str
    adapter: str
    variant: str
    version: str

    @property
    def is_ours(self) -> bool:
        return self.environment == "main"


class Running:
    """A peer whose process runs. `cpu_s` is the CPU time its last op took, all threads of it."""

    def __init__(self, process: subprocess.Popen[str], log: Any, name: str):
        self._process, self._log, self._name = process, log, name
        self.cpu_s = 0.0
        self.wall_s = 0.0

    def ask(self) -> Suggestion:
        answer = self._request(op="ask")
        return Suggestion(answer["id"], answer["params"], answer["until"])

    def report(self, id: Any, step: int, loss: float) -> bool:
        return bool(self._request(op="report", id=id, step=step, loss=loss)["go_on"])

    def tell(self, id: Any, loss: float | None, state: str = "complete") -> None:
        """A loss that is missing or not finite is a failure, whatever `state` says."""
        if loss is None or not math.isfinite(loss):
            loss, state = None, "failed"
        self._request(op="tell", id=id, loss=loss, state=state)

    def add(self, params: dict[str, Any], loss: float) -> None:
        self._request(op="add", params=params, loss=loss)

    def versions(self) -> dict[str, str]:
        return self._request(op="versions")

    def _request(self, **request: Any) -> dict[str, Any]:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        # a peer that hangs must not hold up a run of hours
        watchdog = threading.Timer(PATIENCE_S, self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            print(json.dumps(request), file=pipe_in, flush=True)
            line = pipe_out.readline()
        except BrokenPipeError:
            line = ""
        finally:
            watchdog.cancel()
        gone = {"error": f"it has ended, or took more than {PATIENCE_S:.0f} s and was ended"}
        answer: dict[str, Any] = json.loads(line) if line else gone
        if "error" in answer:
            raise PeerDied(f"{self._name}: {request['op']}: {answer['error']}\n{self._last_words()}")
        self.cpu_s, self.wall_s = answer.pop("cpu", 0.0), answer.pop("wall", 0.0)
        return answer

    def _last_words(self) -> str:
        self._log.seek(0)
        return "\n".join(self._log.read().decode(errors="replace").splitlines()[-15:])


@contextmanager
def start(
    peer: Peer,
    space: Sequence[dict[str, Any]],
    *,
    seed: int,
    max_steps: int | None = None,
    workers: int = 1,
    threads: int | None = 1,
) -> Iterator[Running]:
    """A running peer; its process ends with the block.

    Args: threads: how many its libraries may use; None leaves them their default.
    Raises: CannotInstall; PeerDied, now or from any later request.
    """
    # the harness limits its own threads by the same variables
    inherited = {name: value for name, value in os.environ.items() if name not in THREADS}
    limits = {} if threads is None else dict.fromkeys(THREADS, str(threads))
    environment = {**inherited, **limits, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    # -P: an adapter may have its library's name, so its folder must not be searched first
    command = [
        str(python_of(peer.environment)),
        "-P",
        "-W",
        "ignore",
        str(ADAPTERS / peer.adapter),
        peer.variant,
    ]
    setup = {"space": list(space), "seed": seed, "max_steps": max_steps, "workers": workers}
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            cwd=folder,  # some libraries leave files where they run
        )
        try:
            assert process.stdin is not None
            print(json.dumps(setup), file=process.stdin, flush=True)
            yield Running(process, log, peer.name)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.close()
        process.wait(GRACE_S)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
    finally:
        process.stdout.close()
