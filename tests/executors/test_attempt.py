"""One attempt, with a test in place of its process and of the clock."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.core.retries import CRASH, ERROR, MEMORY, TIMEOUT
from jupyter_tune.executors.local import attempt as module
from jupyter_tune.executors.local.attempt import EXIT_S, TERMINATE_S, Attempt
from jupyter_tune.executors.local.signs import Signs
from jupyter_tune.trials.channel import TrialHalted
from jupyter_tune.trials.program import CHANNEL_LOST, TERMINATED
from jupyter_tune.wire.frames import Link

PID, GRACE_S = 4_000_000_000, 5.0


class Bench:
    """An attempt, its trial's end of the channel, and the signals that it was sent."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        ours, theirs = socket.socketpair()
        self.trial = Link(theirs)
        self.log, write_end = os.pipe()
        os.close(write_end)
        self.attempt = Attempt((7, 1), PID, Link(ours), folder, self.log, GRACE_S, Signs(PID, 0.0))
        self.signals: list[tuple[int, int]] = []
        self.oom_kills = 0
        monkeypatch.setattr(module, "send_signal", lambda pid, number: self.signals.append((pid, number)))
        monkeypatch.setattr(module, "kill_tree", lambda pid: self.signals.append((pid, signal.SIGKILL)))
        monkeypatch.setattr(module, "oom_kills", lambda: self.oom_kills)
        self.attempt._oom_kills = 0

    def outcome(self, status: int = 0) -> dict[str, Any]:
        """The outcome after the process has ended with `status`."""
        self.attempt.read_reports(0.0, to_the_end=True)
        self.attempt.exited(status, 0.0)
        return self.attempt.outcome()

    def signals_at(self, now: float) -> list[int]:
        """The signals that are sent at `now`."""
        self.signals.clear()
        self.attempt.enforce(now)
        assert {pid for pid, _ in self.signals} <= {PID}
        return [number for _, number in self.signals]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(tmp_path, monkeypatch)
    yield bench
    bench.trial.close()
    bench.attempt.close()


def ended(**outcome: Any) -> dict[str, Any]:
    return {"type": "ended", "imported": ["torch", 7], **outcome}


def test_the_outcome_is_what_the_trial_sent_first(bench: Bench) -> None:
    bench.trial.send(ended(state="complete", value=0.5))
    bench.trial.send(ended(state="failed"))
    assert bench.outcome() == {"state": "complete", "value": 0.5, "checkpoint": False}
    assert bench.attempt.imported == ["torch"]


def test_a_halt_decides_if_the_trial_sent_nothing_or_was_ended_by_its_signal(bench: Bench) -> None:
    bench.attempt.halt("pruned", "behind", 0.0)
    assert bench.trial.receive() == [{"type": "halt", "state": "pruned", "reason": "behind"}]
    bench.trial.send(ended(state="failed", reason=TERMINATED))
    assert bench.outcome(signal.SIGTERM) == {"state": "pruned", "reason": "behind", "checkpoint": False}


def test_an_end_that_was_sent_before_the_halt_stands(bench: Bench) -> None:
    bench.attempt.halt("cancelled", "told to", 0.0)
    bench.trial.send(ended(state="complete", value=1.0))
    assert bench.outcome()["state"] == "complete"


@pytest.mark.parametrize(
    ("status", "oom_kills", "reason", "cause"),
    [
        (CHANNEL_LOST << 8, 0, "channel lost", ERROR),
        (3 << 8, 0, "exited with code 3", ERROR),
        (signal.SIGSEGV, 0, "killed by SIGSEGV", CRASH),
        (signal.SIGKILL, 0, "killed by SIGKILL", CRASH),
        (signal.SIGKILL, 1, "memory", MEMORY),
        (signal.SIGSEGV, 1, "killed by SIGSEGV", CRASH),
    ],
)
def test_a_silent_end_is_a_failure_with_its_cause(
    bench: Bench, status: int, oom_kills: int, reason: str, cause: str
) -> None:
    bench.oom_kills = oom_kills
    outcome = bench.outcome(status)
    assert (outcome["state"], outcome["reason"], outcome["cause"]) == ("failed", reason, cause)


