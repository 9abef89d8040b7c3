"""The widget as a page sees it: its state, its messages, and its answers while a cell runs."""

from __future__ import annotations

import json
import sys
import threading
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_tune.client.fold import Fold
from jupyter_tune.core.events import Record, StudyPaused
from jupyter_tune.core.study import Study
from jupyter_tune.errors import TuneError
from jupyter_tune.notebook.dashboard import Dashboard, in_subshell_context
from jupyter_tune.notebook.page_requests import Log
from jupyter_tune.views.charts import templates
from jupyter_tune.views.charts.template import fill
from jupyter_tune.views.saved.dashboard import DASHBOARD
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables
from jupyter_tune.wire import messages
from jupyter_tune.wire.requests import KEEP, Budget, Halt, Landscape, Request, Stop, Undo
from tests.processes import PATIENCE_S, wait_until
from tests.real_kernel import Kernel
from tests.views import studies

WIDGET = "application/vnd.jupyter.widget-view+json"

RECORDS = studies.records(*studies.story(60))

Message = tuple[dict[str, Any], list[bytes]]


pytestmark = pytest.mark.usefixtures("front_end")


class Page:
    """A dashboard of the first records, and what it sends."""

    def __init__(self, known: int):
        self.requests: list[Request] = []
        self.sent: list[Message] = []
        self.show(RECORDS[:known])

    def show(self, records: Sequence[Record], **more: Any) -> None:
        self.fold = Fold(Study.fold(records))
        self.dashboard = Dashboard(self.fold, self.requests.append, clock=lambda: 9000.0, **more)
        self.dashboard.send = lambda content, buffers=None: self.sent.append((content, buffers or []))

    def update(self, records: Sequence[Record], now: float) -> None:
        """These records happen, and an update is due."""
        self.fold.apply(records)
        self.dashboard.update(now)

    def request(self, message: object) -> None:
        self.dashboard._handle_custom_msg(message, [])

    def last(self) -> dict[str, Any]:
        return self.sent[-1][0]


def test_the_state_has_what_a_page_needs() -> None:
    state = Page(1).dashboard.get_state()
    assert state["_esm"] == "export default {}"
    assert state["templates"] == templates(studies.SPACE)
    assert [p["name"] for p in state["parameters"]] == ["lr", "width", "act", "seed"]
    assert state["tables"]["status"]["state"] == "starting"


def test_whoever_asks_later_gets_what_holds_then() -> None:
    page = Page(1)
    page.update(RECORDS[1:], 2000.0)
    tables = page.dashboard.get_state("tables")["tables"]
    assert tables == Tables(Study.fold(RECORDS)).snapshot(9000.0) | {"seq": 1}
    assert isinstance(tables["trials"]["value"], bytes)
    assert go.Figure(fill(page.dashboard.templates["history"], unpacked(tables)))


def test_an_update_is_one_delta_that_json_can_carry() -> None:
    page = Page(10)
    page.update(RECORDS[10:], 2000.0)
    (content, buffers), *rest = page.sent
    assert not rest
    assert (content["type"], content["base"], content["seq"]) == ("delta", 0, 1)
    assert content["trials"]["value"] == {"buffer": content["trials"]["value"]["buffer"]}
    assert len(buffers[content["points"]["step"]["buffer"]]) % 8 == 0
    assert json.dumps(content, allow_nan=False)


def test_records_that_are_known_are_passed_over() -> None:
    page = Page(len(RECORDS))
    page.update(RECORDS, 2000.0)
    assert page.sent == []


def test_a_landscape_a_log_and_a_notice_are_sent_as_they_are() -> None:
    page = Page(1)
    page.dashboard.show_landscape(studies.landscape())
    shown = page.last()["landscape"]
    axes = {key: shown.pop(key)["type"] for key in ("x_axis", "y_axis")}
    assert (shown, axes) == (json.loads(json.dumps(studies.landscape())), {"x_axis": "log", "y_axis": "log"})
    page.dashboard.answer_log(3, "epoch 1", "boom")
    assert page.last() == {"type": "log", "trial": 3, "text": "epoch 1", "error": "boom"}
    page.dashboard.notice("info", "saved")
    assert page.last() == {"type": "notice", "level": "info", "text": "saved"}
    page.dashboard.beat()
    assert page.last() == {"type": "alive"}
    page.dashboard.lose("gone")
    assert page.last()["status"]["reason"] == "gone"


