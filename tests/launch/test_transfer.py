"""What earlier studies, whole or damaged, give a new one."""

from __future__ import annotations

import math
import os
import re
import traceback
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.core.events import (
    CodeChanged,
    Event,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.errors import JournalError, OptionError
from jupyter_tune.journal import Journal
from jupyter_tune.launch.option import TUNE
from jupyter_tune.launch.options import make_settings, read_options
from jupyter_tune.launch.plan import Plan, make_plan
from jupyter_tune.launch.transfer import of_other_code, priors_of, results_of

SPACE = Space(x=jt.Float(0, 1))
SETTINGS = Settings(metric="loss", direction="minimize")
TRIALS = 300


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study `whole`: trials whose x and loss is number / 100, every tenth NaN."""
    folder = tmp_path_factory.mktemp("studies")
    journal = Journal.create(folder / "whole.tune.db", StudyOpened("whole", SPACE, SETTINGS, origin={}), 0.0)
    events: list[Event] = []
    for number in range(TRIALS):
        x = number / TRIALS
        value = math.nan if number % 10 == 9 else x
        events += [TrialSuggested(number, {"x": x}, "random"), TrialStarted(number, 1)]
        events += [TrialEnded(number, 1, COMPLETE, value)]
    journal.append(events, 1.0)
    journal.close()
    return folder


def test_what_fits_is_used_and_what_is_left_out_is_counted(studies: Path) -> None:
    finite = TRIALS * 9 // 10
    found = results_of(["whole"], studies, SPACE, SETTINGS)
    assert len(found.results) == finite
    used = f"--warm-start: {finite} of {TRIALS} complete trials of whole are used"
    assert found.notices == [f"{used} (not 30 without a finite value)."]
    narrow = results_of(["whole"], studies, Space(x=jt.Float(0, 0.08)), SETTINGS)
    assert len(narrow.results) == 23
    assert (
        "23 of 300 complete trials of whole are used (not 247 outside these ranges, 30 w" in narrow.notices[0]
    )


@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_of_a_damaged_study_what_stands_before_the_damage_is_used_and_counted(
    studies: Path, tmp_path: Path, damage: str
) -> None:
    data = (studies / "whole.tune.db").read_bytes()
    half = len(data) // 2
    rest = b"" if damage == "cut" else os.urandom(2000) + data[half + 2000 :]
    (tmp_path / "hurt.tune.db").write_bytes(data[:half] + rest)
    found = results_of(["hurt"], tmp_path, SPACE, SETTINGS)
    assert 50 < len(found.results) < 200
    said, counted = found.notices
    assert re.match(r"--warm-start: hurt\.tune\.db is damaged after record \d+ \(", said)
    assert f"--warm-start: {len(found.results)} of " in counted
    # they are printed before the study starts, and once: a study that goes on has them already
    plan = plan_from("hurt", tmp_path)
    assert plan.notices == found.notices
    assert plan.added == found.results


def plan_from(name: str, folder: Path) -> Plan:
    options = read_options({"minimize": "loss", "warm_start": name, "dir": str(folder)}, TUNE)
    return make_plan(options, SPACE, make_settings(options, TUNE), {}, {})


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (lambda whole: b"", "is empty"),
        (lambda whole: whole[:3000], "is damaged from its first record on"),
        (lambda whole: bytes(len(whole)), "is not a study"),
        (lambda whole: b"x, loss\n1, 2\n" * 99, "is not a study"),
    ],
    ids=["empty", "cut", "zeros", "text"],
)
def test_a_file_of_which_nothing_can_be_read_is_refused_by_name(
    studies: Path, tmp_path: Path, data: object, complaint: str
) -> None:
    assert callable(data)
    path = tmp_path / "hurt.tune.db"
    path.write_bytes(data((studies / "whole.tune.db").read_bytes()))
    before = path.read_bytes()
    with pytest.raises(
        JournalError, match=rf"--warm-start: .*hurt\.tune\.db {complaint}.*: give another name"
    ):
        plan_from("hurt", tmp_path)
    assert path.read_bytes() == before


def test_a_study_that_measured_something_else_or_lies_elsewhere_is_refused(studies: Path) -> None:
    with pytest.raises(OptionError, match="whole measured 'loss', not 'accuracy'"):
        results_of(["whole"], studies, SPACE, Settings(metric="accuracy", direction="maximize"))
    with pytest.raises(OptionError, match="no complete trial of whole lies in these ranges; widen them"):
        results_of(["whole"], studies, Space(x=jt.Float(2, 3)), SETTINGS)


def test_a_file_that_may_not_be_read_is_refused_by_name(studies: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for place in (tmp_path, hidden):
        (place / "s.tune.db").write_bytes((studies / "whole.tune.db").read_bytes())
        (place / "s.tune.db").chmod(0)
    hidden.chmod(0)
    tmp_path.chmod(0o755)
    # root may read any file, so ask as another user
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setuid(65534)
            for folder in (".", "hidden"):
                with pytest.raises(JournalError, match=r"s\.tune\.db: .*the file.s permissions"):
                    results_of([f"{tmp_path}/{folder}/s.tune.db"], tmp_path, SPACE, SETTINGS)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    hidden.chmod(0o700)


def study_file(
    folder: Path,
    name: str,
    trials: list[tuple[Params, float]],
    *,
    space: Space = SPACE,
    settings: Settings = SETTINGS,
    facts: list[Event] | None = None,
    origin: dict[str, Any] | None = None,
    between: Event | None = None,
    after: int = 1,
) -> None:
    """The study `name` of complete trials, after `facts`; `between`: what comes after so many of them."""
    before, path = list(facts or []), folder / f"{name}.tune.db"
    opened = StudyOpened(name, space, settings, origin=origin or {})
    journal = Journal.create(path, opened, 0.0, facts=before)
    first = sum(isinstance(event, TrialAdded) for event in before)
    for number, (params, value) in enumerate(trials, first):
        if between is not None and number == after:
            journal.append([between], 1.0)
        events: list[Event] = [TrialSuggested(number, params, "random"), TrialStarted(number, 1)]
        journal.append([*events, TrialEnded(number, 1, COMPLETE, value)], 1.0)
    if between is not None and after == len(trials):
        journal.append([between], 1.0)
    journal.close()


def test_each_trial_says_where_it_ran_and_grandparents_count_once(tmp_path: Path) -> None:
    study_file(tmp_path, "a", [({"x": 0.1}, 1.0), ({"x": 0.2}, 2.0)])
    inherited: list[Event] = [
        TrialAdded(0, {"x": 0.1}, 1.0, {}, "a", 0),
        TrialAdded(1, {"x": 0.2}, 2.0, {}, "a", 1),
    ]
    study_file(tmp_path, "b", [({"x": 0.3}, 3.0), ({"x": 0.1}, 1.0)], facts=inherited)
    origins = [("a", 0), ("a", 1), ("b", 2), ("b", 3)]
    for names in (["a", "b"], ["b", "a"], ["b"]):
        found = results_of(names, tmp_path, SPACE, SETTINGS)
        # the same params and value from two studies are two measurements
        assert sorted((one.parent, one.number) for one in found.results) == origins
    both = results_of(["a", "b"], tmp_path, SPACE, SETTINGS)
    assert both.notices == ["--warm-start: 2 of 4 complete trials of b are used (not 2 counted already)."]


def test_a_result_of_unknown_origin_is_known_by_what_it_was(tmp_path: Path) -> None:
    study_file(tmp_path, "a", [({"x": 0.1}, 1.0), ({"x": 0.2}, 2.0)])
    study_file(tmp_path, "old", [({"x": 0.3}, 3.0)], facts=[TrialAdded(0, {"x": 0.1}, 1.0)])
    found = results_of(["a", "old"], tmp_path, SPACE, SETTINGS)
    assert [(one.parent, one.number) for one in found.results] == [("a", 0), ("a", 1), ("old", 1)]


def test_more_studies_than_five_are_taken(tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(7)]
    for n, name in enumerate(names):
        study_file(tmp_path, name, [({"x": n / 10}, float(n)), ({"x": n / 20}, 1.0), ({"x": n / 30}, 2.0)])
    assert len(results_of(names, tmp_path, SPACE, SETTINGS).results) == 21
    assert len(priors_of(names, tmp_path, SPACE, SETTINGS).results) == 21


THEN = {"kind": "cell", "statements": "1", "python": "3.11.4", "data": {"train": "1"}, "code": {"net": "1"}}


def changed_to(version: int, origin: dict[str, Any], *, edited: bool = False) -> Event:
    return CodeChanged(version, origin, ["the code"], edited=edited)


def test_the_code_that_ran_what_is_taken_is_compared_with_the_new_one(tmp_path: Path) -> None:
    study_file(tmp_path, "a", [({"x": 0.1}, 1.0)], origin=THEN)
    study_file(
        tmp_path, "b", [({"x": 0.2}, 1.0)], origin=THEN, facts=[TrialAdded(0, {"x": 0.1}, 1.0, {}, "a", 0)]
    )
    found = results_of(["a", "b"], tmp_path, SPACE, SETTINGS)
    assert found.origins == {"a": [THEN], "b": [THEN]}
    assert of_other_code(found.origins, {**THEN, "text": "lr: Float(0, 1)"}) == []
    (of_a, of_b) = of_other_code(found.origins, {**THEN, "data": {"train": "2"}, "code": {"net": "2"}})
    assert of_a.startswith(
        "--warm-start: a ran other code or data (changed: net, the data train). Its trials"
    )
    assert "start again with --transfer b: " in of_b


def test_only_versions_that_ran_what_is_taken_are_compared(tmp_path: Path) -> None:
    now = {**THEN, "data": {"train": "2"}}
    # trial 0 ran the first version and trial 1 the second one; of trial 0 nothing is taken in narrower ranges
    study_file(tmp_path, "a", [({"x": 0.1}, 1.0), ({"x": 0.9}, 1.0)], origin=THEN, between=changed_to(1, now))
    both = results_of(["a"], tmp_path, SPACE, SETTINGS)
    assert both.origins == {"a": [THEN, now]}
    assert len(of_other_code(both.origins, now)) == 1
    later = results_of(["a"], tmp_path, Space(x=jt.Float(0.5, 1)), SETTINGS)
    assert later.origins == {"a": [now]}
    assert of_other_code(later.origins, now) == []


def test_trials_of_code_that_was_edited_since_are_no_results_and_a_task_of_their_own(tmp_path: Path) -> None:
    few: list[tuple[Params, float]] = [({"x": n / 10}, float(n)) for n in range(8)]
    study_file(tmp_path, "a", few, between=changed_to(1, THEN, edited=True), after=4)
    found = results_of(["a"], tmp_path, SPACE, SETTINGS)
    assert [one.number for one in found.results] == [4, 5, 6, 7]
    assert found.notices == [
        "--warm-start: 4 of 8 complete trials of a are used (not 4 of code that was edited since)."
    ]
    guides = priors_of(["a"], tmp_path, SPACE, SETTINGS)
    assert [parent for _, _, parent in guides.results] == ["a, version 0 of its code"] * 4 + ["a"] * 4
    assert guides.notices == ["--transfer: 8 of 8 trials of a guide the search."]
    study_file(tmp_path, "b", few[:4], between=changed_to(1, THEN, edited=True), after=4)
    with pytest.raises(
        OptionError, match=r"b has no complete trial .* since its code was edited; give it to --tr"
    ):
        results_of(["b"], tmp_path, SPACE, SETTINGS)


OTHER = Space(x=jt.Float(1e-4, 10, log=True), act=jt.Categorical(["relu", "gelu"]), depth=jt.Int(1, 4))
SCORE = Settings(metric="score", direction="maximize")


def test_another_space_and_metric_guide_by_what_is_shared(tmp_path: Path) -> None:
    trials: list[tuple[Params, float]] = [
        ({"x": 0.5, "act": "relu", "depth": 2}, 0.9),
        ({"x": 1.5, "act": "gelu", "depth": 2}, 0.7),
        ({"x": 9.0, "act": "relu", "depth": 1}, 0.1),
        ({"x": 0.01, "act": "relu", "depth": 1}, 0.3),
    ]
    study_file(tmp_path, "wide", trials, space=OTHER, settings=SCORE)
    found = priors_of(["wide"], tmp_path, Space(x=jt.Float(0, 1), width=jt.Int(1, 9)), SETTINGS)
    # x=9 lies farther outside than the range is wide; what was better there is better here
    assert found.results == [
        ({"x": 0.5}, -0.9, "wide"),
        ({"x": 1.5}, -0.7, "wide"),
        ({"x": 0.01}, -0.3, "wide"),
    ]
    assert found.notices == [
        "--transfer: 3 of 4 trials of wide guide the search by x (maximize score there stands for minimize "
        "loss here); it knows nothing of width; act, depth are not here."
    ]


def test_a_task_that_can_say_nothing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    study_file(tmp_path, "few", [({"x": 0.1}, 1.0), ({"x": 0.2}, math.inf)])
    with pytest.raises(OptionError, match="of the trials of few 1 can be placed in these ranges, and 3 are"):
        priors_of(["few"], tmp_path, SPACE, SETTINGS)
    with pytest.raises(OptionError, match="few has none of the parameters y; it has x"):
        priors_of(["few"], tmp_path, Space(y=jt.Float(0, 1)), SETTINGS)
    with pytest.raises(JournalError, match=r"--transfer: .*none\.tune\.db does not exist"):
        priors_of(["none"], tmp_path, SPACE, SETTINGS)


def test_of_a_large_task_the_best_and_a_sample_of_the_others_are_used(studies: Path, tmp_path: Path) -> None:
    trials: list[tuple[Params, float]] = [({"x": n / 1000}, float(n)) for n in range(1000)]
    study_file(tmp_path, "large", trials)
    found = priors_of(["large"], tmp_path, SPACE, SETTINGS)
    values = [value for _, value, _ in found.results]
    assert values[:200] == [float(n) for n in range(200)]
    assert (len(values), values[-1]) == (400, 999.0)
    assert found.notices == ["--transfer: 400 of 1000 trials of large guide the search."]