def test_a_trial_that_sigterm_ended_without_a_halt_has_crashed(bench: Bench) -> None:
    bench.trial.send(ended(state="failed", reason=TERMINATED))
    assert bench.outcome(signal.SIGTERM)["cause"] == CRASH


def test_a_trial_whose_time_is_over_is_halted_as_failed(bench: Bench) -> None:
    bench.attempt.limit(60.0, 100.0)
    assert bench.attempt.due == 160.0
    assert bench.signals_at(159.9) == []
    assert bench.signals_at(160.0) == []
    reason = "took longer than 60 s"
    assert bench.trial.receive() == [{"type": "halt", "state": "failed", "reason": reason}]
    assert bench.attempt.due == 160.0 + GRACE_S
    assert bench.signals_at(160.0 + GRACE_S) == [signal.SIGTERM]
    assert bench.signals_at(160.0 + GRACE_S + TERMINATE_S) == [signal.SIGKILL]
    expected = {"state": "failed", "reason": reason, "cause": TIMEOUT, "checkpoint": False}
    assert bench.outcome(signal.SIGKILL) == expected


def test_a_trial_that_stops_itself_when_its_time_is_over_has_timed_out_too(bench: Bench) -> None:
    bench.attempt.limit(60.0, 100.0)
    bench.attempt.enforce(160.0)
    [halt] = bench.trial.receive()
    bench.trial.send(ended(**TrialHalted(halt["state"], halt["reason"]).outcome()))
    assert bench.outcome()["cause"] == TIMEOUT


def test_a_trial_that_was_halted_before_keeps_that_outcome(bench: Bench) -> None:
    bench.attempt.limit(60.0, 100.0)
    bench.attempt.halt("pruned", "behind", 159.0)
    bench.attempt.enforce(160.0)
    assert bench.outcome(signal.SIGKILL) == {"state": "pruned", "reason": "behind", "checkpoint": False}


def test_a_halted_trial_has_its_grace_then_sigterm_then_sigkill_until_it_is_gone(bench: Bench) -> None:
    bench.attempt.halt("cancelled", "told to", 100.0)
    terminate_at, kill_at = 100.0 + GRACE_S, 100.0 + GRACE_S + TERMINATE_S
    assert bench.attempt.due == terminate_at
    assert bench.signals_at(terminate_at - 0.1) == []
    assert bench.signals_at(terminate_at) == [signal.SIGTERM]
    assert bench.attempt.due == kill_at
    assert bench.signals_at(kill_at) == [signal.SIGKILL]
    assert bench.signals_at(kill_at + TERMINATE_S) == [signal.SIGKILL]
    bench.attempt.exited(signal.SIGKILL, kill_at + TERMINATE_S)
    assert bench.signals_at(kill_at + 100.0) == []


def test_a_second_halt_can_only_shorten_the_grace(bench: Bench) -> None:
    bench.attempt.halt("pruned", "first", 100.0)
    bench.attempt.halt("lost", "second", 101.0)
    assert bench.attempt.due == 100.0 + GRACE_S
    bench.attempt.halt("lost", "third", 102.0, grace_s=0.0)
    assert bench.attempt.due == 102.0
    assert bench.outcome()["reason"] == "first"


def test_a_trial_that_has_sent_its_end_must_exit_within_the_grace(bench: Bench) -> None:
    bench.trial.send(ended(state="complete"))
    bench.attempt.read_reports(100.0)
    assert bench.attempt.due == 100.0 + GRACE_S


def test_a_trial_that_closes_its_channel_is_killed_soon(bench: Bench) -> None:
    bench.trial.close()
    bench.attempt.read_reports(100.0)
    assert bench.attempt.due == 100.0 + EXIT_S
    assert bench.signals_at(100.0 + EXIT_S) == [signal.SIGKILL]
    assert bench.outcome(signal.SIGKILL)["reason"] == "channel lost"


def test_frames_of_an_unknown_kind_are_ignored(bench: Bench) -> None:
    report = {"type": "reported", "step": 1, "metrics": {"a": 1}}
    for message in ({"type": "odd"}, {}, report):
        bench.trial.send(message)
    assert bench.attempt.read_reports(0.0) == [report]
