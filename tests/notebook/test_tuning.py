"""%%tune in a real kernel: a study from its start to its end, and what a user does meanwhile."""

from __future__ import annotations

import re

import pytest

from jupyter_tune.core.events import RangesNarrowed, TrialSuggested
from jupyter_tune.journal import read_records
from tests.notebook.toy import recorded, study_path, toy
from tests.processes import PATIENCE_S, wait_until
from tests.real_kernel import Kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    return shared_kernel


def test_the_cell_returns_at_once_and_the_kernel_is_free_while_trials_run(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.05))
    assert kernel.ask("study.state") in ("'starting'", "'running'")
    kernel.wait_for("any(t.curve for t in study.trials)")
    assert kernel.ask("1 + 1") == "2"
    assert kernel.ask("study.state") == "'running'"
    kernel.run("study.stop()")
    kernel.wait_for("study.is_over")
    assert kernel.ask("study.reason") == "'stopped by the user'"


def test_a_study_runs_to_its_end_and_tells_what_it_found(kernel: Kernel) -> None:
    kernel.run(toy(trials=6))
    kernel.run("await study")
    assert kernel.ask("len(study.trials), study.state") == "(6, 'ended')"
    assert kernel.ask("sorted(study.best_params)") == "['kind', 'x']"
    assert kernel.ask("study.best_value > 0.5") == "True"
    columns = kernel.ask("list(study.trials_dataframe().columns)")
    assert "params_x" in columns
    assert "datetime_start" in columns
    assert kernel.ask("type(study.plot_optimization_history()).__name__") == "'Figure'"
    assert recorded(kernel).end_reason == "all trials done"


def test_headless_the_magic_waits_by_itself(kernel: Kernel) -> None:
    outcome = kernel.run(toy(trials=4), headless=True)
    assert kernel.ask("study.state") == "'ended'"
    kinds = {kind for display in outcome.displays for kind in display}
    assert {"text/html", "image/png", "text/plain"} <= kinds


def test_in_voila_the_cell_does_not_wait_and_shows_the_widget_alone(kernel: Kernel) -> None:
    kernel.run("import os; os.environ['VOILA_BASE_URL'] = '/'")
    try:
        outcome = kernel.run(toy(), headless=True)
        assert kernel.ask("study.is_over") == "False"
        again = kernel.run(toy(), headless=True)
        assert "exists already" not in again.text
        for shown in (outcome, again):
            (display,) = shown.displays
            assert display.keys() == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    finally:
        kernel.run("del os.environ['VOILA_BASE_URL']")
    kernel.run("study.stop()")


def test_headless_a_study_whose_trials_all_fail_is_an_error(kernel: Kernel) -> None:
    cell = "%%tune --maximize score -n 2\nx: Float(0, 1) = 0.5\nraise KeyError(x)\nreport(score=x)"
    outcome = kernel.run(cell, headless=True, expect="error")
    assert re.fullmatch(r"TuneError: study '[^']+': every trial failed: KeyError: .*", outcome.error)
    # and shows what it found out
    assert any("text/html" in display for display in outcome.displays)


def test_headless_a_study_that_its_cell_has_waited_for_is_shown_as_it_ended(kernel: Kernel) -> None:
    kernel.run("import jupyter_tune as jt\ndef train(x): return x")
    start = "study = jt.tune(train, {'x': jt.Float(0, 1)}, maximize='y', trials=3)"
    last = kernel.run(f"{start}\ndisplay(study)\nstudy.wait()", headless=True).displays[-1]
    assert "ended: all trials done" in last["text/plain"]
    assert "image/png" in last


def test_an_interrupt_leaves_the_wait_and_not_the_study(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.05))
    waits = kernel.folder / "waits"
    number = kernel.send(f"open({str(waits)!r}, 'w').close()\nstudy.wait()")
    wait_until(waits.exists, "the cell that waits")
    before = recorded(kernel).seq
    wait_until(lambda: recorded(kernel).seq > before + 20, "some reports")
    kernel.interrupt()
    outcome = kernel.gather(number)
    assert outcome.status == "error"
    assert "KeyboardInterrupt" in outcome.error
    assert "goes on" in outcome.text
    trials = int(kernel.ask("len(study.trials)"))
    kernel.wait_for(f"len(study.trials) > {trials}")
    kernel.run("study.stop()")