def test_requests_are_handed_on() -> None:
    page = Page(1)
    requests = {
        Stop(): {"type": "stop"},
        Log(2): {"type": "log", "trial": 2},
        Halt(2, "pruned"): {"type": "halt", "trial": 2, "state": "pruned"},
        Landscape("lr", "width"): {"type": "landscape", "x": "lr", "y": "width"},
    }
    for message in requests.values():
        page.request(message)
    assert page.requests == list(requests)


def test_a_request_without_an_optional_field_has_its_default() -> None:
    page = Page(1)
    page.request({"type": "budget", "trials": 9})
    page.request({"type": "undo"})
    assert page.requests == [Budget(9, KEEP), Undo(None)]


def test_a_snapshot_is_answered_here() -> None:
    page = Page(len(RECORDS))
    page.request({"type": "snapshot"})
    content, buffers = page.sent[-1]
    assert (content["type"], content["seq"]) == ("snapshot", 0)
    assert len(buffers[content["trials"]["number"]["buffer"]]) == 60 * 8
    assert page.requests == []


@pytest.mark.parametrize("message", [{"type": "explode"}, {}, "stop", None])
def test_what_is_not_a_request_is_refused_on_the_page(message: object) -> None:
    page = Page(1)
    page.request(message)
    assert page.requests == []
    assert (page.last()["type"], page.last()["level"]) == ("notice", "error")


LACKS = "halt: the request lacks state; reload the page"


def test_a_request_that_says_too_little_is_refused_on_the_page() -> None:
    page = Page(1)
    page.request({"type": "halt", "trial": 2})
    assert page.last() == {"type": "notice", "level": "error", "text": LACKS}
    assert page.requests == []


def test_what_utf8_cannot_carry_is_shown_as_an_escape() -> None:
    evil = "caf\u00e9 \ud83d of a cut emoji"
    events = [*studies.whole(0, "failed", error=evil), *studies.whole(1, value=0.5)]
    records = studies.records(*events, name=evil)
    page = Page(1)
    page.show(records[:1], ways={"show": evil})
    page.update(records[1:], 1009.0)
    page.dashboard.notice("error", evil)
    page.dashboard.answer_log(0, evil, evil)
    page.request({"type": "snapshot"})
    page.request({"type": evil})
    data, _ = page.dashboard.bundle()
    for told in (*(content for content, _ in page.sent), page.dashboard.get_state(), data):
        text = json.dumps(told, ensure_ascii=False, default=repr)
        assert text.encode()
        assert "\ud83d" not in text
    assert [content["type"] for content, _ in page.sent] == ["delta", "notice", "log", "snapshot", "notice"]
    assert "caf\u00e9 \\ud83d of a cut emoji" in page.sent[1][0]["text"]


def test_an_output_has_words_for_everybody_and_the_widgets_id_for_our_own_front_end() -> None:
    page = Page(30)
    page.dashboard.show_picture({"text/html": "<p>0.94</p>", "text/plain": "0.94"})
    data, _ = page.dashboard.bundle()
    assert data.keys() == {DASHBOARD, WIDGET, "text/html", "text/plain"}
    assert data[DASHBOARD]["model"] == data[WIDGET]["model_id"] == page.dashboard.model_id
    assert data[DASHBOARD]["tables"]["status"]["counts"] == page.dashboard.status["counts"]
    assert json.dumps(data, allow_nan=False)
    # at the end the picture is for everybody, and readers that know widgets are not sent to one
    lasting = {DASHBOARD: {"version": 1}, "text/html": "<p>0.95</p>", "text/plain": "0.95", "image/png": "x"}
    page.dashboard.show_picture(lasting)
    data, _ = page.dashboard.bundle()
    assert data.keys() == lasting.keys()
    assert data[DASHBOARD]["model"] == page.dashboard.model_id


def test_in_colab_the_output_names_the_manager_of_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    output: Any = types.ModuleType("google.colab.output")
    enabled: list[bool] = []
    output.enable_custom_widget_manager = lambda: enabled.append(True)
    output._widgets = types.SimpleNamespace(_installed_url="https://cdn.test/manager.js")
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    data, metadata = Page(30).dashboard.bundle()
    assert enabled == [True]
    assert WIDGET in data
    assert metadata[WIDGET]["colab"]["custom_widget_manager"]["url"] == "https://cdn.test/manager.js"


