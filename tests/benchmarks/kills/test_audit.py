"""The audit of killed studies finds what is falsified."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psutil
import pytest

from jupyter_tune.core.events import (
    Event,
    Record,
    StudyEnded,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from tests.benchmarks.kills import strikes, training
from tests.benchmarks.kills.audit import CHECKPOINT, LEFT, LOST_REPORT, STUCK, TWICE, audit, overlaps
from tests.benchmarks.kills.ledger import ACKED, BEGAN, LATE, SAVED, Line, running_again_s
from tests.benchmarks.kills.scene import Scene
from tests.benchmarks.kills.strikes import Striking
from tests.benchmarks.kills.victims import VICTIMS
from tests.real_kernel import Kernel

OPENED = StudyOpened("s", Space(x=Float(0.0, 1.0)), Settings("score", retries=0))
# a trial whose first attempt was killed after its second report, and whose second one went on from there
EVENTS: list[Event] = [
    OPENED,
    TrialSuggested(0, {"x": 0.5}, "random"),
    TrialStarted(0, 1, pid=11),
    TrialReported(0, 1, 1, {"score": 1.5}),
    TrialReported(0, 1, 2, {"score": 2.5}),
    TrialEnded(0, 1, "lost"),
    TrialStarted(0, 2, pid=12),
    TrialReported(0, 2, 3, {"score": 3.5}),
    TrialEnded(0, 2, "complete", value=3.5),
    StudyEnded("all trials done"),
]
LINES = [
    Line(BEGAN, 0, 11, 1.0, 0),
    Line(ACKED, 0, 11, 1.1, 1, 1.5),
    Line(SAVED, 0, 11, 1.2, 1),
    Line(ACKED, 0, 11, 1.3, 2, 2.5),
    Line(SAVED, 0, 11, 1.4, 2),
    Line(BEGAN, 0, 12, 2.0, 2),
    Line(ACKED, 0, 12, 2.5, 3, 3.5),
]


def found(events: list[Event], lines: list[Line] = LINES, trials: int = 1) -> list[str]:
    records = [Record(seq, float(seq), event) for seq, event in enumerate(events, Record.FIRST)]
    return [violation.kind for violation in audit(lines, records, trials)]


def without(at: int) -> list[Event]:
    return EVENTS[:at] + EVENTS[at + 1 :]


def test_nothing_is_wrong_with_a_study_that_went_on() -> None:
    assert found(EVENTS) == []


def test_a_lost_report_is_found_in_an_earlier_attempt_and_on_the_curve() -> None:
    assert found(without(3)) == [LOST_REPORT]
    assert found(without(7)) == [LOST_REPORT, LOST_REPORT]
    assert found([*EVENTS[:7], TrialReported(0, 2, 3, {"score": 3.0}), *EVENTS[8:]]) == [LOST_REPORT] * 2
    assert found(without(2)) == [LOST_REPORT, LOST_REPORT]
    assert found([]) == [STUCK]


def test_a_late_report_is_lost_only_if_a_later_one_was_acknowledged() -> None:
    late = [LINES[0], replace(LINES[1], kind=LATE), *LINES[2:]]
    assert found(without(3), late) == [LOST_REPORT]
    last = [*LINES[:6], replace(LINES[6], kind=LATE)]
    assert found(without(7), last) == []


def test_what_is_counted_twice_is_found() -> None:
    assert found([*EVENTS[:4], *EVENTS[3:]]) == [TWICE]
    assert found([*EVENTS[:7], *EVENTS[6:]]) == [TWICE]
    assert set(found([*EVENTS[:9], *EVENTS[8:]])) == {TWICE}
    assert found([*EVENTS[:9], TrialEnded(0, 3, "complete", value=3.5), EVENTS[9]]) == [TWICE]


def test_a_study_that_did_not_go_on_is_found() -> None:
    assert found(EVENTS[:-1]) == [STUCK]
    assert found([*EVENTS[:-1], StudyEnded("every trial failed")]) == [STUCK]
    assert found(EVENTS, trials=2) == [STUCK]
    crashed = TrialEnded(0, 2, "failed", reason="killed by SIGKILL", cause="crash")
    assert found([*EVENTS[:8], crashed, EVENTS[9]]) == []
    assert found([*EVENTS[:8], replace(crashed, cause="error"), EVENTS[9]]) == [STUCK]


def test_a_checkpoint_that_was_not_gone_on_from_is_found() -> None:
    assert found(EVENTS, [*LINES[:5], replace(LINES[5], step=1), LINES[6]]) == [CHECKPOINT]


def test_attempts_that_overlap_are_counted() -> None:
    assert overlaps(LINES) == 0
    assert overlaps([*LINES, LINES[3]]) == 1


def test_running_again_is_the_first_report_of_a_new_process() -> None:
    late = Line(ACKED, 0, 11, 1.6, 2, 2.5)
    assert running_again_s([*LINES[:5], late, *LINES[5:]], 1.5, 1.5, {0}) == 1.0
    assert running_again_s(LINES, 1.5, 2.25, set()) == 0.25
    assert running_again_s(LINES, 1.5, 1.5, {1}) is None


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of studies in this folder."""
    process = subprocess.Popen(["sleep", "600"], env={**os.environ, "JUPYTER_TUNE_DIR": str(tmp_path)})
    yield process
    process.kill()
    process.wait()


def test_a_process_that_is_left_is_found(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    scene = Scene(tmp_path, "s", cast(Kernel, SimpleNamespace(pid=os.getpid())), None)
    striking = Striking(scene, replace(VICTIMS["trial"], gone_s=0.2), random.Random(0), 1.0, 1)
    [left] = striking._left()
    assert (left.kind, left.text.split()[0]) == (LEFT, str(sleeper.pid))
    sleeper.kill()
    sleeper.wait()
    assert striking._left() == []


def test_a_killed_process_s_family_that_is_left_is_found(
    tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["sleep", "600"]) as victim:
        scene = Scene(tmp_path, "s", cast(Kernel, SimpleNamespace(pid=os.getpid())), None)
        monkeypatch.setattr(strikes, "family_of", lambda pid: [psutil.Process(sleeper.pid)])
        striking = Striking(
            scene,
            replace(VICTIMS["trial"], find=lambda scene: [victim.pid], gone_s=0.2),
            random.Random(0),
            1.0,
            1,
        )
        assert striking._strike(0.0) is not None
        assert striking._strike(0.0) is None, "it is dead, or as good as"
    monkeypatch.setattr(scene, "left", list)
    striking._left()
    assert [violation.kind for violation in striking.outcome.violations] == [LEFT]


def test_a_study_that_no_one_disturbs_passes(kernel: Kernel) -> None:
    scene = Scene(kernel.folder, "quiet", kernel, None)
    outcome = Striking(scene, VICTIMS["trial"], random.Random(0), 1.0, 1).run(0)
    assert outcome.violations == []
    assert outcome.acked + outcome.late == training.TRIALS * training.STEPS
