"""A cell that was edited between two runs of its study, in a real kernel."""

from __future__ import annotations

from tests.processes import wait_until
from tests.real_kernel import LOAD_WITHOUT_A_MODEL, Kernel

CELL = """%%tune --minimize loss -n {trials} -j 2 --sampler random --name toy --wait {more}
x: Float(0.0, 1.0) = 0.5
report(loss=shift + {formula} + data.sum() * 0)
"""


def cell(trials: int, formula: str, more: str = "") -> str:
    return CELL.format(trials=trials, formula=formula, more=more)


def test_changed_code_and_data_are_named_and_an_edit_starts_anew(kernel: Kernel) -> None:
    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\nshift, data = 0.0, np.arange(10.0)")
    kernel.run(cell(4, "x"))
    kernel.restart()
    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\nshift, data = 0.0, np.arange(10.0)")
    same = kernel.run(cell(5, "x", "--resume"))
    assert "changed" not in same.text, "a new kernel with the same code and data has no other version"
    assert (
        kernel.ask("study.code_of().version, 'system_attrs_code' in study.trials_dataframe()") == "(0, False)"
    )

    # helpers and data of earlier cells count too
    kernel.run("data = np.arange(11.0)")
    other = kernel.run(cell(6, "x * 2", "--resume"))
    assert "The code has changed (the cell itself, the data data)" in other.text
    assert "--edited" in other.text, "the notice names the way to keep them apart"
    assert kernel.ask("list(study.trials_dataframe()['system_attrs_code'])") == "[0, 0, 0, 0, 0, 1]"
    assert kernel.ask("'x * 2' in study.code_of(5).text, 'x * 2' in study.code_of(0).text") == "(True, False)"

    edited = kernel.run(cell(3, "1 + x", "--resume --edited"))
    assert "Its 6 earlier trials are no results any more" in edited.text
    assert kernel.ask("len(study.trials), study.best_trial.code, study.best_value >= 1") == "(9, 2, True)"
    first = "study.trials[6].params == min(study.trials[:6], key=lambda t: t.value).params"
    assert kernel.ask(first) == "True", "the best values of the earlier code run first"
    kernel.run("study.resume(trials=1)\nstudy.wait()")
    assert kernel.ask("len(study.trials), study.best_trial.code") == "(10, 2)", "an edit is told once"


def test_a_study_goes_on_from_its_page_as_the_cell_was_edited(kernel: Kernel) -> None:
    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\nshift, data = 0.0, np.arange(10.0)")
    kernel.run(cell(3, "x"))
    offers = "from jupyter_tune.notebook import live\nboard = live._views[study]._dashboard\noffer = {}"
    kernel.run(offers)
    kernel.run(cell(3, "x"))
    assert kernel.ask("board.instead") == "{'name': 'toy-2'}"
    kernel.run(cell(3, "1 + x"))
    assert kernel.ask("board.instead") == "{'name': 'toy-2', 'edited': True}"
    kernel.run("board._handle_custom_msg({'type': 'resume', 'edited': True}, [])")
    wait_until(
        lambda: kernel.ask("len(study.trials), study.state") == "(6, 'ended')", "three trials of the edit"
    )
    assert kernel.ask("study.best_trial.code, study.best_value >= 1") == "(1, True)"
    assert kernel.ask("'1 + x' in study.code_of().text") == "True"
    wait_until(lambda: kernel.ask("board.instead") == "{'name': 'toy-2'}", "the offer without an edit")


def test_an_edit_without_a_resume_is_refused(kernel: Kernel) -> None:
    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\nshift, data = 0.0, np.arange(10.0)")
    refused = kernel.run(cell(2, "x", "--edited"), expect="error")
    assert "--edited: is about going on with a study; add --resume" in refused.error


def test_a_study_that_is_loaded_without_its_code_names_what_to_run(kernel: Kernel) -> None:
    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\nshift, data = 0.0, np.arange(10.0)")
    kernel.run(cell(2, "x"))
    kernel.restart()
    kernel.run("import jupyter_tune as jt\nstudy = jt.load_study('toy')")
    refused = kernel.run("study.resume(trials=1)", expect="error")
    assert "this process does not have its code" in refused.error
    assert "%tune resume toy" in refused.error
    kernel.run(
        f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\nshift, data = 0.0, np.arange(10.0)\n"
        "%tune resume toy --trials 1"
    )
    kernel.run("study.wait()")
    assert kernel.ask("len(study.trials)") == "3"


WARM = """%%tune --minimize loss -n 3 -j 2 --sampler {sampler} --name {name} --wait {more}
x: Float({low}, 1.0) = 0.5
report(loss={formula} + data.sum() * 0){note}
"""


def test_a_warm_start_from_other_code_or_data_says_so_and_names_the_way_out(kernel: Kernel) -> None:
    def start(
        name: str,
        more: str = "",
        low: str = "0.0",
        formula: str = "x",
        note: str = "",
        sampler: str = "random",
    ) -> str:
        text = WARM.format(name=name, more=more, low=low, formula=formula, note=note, sampler=sampler)
        return kernel.run(text).text

    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\ndata = np.arange(10.0)")
    start("monday")
    kernel.restart()
    kernel.run(f"{LOAD_WITHOUT_A_MODEL}\nimport numpy as np\ndata = np.arange(10.0)")
    same = start("same", "--warm-start monday", low="-1.0", note="  # the loss")
    assert "ran other" not in same, "wider ranges and a comment make no other code"

    kernel.run("data = np.arange(11.0)")
    named = "monday ran other code or data (changed: {}). Its trials count as if this code had run them."
    other = start("tuesday", "--warm-start monday")
    assert named.format("the data data") in other
    assert "start again with --transfer monday" in other, "the notice names the way out"
    both = start("dry", "--warm-start monday --dry-run", formula="x * 2")
    assert named.format("the cell itself, the data data") in both, "told before anything is started"
    assert "ran other" not in start("task", "--transfer monday tuesday same", sampler="gp")
