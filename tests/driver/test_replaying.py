"""Every decision of a journal is made again; the first that differs is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_tune.core.events import Event, Record, StudyEnded, TrialEnded, TrialReported, TrialSuggested
from jupyter_tune.driver.replaying import replay_of
from tests.golden.record import journal_file
from tests.golden.replay import read_golden

GOLDEN = ["asha", "hyperband", "steered", "restarted", "reattached", "failing", "edited", "rounds"]


def replayed(records: list[Record], folder: Path) -> dict[str, object]:
    folder.mkdir(exist_ok=True)
    path = folder / "s.tune.db"
    journal_file(records, path)
    return replay_of(path)


def changed(records: list[Record], place: int, event: Event) -> list[Record]:
    return [*records[:place], replace(records[place], event=event), *records[place + 1 :]]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_journal_has_no_decision_that_differs(name: str, tmp_path: Path) -> None:
    records = read_golden(name)
    found = replayed(records, tmp_path)
    assert found["first"] is None
    assert found["unsure"] == 0
    counts = found["counts"]
    assert isinstance(counts, dict)
    suggested = sum(isinstance(record.event, TrialSuggested) for record in records)
    assert counts["suggestions"] == suggested
    assert counts["prunes"] == sum(
        isinstance(r.event, TrialEnded) and r.event.state == "pruned" and "by the user" not in r.event.reason
        for r in records
    )
    assert counts["ends"] == sum(isinstance(record.event, StudyEnded) for record in records)


def test_other_params_are_found_with_both_sides(tmp_path: Path) -> None:
    records = read_golden("edited")
    place = [i for i, r in enumerate(records) if isinstance(r.event, TrialSuggested)][5]
    event = records[place].event
    assert isinstance(event, TrialSuggested)
    other = replace(event, params={**event.params, "lr": 0.5})
    found = replayed(changed(records, place, other), tmp_path)
    first = found["first"]
    assert isinstance(first, dict)
    assert (first["seq"], first["what"]) == (place + 1, f"the suggestion of trial {event.number}")
    assert "'lr': 0.5" in first["then"]
    assert str(event.params["lr"]) in first["again"]
    # what it knew is not recorded in older journals
    older = replayed(changed(records, place, replace(other, known=None)), tmp_path / "older")
    assert (older["differences"], older["unsure"]) == (found["differences"] - 1, 1)  # type: ignore[operator]


def test_another_reading_changes_what_the_pruner_decides(tmp_path: Path) -> None:
    records = read_golden("asha")
    pruned = next(r.event for r in records if isinstance(r.event, TrialEnded) and r.event.state == "pruned")
    assert isinstance(pruned, TrialEnded)
    place = next(
        i
        for i, r in enumerate(records)
        if isinstance(r.event, TrialReported) and r.event.number == pruned.number
    )
    event = records[place].event
    assert isinstance(event, TrialReported)
    found = replayed(changed(records, place, replace(event, metrics={"accuracy": 0.99})), tmp_path)
    first = found["first"]
    assert isinstance(first, dict)
    assert first["what"] == f"the end of trial {pruned.number}"
    assert (first["then"], first["again"]) == (pruned.reason, "it goes on")


def test_another_end_is_found(tmp_path: Path) -> None:
    records = read_golden("asha")
    found = replayed(changed(records, len(records) - 1, StudyEnded("target 3 reached")), tmp_path)
    first = found["first"]
    assert isinstance(first, dict)
    assert (first["what"], first["again"]) == ("the end of the study", "all trials done")


def test_a_trial_that_went_on_after_its_prune_is_found(tmp_path: Path) -> None:
    records = read_golden("asha")
    place = next(
        i for i, r in enumerate(records) if isinstance(r.event, TrialEnded) and r.event.state == "pruned"
    )
    event = records[place].event
    assert isinstance(event, TrialEnded)
    late: list[Event] = [
        TrialReported(event.number, event.attempt, step, {"accuracy": 0.0}) for step in range(20, 25)
    ]
    events = [record.event for record in records]
    longer = [*events[:place], *late, *events[place:]]
    at = records[place].at
    times = [record.at for record in records]
    ats = [*times[:place], *([at] * len(late)), *times[place:]]
    again = [Record(seq, at, one) for seq, (at, one) in enumerate(zip(ats, longer, strict=True), 1)]
    found = replayed(again, tmp_path)
    first = found["first"]
    assert isinstance(first, dict)
    assert (first["what"], first["then"]) == (f"trial {event.number}", "it went on")
