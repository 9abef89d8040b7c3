"""`study.dashboard()`: a widget that follows its study, for hosts and layouts that show widgets."""

from __future__ import annotations

import threading

import pytest

from jupyter_tune.notebook import widgets
from jupyter_tune.notebook.dashboard import Dashboard
from tests.endless import a_study
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays", "front_end")


def followers() -> int:
    return sum(thread.name == "jupyter_tune view" for thread in threading.enumerate())


def test_it_follows_until_it_is_closed() -> None:
    study = a_study("widget")
    before = followers()
    board = study.dashboard()
    assert isinstance(board, Dashboard)
    first = board.seq
    wait_until(lambda: board.seq > first, "it to follow")
    board._handle_custom_msg({"type": "pause"}, [])
    wait_until(lambda: study.state == "paused", "its request to reach the study")
    assert followers() == before + 1
    board.close()
    wait_until(lambda: followers() == before, "its thread to end")
    study.stop()


def test_nothing_is_sent_to_a_page_that_has_closed_it() -> None:
    study = a_study("closed")
    before = followers()
    board = study.dashboard()
    sent: list[str] = []
    board.comm.publish_msg = lambda kind, **_: sent.append(kind)
    board.notice("info", "said")
    assert sent
    # as marimo does, which leaves the widget as it is
    board.comm._closed = True
    wait_until(lambda: followers() == before, "its thread to end")
    sent.clear()
    board.answer_log(0, "an answer that comes later")
    assert not sent
    study.stop()


def test_a_host_that_closes_widgets_gets_one_for_each_cell_and_a_kernel_one_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = a_study("widgets")
    boards = [study.dashboard(), study._display_()]
    assert boards[0] is not boards[1]
    monkeypatch.setattr(widgets, "get_ipython", lambda: object())
    boards.append(study.dashboard())
    assert study.dashboard() is boards[-1]
    boards[-1].close()
    boards.append(study.dashboard())
    assert not boards[-1].is_closed
    for board in boards:
        board.close()
    study.stop()
