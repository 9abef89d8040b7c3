"""The same records give the same commands: every golden journal, decision by decision."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from jupyter_tune.core.events import SCHEMA, Event, StudyOpened
from jupyter_tune.journal import read_texts
from tests.golden.replay import FOLDER, commands_text, read_golden, text_of_record
from tests.golden.suggestions import close_to, suggested_again

GOLDEN = sorted(path.stem for path in FOLDER.glob("*.records"))
# its suggestions need a model, see test_model.py
WITHOUT_A_MODEL = [name for name in GOLDEN if name != "gp"]


@pytest.mark.parametrize("name", GOLDEN)
def test_the_same_records_give_the_same_commands(name):
    expected = (FOLDER / f"{name}.commands").read_text()
    assert commands_text(read_golden(name)).splitlines() == expected.splitlines()


@pytest.mark.parametrize("name", WITHOUT_A_MODEL)
def test_the_same_records_give_the_same_suggestions(name):
    again = list(suggested_again(read_golden(name)))
    assert len(again) > 10
    for one in again:
        recorded = one.recorded
        assert (one.source, one.enqueued) == (recorded.source, recorded.enqueued)
        assert one.params == close_to(recorded.params), f"trial {recorded.number}"


@pytest.mark.parametrize("name", GOLDEN)
def test_records_are_written_as_they_were_read(name):
    lines = (FOLDER / f"{name}.records").read_text().splitlines()
    for line, record in zip(lines, read_golden(name), strict=True):
        # later versions add fields, with the values that mean what their absence meant
        assert is_within(json.loads(line), json.loads(text_of_record(record)))


def is_within(old: Any, new: Any) -> bool:
    """Whether `new` is `old` with more fields."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and is_within(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(is_within, old, new))
    return bool(old == new)


def test_a_study_file_is_read_as_it_was_written(tmp_path):
    # a reader puts files beside it
    shutil.copy(FOLDER / "failing.tune.db", tmp_path)
    assert read_texts(tmp_path / "failing.tune.db") == (FOLDER / "failing.records").read_text().splitlines()


def test_the_golden_journals_hold_every_kind_of_event():
    kinds = {type(record.event) for name in GOLDEN for record in read_golden(name)}
    assert kinds == set(Event.__args__)
    schemas = [read_golden(name)[0].event for name in GOLDEN]
    assert all(isinstance(event, StudyOpened) and event.schema <= SCHEMA for event in schemas)
