from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jupyter_tune.executors.local import signs
from jupyter_tune.executors.local.signs import LOOK_S, SILENT_S, Signs, processor_s
from tests.processes import wait_until


class Processor:
    """How much of it the trial has used."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.used_s = 0.0
        monkeypatch.setattr(signs, "processor_s", lambda pid: self.used_s)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Processor:
    return Processor(monkeypatch)


def told(of: Signs, until: float, begin: float = 0.0) -> list[float]:
    """When its silence was reported, looked at every LOOK_S."""
    times = [begin + LOOK_S * look for look in range(1, int((until - begin) / LOOK_S) + 1)]
    return [now for now in times if of.look(now) is not None]


def test_silence_is_told_once_when_it_has_become_long(processor: Processor) -> None:
    assert told(Signs(1, 0.0), 5 * SILENT_S) == [SILENT_S]


def test_a_report_or_output_ends_the_silence_and_the_next_is_told_again(processor: Processor) -> None:
    trial = Signs(1, 0.0)
    assert told(trial, SILENT_S - LOOK_S) == []
    trial.heard(SILENT_S)
    assert told(trial, 3 * SILENT_S, begin=SILENT_S) == [2 * SILENT_S]
    trial.heard(3 * SILENT_S)
    assert told(trial, 5 * SILENT_S, begin=3 * SILENT_S) == [4 * SILENT_S]


@pytest.mark.parametrize(("share", "is_told"), [(0.5, False), (0.02, False), (0.001, True)])
def test_a_trial_that_computes_is_not_silent(processor: Processor, share: float, is_told: bool) -> None:
    trial = Signs(1, 0.0)
    found = []
    for look in range(1, 200):
        processor.used_s = share * LOOK_S * look
        found.append(trial.look(LOOK_S * look))
    assert any(found) == is_told


def test_the_processor_time_of_descendants_counts() -> None:
    before = processor_s(os.getpid())
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    wait_until(lambda: processor_s(os.getpid()) > before + 0.3, "the child to use the processor")
    busy.kill()
    busy.wait()
    assert processor_s(busy.pid) == 0.0
