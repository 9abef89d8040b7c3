"""The dashboard as a person meets it: a real Lab, a real kernel, real trials."""

from __future__ import annotations

import json
import re

import nbformat
from playwright.sync_api import Page, WebSocketRoute, expect

from jupyter_tune.core.events import RangesNarrowed, TrialSuggested
from jupyter_tune.core.trial import RUNNING
from tests.browser.studies import study_cell, study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import Lab, NotebookPage, OpenNotebook, seen


def done(text: str) -> int:
    """How many trials have ended, by what the dashboard says in words."""
    return sum(int(count) for count in re.findall(r"(\d+)\s+(?:complete|pruned|failed)", text))


def test_the_dashboard_moves_while_a_cell_blocks_the_kernel(open_notebook: OpenNotebook, lab: Lab) -> None:
    blocks = "import pathlib, time\nwhile not pathlib.Path('go-on').exists(): time.sleep(0.1)"
    notebook = open_notebook("moves", LOAD, study_cell("moves"), blocks)
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    expect(page.get_by_test_id("jupyter-tune-dashboard")).to_be_visible()
    notebook.run(2, wait=False)
    counts = seen(page.get_by_test_id("counts"))
    expect(counts).to_contain_text("running")
    before = done(counts.inner_text())
    wait_until(lambda: done(counts.inner_text()) > before + 3, "the counts to move")
    history = seen(page.get_by_test_id("chart-history"))
    expect(history.locator(".scatterlayer .trace").first).to_be_attached()
    # the cell blocks still: all this happened beside it
    expect(notebook.prompt(2)).to_have_text("[*]:")
    notebook.picture("dashboard-running")
    # and Stop reaches the driver although the kernel is busy
    page.get_by_test_id("stop").click()
    expect(notebook.prompt(2)).to_have_text("[*]:")
    wait_until(lambda: study_of(notebook, "moves").is_ended, "the study to stop")
    expect(notebook.prompt(2)).to_have_text("[*]:")
    assert study_of(notebook, "moves").end_reason == "stopped by the user"
    (lab.notebooks / "go-on").touch()
    expect(notebook.prompt(2)).to_have_text("[3]:")


