"""Whole studies on a real cluster, as users start them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import numpy
import pytest
from distributed import LocalCluster
from distributed.security import Security

import jupyter_tune as jt
from jupyter_tune.errors import OptionError
from tests.dask_clusters import local_cluster

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = {"lr": jt.Float(0.0, 1.0)}
DATA = numpy.arange(2_500_000, dtype=float)
"""20 MB."""


@pytest.fixture(scope="module")
def pair() -> Iterator[LocalCluster]:
    """Two workers with one thread each."""
    with local_cluster(2) as started:
        yield started


def learn(lr: float) -> float:
    for step in range(1, 4):
        jt.report(score=lr * step, step=step)
    return float(lr + DATA[-1])


def test_a_study_runs_on_all_workers_and_gets_the_notebook_s_data(pair):
    study = jt.tune(learn, SPACE, maximize="score", trials=8, sampler="random", on=pair, name="all")
    study.wait()
    snapshot = study.snapshot()
    assert [trial.state for trial in snapshot.trials.values()] == ["complete"] * 8
    assert snapshot.settings.workers == 2, "as many as the cluster has threads"
    assert {trial.slot for trial in snapshot.trials.values()} == {"0", "1"}
    assert study.best_value == study.best_params["lr"] + DATA[-1]


def test_a_client_and_an_address_are_the_same_cluster(pair):
    from distributed import Client

    with Client(pair, set_as_default=False) as client:
        study = jt.tune(learn, SPACE, maximize="score", trials=1, on=client, workers=1, name="client")
        study.wait()
        assert study.state == "ended"
    study = jt.tune(learn, SPACE, maximize="score", trials=1, on=pair.scheduler_address, name="address")
    study.wait()
    assert study.snapshot().trials[0].state == "complete"


def test_hopeless_trials_are_pruned_on_the_cluster(pair):
    def train(lr: float) -> None:
        for step in range(1, 28):
            jt.report(score=lr, step=step)

    study = jt.tune(
        train, SPACE, maximize="score", trials=12, max_steps=27, sampler="random", on=pair, name="pruned"
    )
    study.wait()
    states = [trial.state for trial in study.snapshot().trials.values()]
    assert set(states) == {"complete", "pruned"}


def endless(lr: float) -> None:
    print("it has begun")
    while True:
        jt.report(score=lr, pid=os.getpid())
        time.sleep(0.05)


def test_stop_ends_running_trials_at_once_and_their_logs_are_there(pair):
    study = jt.tune(endless, SPACE, maximize="score", sampler="random", on=pair, name="stopped")
    while len([t for t in study.snapshot().trials.values() if t.curve]) < 2:
        time.sleep(0.02)
    asked = time.monotonic()
    study.stop()
    study.wait()
    assert time.monotonic() - asked < 5
    assert {trial.state for trial in study.snapshot().trials.values()} == {"cancelled"}
    assert "it has begun" in study.log(0)


def test_a_cluster_with_tls_is_reached_by_its_object_alone_and_no_key_is_written(tmp_path):
    with local_cluster(1, security=Security.temporary(), protocol="tls://") as secure:
        study = jt.tune(learn, SPACE, maximize="score", trials=1, on=secure, name="secure")
        study.wait()
        assert study.snapshot().trials[0].state == "complete"
        written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert written
        assert not any(b"PRIVATE KEY" in each for each in written)
        with pytest.raises(OptionError, match="no Dask scheduler answers at tls://"):
            jt.tune(learn, SPACE, maximize="score", on=secure.scheduler_address, name="keyless")


def test_no_scheduler_is_an_error_before_anything_starts(tmp_path, monkeypatch):
    with pytest.raises(OptionError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9 .*; start"):
        jt.tune(learn, SPACE, maximize="score", on="tcp://127.0.0.1:9", name="nowhere")
    assert not (tmp_path / "nowhere.tune.db").exists()


def test_a_cluster_without_workers_is_said_and_waited_for():
    with local_cluster(0) as empty:
        study = jt.tune(learn, SPACE, maximize="score", trials=1, on=empty, name="empty")
        assert any("has no workers yet; trials wait for them" in text for _, text in study.notices)
        assert study.snapshot().settings.workers == 1
        empty.scale(1)
        study.wait()
        assert study.snapshot().trials[0].state == "complete"
