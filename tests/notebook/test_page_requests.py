"""What a page writes on a study: tags and notes, through the methods that users call."""

from __future__ import annotations

from typing import Any, cast

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.notebook.page_requests import FROM_PAGES, PageRequests
from jupyter_tune.wire.requests import from_message
from tests.endless import a_study
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")


class Page:
    def __init__(self, study: StudyHandle):
        self.notices: list[str] = []
        self._requests = PageRequests(study, self, cast(Any, None), lambda name: None)

    def notice(self, level: str, text: str) -> None:
        self.notices.append(text)

    def answer_log(self, trial: int, text: str, error: str = "") -> None:
        raise AssertionError("no log was asked for")

    def asks(self, request: str, **fields: Any) -> None:
        self._requests.pass_on(from_message({"type": request, **fields}, FROM_PAGES))


@pytest.mark.parametrize("ended", [False, True])
def test_a_page_writes_tags_and_notes_on_a_study_and_its_trials(ended: bool) -> None:
    study = a_study("written")
    wait_until(lambda: bool(study.trials), "a trial")
    if ended:
        study.stop()
        study.wait()
    page = Page(study)
    page.asks("tag", of=None, tag=" data = digits ")
    page.asks("tag", of=0, tag="good")
    wait_until(lambda: study.tags == {"data": "digits"}, "the study's tag")
    wait_until(lambda: study.trials[0].user_attrs == {"good": True}, "the trial's tag")
    page.asks("note", of=0, text="look at this one")
    wait_until(lambda: study.notes == {0: "look at this one"}, "the note")
    page.asks("untag", of=None, name="data")
    page.asks("note", of=0, text=" ")
    wait_until(lambda: (study.tags, study.notes) == ({}, {}), "both to be taken away")
    assert page.notices == []
    page.asks("tag", of=None, tag="=3")
    page.asks("note", of=999_999, text="who?")
    wait_until(lambda: len(page.notices) == 2, "the refusals")
    assert any("is no name of a tag" in text for text in page.notices)
    assert any("there is no trial 999999" in text for text in page.notices)
    if not ended:
        study.stop()
        study.wait()


def test_a_study_that_runs_is_not_resumed_as_edited() -> None:
    study = a_study("runs")
    with pytest.raises(jt.TuneError, match="stop it first, then resume as edited"):
        study.resume(edited=True)
    with pytest.raises(jt.TuneError, match="leave trials away"):
        study.resume(5, edited=True)
    study.stop()
    study.wait()