def test_a_slider_narrows_the_range_and_the_next_trial_obeys(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("slider", LOAD, study_cell("slider"))
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    low = page.get_by_test_id("range-lr-low")
    expect(low).to_be_visible()
    low.focus()
    for _ in range(40):
        low.press("ArrowRight")
    page.get_by_test_id("chip-act-gelu").click()

    def narrowings() -> list[RangesNarrowed]:
        return [r.event for r in notebook.lab.records("slider") if isinstance(r.event, RangesNarrowed)]

    wait_until(
        lambda: bool(narrowings()) and narrowings()[-1].ranges["act"] == ["relu", "tanh"], "the narrowing"
    )
    last = narrowings()[-1]
    assert float(last.ranges["lr"][0]) > 1e-4  # type: ignore[arg-type]

    def later() -> list[TrialSuggested]:
        events = [r.event for r in notebook.lab.records("slider")]
        return [e for e in events[events.index(last) :] if isinstance(e, TrialSuggested)]

    wait_until(lambda: len(later()) > 5, "trials after the narrowing")
    assert all(e.params["lr"] >= last.ranges["lr"][0] for e in later())  # type: ignore[operator]
    assert all(e.params["act"] in ("relu", "tanh") for e in later())
    assert all(e.revision == last.revision for e in later())
    notebook.picture("dashboard-narrowed")
    page.get_by_test_id("stop").click()
    wait_until(lambda: study_of(notebook, "slider").is_ended, "the study to stop")


def test_pause_and_resume(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("pause", LOAD, study_cell("pause"))
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    page.get_by_test_id("pause").click()
    expect(page.get_by_test_id("state")).to_have_text(re.compile("paused", re.I))
    wait_until(lambda: not study_of(notebook, "pause").in_state(RUNNING), "the running trials to end")
    trials = len(study_of(notebook, "pause").trials)
    page.get_by_test_id("pause").click()
    wait_until(lambda: len(study_of(notebook, "pause").trials) > trials + 2, "new trials")
    page.get_by_test_id("stop").click()


def test_a_click_on_a_trial_shows_its_log_and_a_select_changes_the_landscape(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("look", LOAD, study_cell("look", pause=0.2, sampler="gp"))
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    page.get_by_test_id("trial-0").click()
    expect(page.get_by_test_id("log")).to_contain_text("at step 1")
    landscape = seen(page.get_by_test_id("chart-landscape"))
    expect(landscape.locator(".heatmaplayer .hm").first).to_be_attached()
    page.get_by_test_id("select-y").select_option("act")
    expect(seen(landscape)).to_contain_text("gelu")
    notebook.picture("dashboard-landscape")
    page.get_by_test_id("stop").click()


def test_a_reloaded_page_shows_the_study_as_it_runs_now(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("reload", LOAD, study_cell("reload"))
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    counts = page.get_by_test_id("counts")
    wait_until(lambda: done(counts.inner_text()) > 3, "some trials")
    notebook.save()
    before = done(counts.inner_text())
    page.reload()
    expect(page.get_by_test_id("jupyter-tune-dashboard")).to_be_visible()
    wait_until(lambda: done(counts.inner_text()) > before + 3, "the counts to move on")
    notebook.save()
    mislaid = mislay_the_widget(page, shown_widget(notebook))
    before = done(counts.inner_text())
    page.reload()
    expect(page.get_by_test_id("jupyter-tune-dashboard")).to_be_visible()
    # the page's widget manager says now that there is no such widget, and the kernel has it
    states = set()

    def moved_on() -> bool:
        states.add(page.get_by_test_id("state").inner_text())
        return done(counts.inner_text()) > before + 3

    wait_until(moved_on, "the counts to move on")
    assert len(mislaid) == 1
    assert states == {"running"}
    page.get_by_test_id("stop").click()
    # what the page sends is passed on only while something is asked of the page
    expect(page.get_by_test_id("state")).to_have_text("ended")
    wait_until(lambda: study_of(notebook, "reload").is_ended, "the study to stop")


def shown_widget(notebook: NotebookPage) -> str:
    """The id of the widget that the second cell shows, as the notebook was saved."""
    saved = nbformat.read(notebook.lab.notebooks / f"{notebook.name}.ipynb", as_version=4)
    (output,) = (output for output in saved.cells[1].outputs if SAVED in output.get("data", {}))
    return str(output["data"][SAVED]["model"])


def mislay_the_widget(page: Page, model: str) -> list[str]:
    """Falsify the kernel's first answer to a page that asks for all its widgets; the list has it then.

    From then on all messages between page and kernel go through this process, while it waits for the page.
    """
    mislaid: list[str] = []
    # Lab's widget manager asks in another way after 4 s, as on a busy machine: here the answer has time
    page.add_init_script(
        "const later = setTimeout;"
        "window.setTimeout = (then, ms, ...args) => later(then, ms === 4000 ? 60000 : ms, ...args);"
    )

    def route(page_side: WebSocketRoute) -> None:
        kernel_side = page_side.connect_to_server()

        def answer(message: str | bytes) -> None:
            if isinstance(message, bytes) and b'"update_states"' in message and not mislaid:
                mislaid.append(model)
                assert model.encode() in message
                message = message.replace(model.encode(), model[::-1].encode())
            page_side.send(message)

        kernel_side.on_message(answer)

    page.route_web_socket(re.compile("/api/kernels/"), route)
    return mislaid


SAVED = "application/vnd.jupyter-tune.dashboard+json"
LASTING = {SAVED, "text/html", "image/png", "text/plain"}


def test_the_saved_notebook_shows_the_result_without_a_kernel(open_notebook: OpenNotebook, lab: Lab) -> None:
    notebook = open_notebook("saved", LOAD, study_cell("saved", trials=12, pause=0.0), "await study")
    for cell in range(3):
        notebook.run(cell)
    wait_until(lambda: study_of(notebook, "saved").is_ended, "the study to end")
    expect(notebook.output(1).get_by_test_id("state")).to_have_text("ended")
    # the end takes nothing away while the kernel lives
    expect(notebook.output(1).locator(".jt-dashboard:not(.jt-saved)")).to_be_visible()
    outputs = "window.jupyterapp.shell.currentWidget.content.widgets[1].model.outputs"
    held = f"() => Object.keys({outputs}.get(0).data)"
    wait_until(lambda: set(notebook.page.evaluate(held)) == LASTING, "the lasting picture in the notebook")
    notebook.save()
    lab.end_kernels()

    saved = nbformat.read(lab.notebooks / "saved.ipynb", as_version=4)
    kinds = {kind for output in saved.cells[1].outputs for kind in output.get("data", {})}
    assert kinds == LASTING
    assert "widgets" not in json.dumps(saved.metadata)
    best = study_of(notebook, "saved").best_trial
    assert best is not None

    # opened anew, not trusted, and no kernel that could run it: the dashboard can be explored
    _elsewhere(saved, lab, "reopened")
    reopened = NotebookPage(lab, notebook.page, "reopened")
    reopened.refuse_a_kernel()
    output = reopened.output(1)
    expect(output.get_by_test_id("best-value")).to_contain_text(f"{best.value:.4f}"[:6])
    output.get_by_test_id(f"trial-{best.number}").click()
    expect(output.get_by_test_id("detail-params")).to_contain_text("lr")
    output.get_by_test_id("tab-timeline").click()
    timeline = seen(output.get_by_test_id("chart-timeline"))
    expect(timeline.locator(".barlayer .point").first).to_be_attached()
    for request in ("stop", "pause", "undo", "add-trial", "run-again"):
        expect(output.get_by_test_id(request)).to_be_hidden()
    assert lab.api("GET", "api/sessions") == []
    reopened.picture("saved-notebook")

    # where our front end is not installed: pictures and words
    for cell_output in saved.cells[1].outputs:
        cell_output.get("data", {}).pop(SAVED, None)
    _elsewhere(saved, lab, "plain")
    plain = NotebookPage(lab, notebook.page, "plain")
    plain.refuse_a_kernel()
    output = plain.output(1)
    expect(output.locator("img").first).to_be_visible()
    assert output.locator("img").first.evaluate("image => image.naturalWidth") > 100
    expect(output).to_contain_text(f"{best.value:.4f}"[:6])
    expect(output).not_to_contain_text("Loading widget")
    plain.picture("saved-notebook-plain")


def _elsewhere(notebook: nbformat.NotebookNode, lab: Lab, name: str) -> None:
    """The notebook as somebody gets it who does not trust it and has no kernel for it."""
    notebook.metadata.clear()
    notebook.metadata["kernelspec"] = {"name": "none-such", "display_name": "None such", "language": "none"}
    nbformat.write(notebook, lab.notebooks / f"{name}.ipynb")


def test_the_lab_extension_marks_ranges_in_a_tuning_cell(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("marks", study_cell("marks"), "x = 1")
    cell = notebook.panel.locator(".jp-Cell").nth(0)
    expect(cell.locator("[class*='jt-mark-range']").first).to_be_visible()
