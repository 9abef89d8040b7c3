"""Requests of a page to a real driver, in which the kernel of the study takes no part."""

from __future__ import annotations

from urllib.parse import quote

import jupyter_tune as jt
from tests.processes import wait_until

URL = f"jupyter-tune/api/studies/{quote('studies/asked.tune.db')}"


def endless(x: float) -> None:
    import time

    for step in range(1, 10**6):
        jt.report(score=x, step=step)
        time.sleep(0.05)


def test_a_page_steers_and_stops_a_study(server, bare_notebook):
    folder = server.root / "studies"
    study = jt.tune(
        endless,
        jt.Space(x=jt.Float(0.0, 1.0)),
        maximize="score",
        workers=1,
        trials=5,
        sampler="random",
        name="asked",
        dir=str(folder),
    )

    def row():
        return server.studies()["studies/asked.tune.db"]

    def ask(**message):
        return server.ask("POST", f"{URL}/requests", message)

    wait_until(lambda: row()["leader"] is not None, "the first report to be listed")
    assert (row()["state"], row()["running"], row()["kind"]) == ("running", 1, "function")
    assert ask(type="pause").status == 200
    wait_until(lambda: row()["state"] == "paused", "the pause to be listed")
    assert ask(type="resume").status == 200
    wait_until(lambda: row()["state"] == "running", "its end to be listed")
    assert ask(type="narrow", ranges={"x": [0.25, 0.5]}).status == 200
    wait_until(lambda: study.snapshot().ranges.ranges() == {"x": [0.25, 0.5]}, "the handle to hear of it")
    refused = ask(type="narrow", ranges={"x": [5.0, 9.0]})
    assert refused.status == 409
    assert refused.content["message"].startswith("x: ")
    assert ask(type="stop").status == 200
    study.wait()
    ended = row()
    assert (ended["state"], ended["reason"]) == ("ended", "stopped by the user")
    again = ask(type="stop")
    assert again.status == 409
    assert "is not running" in again.content["message"]
    study.close()
