"""What trials of a study have kept, found again by `study.best_trial`."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import ArtifactError

pytestmark = pytest.mark.usefixtures("nothing_stays")


def train(x: float) -> float:
    if jt.trial.number == 1 and not (jt.trial.checkpoint_dir / "failed").exists():
        (jt.trial.checkpoint_dir / "failed").touch()
        jt.trial.save_artifact(_file("left-behind.txt", "of the first attempt"))
        raise ValueError("the first time it fails")
    print(f"x is {x}")
    if jt.trial.number < 2:
        jt.trial.save_artifact(_file("scores.json", f'{{"x": {x}}}'))
        jt.trial.save_artifact(_file("model.txt", "a model"))
    return (x - 0.5) ** 2 - jt.trial.number % 2  # trial 1 is the best


def _file(name: str, text: str) -> Path:
    path = jt.trial.checkpoint_dir / name
    path.write_text(text)
    return path


def test_the_best_trial_has_the_artifacts_of_its_last_attempt_its_log_and_loads_them():
    options: dict[str, Any] = {"sampler": "random", "trials": 3, "retries": 1, "workers": 1}
    study = jt.tune(train, {"x": jt.Float(0, 1)}, minimize="loss", name="kept", **options)
    study.wait()
    assert [trial.state for trial in study.trials] == ["complete"] * 3
    best = study.best_trial
    assert (best.number, best.attempt) == (1, 2)
    assert list(best.artifacts) == ["model.txt", "scores.json"]
    assert best.load("scores.json") == {"x": best.params["x"]}
    assert re.fullmatch(rf"<Trial 1: complete, loss [−\d.]+; x={best.params['x']!r}>", repr(best)), repr(best)
    assert best.load("model.txt", loader=lambda path: path.stat().st_size) == len("a model")
    assert best.log == f"x is {best.params['x']}\n"
    assert (best.checkpoint_dir / "failed").exists()

    again = jt.load_study("kept").best_trial
    assert again == best
    assert copy.copy(again).artifacts == pickle.loads(pickle.dumps(again)).artifacts == best.artifacts
    assert "study" not in repr(best)

    # what is not there is said with what is
    with pytest.raises(ArtifactError, match=r"trial 1 has 2 artifacts; name one of model\.txt, scores\.json"):
        best.load()
    with pytest.raises(ArtifactError, match=r"no artifact 'model\.pt'; it has model\.txt, scores\.json"):
        best.load("model.pt")
    with pytest.raises(ArtifactError, match=r"trial 2 has no artifacts; trial\.save_artifact\(path\)"):
        study.trials[2].load()
