"""Views of a study that runs: what a page requests reaches the study, and all views show one truth."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest
from IPython.display import DisplayHandle

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.notebook import following, landscapes, live
from jupyter_tune.notebook.dashboard import Dashboard
from jupyter_tune.notebook.live import LiveView
from jupyter_tune.views.saved.dashboard import DASHBOARD
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.wire.requests import Landscape, Request
from tests import endless
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays", "front_end")


class Output(DisplayHandle):
    """A cell's output: what it shows at the moment."""

    def __init__(self, shown: Any):
        super().__init__()
        self.shown = shown

    def update(self, obj: Any, **kwargs: Any) -> None:
        self.shown = obj


@pytest.fixture(autouse=True)
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "display", lambda obj, **kwargs: Output(obj))


@pytest.fixture
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views ask for no landscape by themselves: the driver would import torch for it, which takes seconds."""
    monkeypatch.setattr(landscapes.Landscapes, "keep_up", lambda self, **_: None)


@pytest.fixture
def without_drawing(monkeypatch: pytest.MonkeyPatch, without_a_model: None) -> None:
    """Nor is a lasting picture drawn: a process of its own imports for it what draws."""
    monkeypatch.setattr(live, "lasting_picture", lambda *_: {"text/plain": "drawn"})


class Page:
    """A view, the requests that its page sends, and what it is told besides the tables."""

    def __init__(self, handle: StudyHandle):
        self.view = LiveView(handle)
        board = self.view._dashboard
        assert board is not None
        self.board: Dashboard = board
        self.said: list[dict[str, Any]] = []
        self.beats = 0
        self.board.send = self._hear

    def _hear(self, content: dict[str, Any], buffers: object = None) -> None:
        if content["type"] == "alive":
            self.beats += 1
        elif content["type"] != "delta":
            self.said.append(content)

    def request(self, do: str, **fields: Any) -> None:
        self.board._handle_custom_msg({"type": do, **fields}, [])

    @property
    def output(self) -> dict[str, Any]:
        """What the first cell that shows it holds."""
        shown = self.view._displays[0]
        assert isinstance(shown, Output)
        data: dict[str, Any] = shown.shown
        return data

    @property
    def tables(self) -> dict[str, Any]:
        return unpacked(self.board.snapshot())

    @property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.tables["status"]
        return status

    def truth(self) -> dict[str, Any]:
        """What does not depend on the moment of asking."""
        tables = self.tables
        kept = ("state", "ranges", "queue", "budget", "workers", "counts")
        status = {key: value for key, value in tables["status"].items() if key in kept}
        return {"status": status, "trials": tables["trials"], "events": tables["events"]}

    @property
    def snapshots(self) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == "snapshot"]

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == "notice"]


a_study = partial(endless.a_study, names="xyz", trials=20)


@pytest.mark.usefixtures("without_drawing")
def test_every_request_of_a_page_reaches_the_study() -> None:
    study = a_study("requests")
    page = Page(study)
    page.request("pause")
    page.request("narrow", ranges={"x": [0.1, 0.2]})
    page.request("enqueue", params={"x": 0.75})
    page.request("halt", trial=0, state="pruned")
    page.request("halt", trial=1, state="cancelled")
    page.request("budget", trials=None, workers=3)
    wait_until(
        lambda: page.status["counts"]["pruned"] == page.status["counts"]["cancelled"] == 1, "the halts"
    )
    wait_until(lambda: len(page.tables["events"]["seq"]) == 6, "all that was done")
    assert page.status["ranges"]["x"] == [0.1, 0.2]
    assert [entry["params"] for entry in page.status["queue"]] == [{"x": 0.75}]
    assert page.status["workers"] == 3
    pause = page.tables["events"]["seq"][0]
    page.request("undo", seq=int(pause))
    wait_until(lambda: {t.number for t in study.trials if t.state == "running"} == {2, 3, 4}, "three slots")
    assert study.trials[2].params["x"] == 0.75
    assert page.notices == []
    page.request("stop")
    study.wait()


@pytest.mark.usefixtures("without_drawing")
def test_a_refusal_is_said_on_the_page_that_asked() -> None:
    study = a_study("refusals")
    asking, looking = Page(study), Page(study)
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("enqueue", {"params": {"x": 7.0}}, "outside"),
        ("halt", {"trial": 99, "state": "pruned"}, "there is no trial 99"),
        ("budget", {"trials": 1, "workers": 2}, "less than the 2 that are spent"),
        ("undo", {"seq": 1}, "is not a change that can be undone"),
        ("landscape", {"x": "x", "y": "y", "at": {"z": 7.0}}, "z"),
    ]
    for do, fields, text in refused:
        asking.said.clear()
        asking.request(do, **fields)
        wait_until(lambda: bool(asking.notices), f"an answer to {do}")
        assert asking.notices[0]["level"] == "error"
        assert text in asking.notices[0]["text"]
    assert looking.notices == []
    study.stop()
    study.wait()


def test_who_drags_a_slider_is_shown_where_it_stops_without_a_queue_of_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(landscapes, "LANDSCAPE_S", 1e9)  # only what is asked for
    study = a_study("slider")
    page = Page(study)
    wait_until(lambda: page.tables["landscape"] is not None, "the first picture")
    asked: list[Request] = []
    real_send = study.send

    def send(request: Request) -> Future[Any]:
        asked.append(request)
        return real_send(request)

    monkeypatch.setattr(study, "send", send)
    for step in range(100):
        page.request("landscape", x="x", y="y", at={"z": step / 100})
    wait_until(lambda: page.tables["landscape"]["at"] == {"z": 0.99}, "where the slider stopped")
    assert len(asked) < 50
    assert asked[-1] == Landscape("x", "y", {"z": 0.99})
    page.request("stop")
    study.wait()


@pytest.mark.usefixtures("without_a_model")
def test_two_views_of_one_handle_and_a_view_of_another_stay_in_step() -> None:
    study = a_study("views")
    other = jt.load_study("views")
    first, second, third = pages = [Page(study), Page(study), Page(other)]
    first.request("pause")
    second.request("enqueue", params={"x": 0.75})
    third.request("narrow", ranges={"y": [0.1, 0.2]})
    second.request("halt", trial=0, state="cancelled")
    third.request("halt", trial=1, state="cancelled")
    # nothing runs any more: what the views know stands still
    wait_until(lambda: all(page.status["counts"]["cancelled"] == 2 for page in pages), "the halts, on each")
    wait_until(lambda: all(len(page.tables["events"]["seq"]) == 5 for page in pages), "all acts, on each")
    assert first.truth() == second.truth() == third.truth()
    # the connections are two: which request came first is open
    events = third.tables["events"]
    first.request("undo", seq=int(events["seq"][list(events["kind"]).index("narrow")]))
    wait_until(lambda: all(len(page.tables["events"]["seq"]) == 6 for page in pages), "the undo, on each")
    assert first.truth() == second.truth() == third.truth()
    assert second.status["ranges"]["y"] == [0.0, 1.0]
    third.request("stop")
    study.wait()
    wait_until(lambda: other.state == "ended", "the other handle to hear of it")
    for page in pages:
        page.view.join()
        assert page.output.keys() == {DASHBOARD, "text/html", "image/png", "text/plain"}, page.said
        assert page.output[DASHBOARD]["model"] == page.board.model_id
    other.close()


WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.usefixtures("without_drawing")
def test_the_output_names_the_study_and_the_way_back_to_it_from_the_first_moment() -> None:
    study = a_study("first moment")
    output = Page(study).output
    assert output.keys() == {DASHBOARD, WIDGET, "text/html", "text/plain"}
    for words in (output["text/html"], output["text/plain"]):
        assert "first moment" in words
        assert "running" in words
        assert "%load_ext jupyter_tune, then %tune show" in words
        assert "resume=True" in words
    assert output[DASHBOARD]["ways"]["show"] == f"%tune show '{study.path}'"
    study.stop()
    study.wait()


@pytest.mark.usefixtures("without_a_model")
def test_the_picture_follows_the_study_and_is_drawn_anew_when_its_state_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "PASSING_S", 1e9)  # only for a change of state
    study = a_study("follows")
    page = Page(study)
    assert "running" in page.board.picture["text/plain"]
    page.request("pause")
    wait_until(lambda: "paused" in page.board.picture["text/plain"], "the pause in the picture")
    page.request("stop")
    page.view.join()
    assert "stopped by the user" in page.board.picture["text/plain"]
    assert DASHBOARD in page.board.picture


@pytest.mark.usefixtures("without_drawing")
def test_an_interrupted_study_says_so_in_its_output_and_the_dashboard_stays_open() -> None:
    study = a_study("interrupted")
    page = Page(study)
    study.close()
    page.view.join()
    assert page.status["state"] == "interrupted"
    assert "interrupted" in page.output["text/html"]
    assert page.output[WIDGET]["model_id"] == page.board.model_id
    assert page.board.comm is not None


@pytest.mark.usefixtures("without_a_model")
def test_a_study_has_one_dashboard_in_however_many_cells_it_is_shown() -> None:
    study = a_study("cells")
    page = Page(study)
    live.show(study)
    study.stop()
    page.view.join()
    live.show(study)
    models = {shown.shown[DASHBOARD]["model"] for shown in page.view._displays}  # type: ignore[attr-defined]
    assert len(page.view._displays) == 3
    assert models == {page.board.model_id}


@pytest.mark.usefixtures("without_a_model")
def test_a_study_that_is_over_before_it_is_shown_comes_with_its_lasting_picture() -> None:
    study = a_study("over")
    study.stop()
    study.wait()
    assert Page(study).output.keys() == {DASHBOARD, "text/html", "image/png", "text/plain"}


def test_the_model_of_a_study_that_is_over_is_on_the_page_too() -> None:
    study = jt.tune(
        lambda x, y: x + y,
        jt.Space(x=jt.Float(0.0, 1.0), y=jt.Float(0.0, 1.0)),
        name="quick",
        maximize="sum",
        trials=6,
        sampler="random",
        pruner="none",
    )
    page = Page(study)
    study.wait()
    opened = jt.load_study("quick")
    for seen in (page, Page(opened)):
        wait_until(lambda seen=seen: _trials_of_the_model(seen) == 6, "a model of all trials")  # type: ignore[misc]
        assert seen.notices == []
    opened.close()


def _trials_of_the_model(page: Page) -> int:
    landscape = page.tables["landscape"]
    return 0 if landscape is None else len(landscape["trials"]["number"])


@pytest.mark.usefixtures("without_drawing")
def test_what_goes_wrong_in_one_turn_is_said_once_and_the_next_turn_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = a_study("stumbles")
    page = Page(study)
    tables = page.board._tables
    real, failed = tables.delta, list[float]()

    def delta(now: float) -> Any:
        if len(failed) < 2:
            failed.append(now)
            raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
        return real(now)

    monkeypatch.setattr(tables, "delta", delta)
    page.request("pause")
    wait_until(lambda: "paused" in [sent["status"]["state"] for sent in page.snapshots], "everything, anew")
    said = [message["text"] for message in page.said if message["type"] == "notice"]
    assert len(said) == 1
    assert "surrogates not allowed" in said[0]
    study.stop()
    page.view.join()


@pytest.mark.usefixtures("without_drawing")
def test_a_page_hears_from_its_view_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "ALIVE_S", 0.01)
    study = a_study("quiet")
    page = Page(study)
    page.request("pause")
    study.cancel(0)
    study.cancel(1)
    wait_until(lambda: not study.snapshot().live, "the trials to end")
    before = page.beats
    wait_until(lambda: page.beats > before + 2, "signs of life")
    study.stop()
    page.view.join()