def test_the_users_own_tasks_turn_while_a_wait_blocks(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.05))
    kernel.wait_for("study.state == 'running'")
    kernel.run(
        "import asyncio\n"
        "ticks = []\n"
        "async def tick():\n"
        "    while True:\n"
        "        ticks.append(study.state)\n"
        "        await asyncio.sleep(0.01)\n"
        "task = asyncio.get_running_loop().create_task(tick())"
    )
    kernel.run("ticks.clear()\nstudy.wait(2)\nseen = list(ticks)\ntask.cancel()\nstudy.stop()")
    assert kernel.ask("seen.count('running') > 5") == "True"


def test_pause_resume_and_the_line_magic(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.02))
    kernel.wait_for("len(study.trials) > 2")
    kernel.run("%tune pause")
    kernel.wait_for("study.state == 'paused' and not study.snapshot().in_state('running')")
    before = kernel.ask("len(study.trials)")
    assert "paused" in kernel.run("%tune status toy").text
    kernel.run("%tune resume")
    kernel.wait_for(f"len(study.trials) > {before}")
    listed = kernel.run("%tune list").text
    assert "toy" in listed
    assert "running" in listed
    kernel.run("%tune stop")
    kernel.wait_for("study.is_over")
    assert "use one of list" in kernel.run("%tune fly", expect="error").error


def test_a_study_is_shown_again_live_while_it_runs_and_as_a_picture_after(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.02))
    saved, widget = "application/vnd.jupyter-tune.dashboard+json", "application/vnd.jupyter.widget-view+json"
    models = set()
    for code in ("%tune show", "study"):
        [shown] = kernel.run(code).displays
        assert shown.keys() == {saved, widget, "text/html", "text/plain"}
        assert shown[widget]["model_id"] == shown[saved]["model"]
        models.add(shown[saved]["model"])
    kernel.run("%tune stop")
    kernel.wait_for("study.is_over")
    kernel.wait_for("study.is_over")
    # the widget stays for as long as the kernel lives: our own front end finds it through the picture
    for code in ("%tune show toy", "study"):
        shown = kernel.run(code).displays[-1]
        assert shown.keys() == {saved, "text/html", "image/png", "text/plain"}
        models.add(shown[saved]["model"])
    assert len(models) == 1


def test_a_narrowed_range_is_obeyed_by_the_next_suggestion(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.0))
    kernel.wait_for("len(study.trials) > 6")
    revision = int(kernel.ask("study.narrow(x=(0.25, 0.35), kind=['b'])"))
    kernel.wait_for(f"sum(t.revision == {revision} for t in study.trials) > 8")
    kernel.run("study.stop()")
    kernel.wait_for("study.is_over")
    events = [record.event for record in read_records(study_path(kernel))]
    narrowing = next(i for i, event in enumerate(events) if isinstance(event, RangesNarrowed))
    drawn = [event for event in events[narrowing:] if isinstance(event, TrialSuggested)]
    assert len(drawn) > 8
    assert all(event.revision == revision for event in drawn)
    for event in drawn:
        x, kind = event.params["x"], event.params["kind"]
        assert isinstance(x, float)
        assert 0.25 <= x <= 0.35
        assert kind == "b"


def test_a_failing_trial_keeps_its_traceback_and_the_study_goes_on(kernel: Kernel) -> None:
    kernel.run(
        "%%tune --maximize score --trials 4 --sampler sobol --name mixed --wait\n"
        "x: Float(0.0, 1.0) = 0.5\n"
        "if x > 0.6:\n    raise ValueError(f'x is too big: {x}')\n"
        "report(score=x)"
    )
    assert kernel.ask("study.state") == "'ended'"
    failed = kernel.ask("[t.error for t in study.trials if t.state == 'failed'][0]")
    assert "x is too big" in failed
    assert "raise ValueError" in failed


def test_a_function_is_tuned_by_the_same_engine(kernel: Kernel) -> None:
    kernel.run("import jupyter_tune as jt")
    kernel.run(
        "def train(x: jt.Float(0.0, 1.0) = 0.5, n: jt.Int(1, 9) = 3):\n"
        "    for step in range(1, 4):\n"
        "        jt.report(score=x * step, step=step)\n"
        "    return {'score': x * n}\n"
        "study = jt.tune(train, maximize='score', trials=5, workers=2, sampler='random')\n"
        "study.wait()"
    )
    assert kernel.ask("len(study.trials), study.state") == "(5, 'ended')"
    assert (
        kernel.ask("all(abs(t.value - t.params['x'] * t.params['n']) < 1e-9 for t in study.trials)") == "True"
    )