def test_without_a_built_front_end_the_error_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "widget.js").unlink()
    with pytest.raises(TuneError, match=r"widget\.js is missing.*run `make`"):
        Dashboard(Fold(Study.fold(RECORDS[:1])), print)


def test_updates_and_questions_from_many_threads_do_not_mix() -> None:
    page = Page(1)
    asked: list[dict[str, Any]] = []

    def ask() -> None:
        told = 0
        while told < len(RECORDS) - 1:
            told = len(page.sent)
            asked.append(unpacked(page.dashboard.get_state("tables")["tables"]))

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for record in RECORDS[1:]:
        page.update([record], record.at)
    for asker in askers:
        asker.join(PATIENCE_S)
    assert [content["base"] for content, _ in page.sent] == list(range(len(RECORDS) - 1))
    assert asked
    for tables in asked:
        lengths = {len(cells) for cells in tables["trials"].values()}
        assert lengths == {sum(tables["status"]["counts"].values())}


def test_outside_a_kernel_the_context_is_left_alone() -> None:
    assert in_subshell_context(lambda: 3) == 3
    page = Page(1)
    page.update([Record(2, 1001.0, StudyPaused())], 1001.0)
    assert page.last()["status"]["state"] == "paused"


CELL = f"""
import sys, threading, time
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from jupyter_tune.client.fold import Fold
from jupyter_tune.core.study import Study
from jupyter_tune.notebook import dashboard
from tests.views import studies

for name in ("widget.js", "widget.css"):
    Path(name).write_text("")
dashboard.STATIC = Path()
records = studies.records(*studies.story(20))
heard = []
fold = Fold(Study.fold(records[:3]))
board = dashboard.Dashboard(fold, lambda request: heard.append((type(request).__name__, is_busy)))

def go_on():
    for record in records[3:]:
        fold.apply([record])
        board.update(record.at)
        time.sleep(0.02)

threading.Thread(target=go_on, daemon=True).start()
is_busy = False
print(board.comm.comm_id)
"""

# busy until the request is heard, or for a time in which it surely would have been
BUSY = """
is_busy, until = True, time.monotonic() + 60
Path("busy").touch()
while not heard and time.monotonic() < until:
    time.sleep(0.05)
is_busy = False
print(heard)
"""


def test_a_request_is_heard_while_a_cell_runs(kernel: Kernel) -> None:
    comm_id = kernel.run(CELL).text.strip()
    client = kernel.client
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    subshell = client.get_control_msg(timeout=PATIENCE_S)["content"]["subshell_id"]
    busy = kernel.send(BUSY)
    wait_until((kernel.folder / "busy").exists, "the cell to be busy")
    data = {"method": "custom", "content": {"type": "stop"}}
    request = client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    request["header"]["subshell_id"] = subshell
    client.shell_channel.send(request)
    assert kernel.gather(busy).text.strip() == "[('Stop', True)]"


def test_a_widget_manager_that_asks_for_the_state_can_tell_the_answer(kernel: Kernel) -> None:
    comm_id = kernel.run(CELL).text.strip()
    client = kernel.client
    data = {"method": "request_state"}
    request = client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    client.shell_channel.send(request)
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE_S)
        if message["msg_type"] == "comm_msg" and message["content"]["data"]["method"] == "update":
            break
    assert message["parent_header"]["msg_id"] == request["header"]["msg_id"]
    assert message["content"]["data"]["state"].keys() >= {"tables", "picture", "ways", "templates"}


def test_what_the_study_has_of_its_machine_is_sent_when_it_changes_and_to_late_pages() -> None:
    page = Page(len(RECORDS))
    waits = messages.machine("1 trial waits for a free core; study a\ud83d (process 7) holds 2", {})
    for _ in range(2):
        page.dashboard.show_machine(waits)
    assert [content["type"] for content, _ in page.sent] == ["machine"]
    assert page.last()["waits_for"] == "1 trial waits for a free core; study a\\ud83d (process 7) holds 2"
    page.request({"type": "snapshot"})
    assert [content["type"] for content, _ in page.sent] == ["machine", "snapshot", "machine"]
    page.dashboard.show_machine(messages.machine("", {}))
    page.request({"type": "snapshot"})
    assert [content["type"] for content, _ in page.sent[3:]] == ["machine", "snapshot"]
