"""The attempts of a host, without a cluster around it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_tune.core.ports import Work
from jupyter_tune.executors.dask.assignments import Assignments
from jupyter_tune.payload import store
from jupyter_tune.payload.packing import pack_for_trials
from tests.trial_lab import cell


async def test_a_payload_outlives_its_driver_as_long_as_a_host_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "places", lambda: [tmp_path / "store"])
    packed = pack_for_trials(cell("report(accuracy=1)"))
    line: Any = SimpleNamespace(send=lambda *args, **fields: None)
    assignments = Assignments(line, tmp_path / "scratch", lambda coroutine: coroutine.close())
    work = Work(str(packed.path), str(tmp_path / "files"), "accuracy", {"cwd": str(tmp_path)})
    await assignments.open(
        {"work": dataclasses.asdict(work), "has_payload": True, "shares_files": True, "patience_s": 300.0}
    )
    packed.hold.release()  # as the driver's death does, and that of the kernel's own copy
    store.sweep_stores()
    assert packed.path.exists()
    await assignments.close()
    store.sweep_stores()
    assert not packed.path.exists()