def test_advice_is_given_and_acted_on_while_the_study_runs(kernel: Kernel) -> None:
    cell = (
        "x: Float(0.0, 1.0) = 0.5\nkind: Categorical(['a', 'b']) = 'a'\n"
        "assert kind == 'a', 'no such kind'\nreport(score=(x - 0.5) ** 2)\nimport time; time.sleep(0.05)\n"
    )
    kernel.run(f"%%tune --maximize score -j 2 --sampler random --name toy\n{cell}")
    kernel.wait_for("len(study.trials) > 40")
    said = kernel.run("%tune advice").text
    assert "kind: all " in said
    assert "(the last: AssertionError: no such kind) → study.narrow(kind=['a'])" in said
    kernel.run("study.advice().apply(0)")
    # granted at once, and in the handle's fold when its record arrives
    kernel.wait_for("study.snapshot().ranges['kind'].range == ('a',)")
    kernel.run("study.undo()")
    kernel.wait_for("study.snapshot().ranges['kind'].range == ('a', 'b')")
    kernel.run("study.stop()")
    kernel.wait_for("study.is_over")


def test_a_study_is_deleted_once_it_has_ended(kernel: Kernel) -> None:
    kernel.run(toy(pause=0.05))
    assert "is being written by process" in kernel.run("%tune delete toy", expect="error").error
    assert "give the name of the study" in kernel.run("%tune delete", expect="error").error
    kernel.run("%tune stop")
    kernel.run("study.wait()")
    # its driver stays to draw, and holds nothing
    kernel.run("%tune delete toy")
    assert "No studies in" in kernel.run("%tune list --sort best").text
    assert not list(kernel.folder.glob("toy*"))
    kernel.run(toy(trials=2, more="--wait"))
    assert kernel.ask("len(study.trials)") == "2"


def test_a_plain_cell_becomes_one_that_tunes(kernel: Kernel) -> None:
    plain = (
        "learning_rate = 0.3\nfor epoch in range(4):\n    acc = 1 - abs(learning_rate - 0.1) + epoch / 100\n"
    )
    proposed = kernel.run(f"%%tune --autotune -n 5 -j 2 --sampler random --name toy --wait\n{plain}")
    assert "learning_rate: Float(0.001, 1.0, log=True) = 0.3  its order of magnitude" in proposed.text
    assert proposed.next_cell.splitlines()[0] == (
        "%%tune --maximize acc --max-steps 4 -n 5 -j 2 --sampler random --name toy --wait"
    )
    assert not list(kernel.folder.glob("*.tune.db"))
    kernel.run(proposed.next_cell)
    assert kernel.ask("round(study.trials[0].value, 6), len(study.trials)") == "(0.83, 5)"
    shown = kernel.run(f"%%tune --autotune --dry-run\n{plain}")
    assert (shown.next_cell, "%%tune --maximize acc" in shown.text) == ("", True)


def test_a_resumed_study_whose_cell_has_changed_says_so(kernel: Kernel) -> None:
    cell = "%%tune --maximize s -n {} --sampler random --name toy --wait {}\nx: Float(0, 1) = 0.5\ns = x{}\n"
    kernel.run(cell.format(1, "", ""))
    assert "code has changed" not in kernel.run(cell.format(2, "--resume", "")).text
    assert "The code has changed (the cell itself)" in kernel.run(cell.format(3, "--resume", " * 2")).text


def test_without_workers_the_cell_runs_in_the_kernel_under_its_debugger(kernel: Kernel) -> None:
    cell = (
        "%%tune --maximize score --workers 0 -n 3 --sampler random --name here\n"
        "x: Float(0, 1) = 0.5\n"
        "doubled = 2 * x\n"
        "if trial.number == 1:\n    import pdb; pdb.set_trace()\n"
        "score = 1 / (2 - trial.number)"
    )
    number = kernel.send(cell)
    # the debugger asks the front end for its next command
    for command in ("p doubled == 2 * x", "c"):
        request = kernel.client.get_stdin_msg(timeout=PATIENCE_S)
        assert "(Pdb)" in request["content"]["prompt"] or "ipdb>" in request["content"]["prompt"]
        kernel.client.input(command)
    outcome = kernel.gather(number)
    assert "True" in outcome.text
    assert (outcome.status, outcome.error) == ("error", "ZeroDivisionError: division by zero")
    assert kernel.ask("[t.state for t in study.trials]") == "['complete', 'complete', 'failed']"
    assert kernel.ask("doubled == 2 * study.trials[2].params['x']") == "True"
