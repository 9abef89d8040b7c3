"""From a request to open a study to its journal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.driver.opening import opened
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal
from jupyter_tune.wire.requests import Open


def request_for(path: Path, *, resume: bool) -> Open:
    return Open(
        name="s",
        path=str(path),
        space=Space(x=Float(0.0, 1.0)).to_json(),
        settings=asdict(Settings("score", trials=3, sampler="random", pruner="none")),
        payload="",
        options={},
        origin={},
        resume=resume,
        overwrite=False,
        detach=False,
        added=[],
        enqueue=None,
        retry=[],
        on=None,
    )


def test_a_study_that_could_not_be_taken_over_can_be_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.tune.db"
    opened(request_for(path, resume=False), "").journal.close()

    def no_room(*_: object, **__: object) -> None:
        raise JournalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(Journal, "append", no_room)
        with pytest.raises(JournalError, match="full") as refusal:
            opened(request_for(path, resume=True), "")
    # the refusal lives until a client has read it, and its traceback has the journal
    again = opened(request_for(path, resume=True), "")
    again.journal.close()
    assert "full" in str(refusal.value)
    assert again.study.trials == {}
