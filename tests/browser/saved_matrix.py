"""What a person sees of studies in notebooks that were saved, closed, reloaded, and lost their kernels.

`expected` says it for every case, `Walk` goes through the cases in a real Lab, with as few kernels and pages
as that takes. A notebook holds three studies, which are at different moments of their lives. It is saved at
three moments, and each time the file is copied aside: the copies are what is opened again later, with the
kernel that they came from, after its restart, and without it. A second notebook stays open while its kernel
is shut down.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import nbformat
from nbformat.sign import NotebookNotary
from playwright.sync_api import Browser, Page

from jupyter_tune import journal
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from tests.processes import PATIENCE_S, wait_until
from tests.real_kernel import LOAD
from tests.real_lab import PICTURES, Lab, NotebookPage, new_page

RUNNING, JUST, LONG_AGO = STUDIES = ("running", "just ended", "ended long ago")
BEFORE, AT, AFTER = SAVES = ("before the end", "at the end, before the picture", "after the end")
OPEN, AGAIN, RELOADED = PAGES = ("open all the time", "opened again", "reloaded")
ALIVE, RESTARTED, GONE = KERNELS = ("alive", "restarted", "gone")


class Case(NamedTuple):
    kernel: str
    page: str
    study: str
    saved: str

    @property
    def seen_as(self) -> Case:
        """The case that is looked at for this one: a page that stays open does not read the file."""
        return self._replace(saved="") if self.page == OPEN else self


class Shown(NamedTuple):
    """view: live, or what the notebook holds. offers: what can be clicked."""

    view: str
    state: str
    offers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.view}, {self.state}: {', '.join(self.offers)}"


OFFERS = {
    "stop": "Stop",
    "pause": "Pause",
    "more-trials": "+20 trials",
    "resume": "Resume",
    "show-here": "Show it here",
}


def expected(case: Case) -> Shown | None:
    """What is to be seen; None for what cannot be."""
    if (case.study, case.saved) in ((RUNNING, AT), (RUNNING, AFTER), (JUST, AFTER)):
        return None
    if case.kernel == ALIVE:
        runs = case.study == RUNNING
        return (
            Shown("live", "running", ("Stop", "Pause")) if runs else Shown("live", "ended", ("+20 trials",))
        )
    knows_the_end = case.study != RUNNING if case.page == OPEN else case.saved != BEFORE
    if knows_the_end:
        return Shown("as saved", "ended", ("Show it here",))
    return Shown("as saved", "interrupted", ("Resume", "Show it here"))


CASES = [Case(*each) for each in itertools.product(KERNELS, PAGES, STUDIES, SAVES)]
POSSIBLE = [case for case in CASES if expected(case) is not None]


def table() -> str:
    """All cases in Markdown; kernels and pages that make no difference share a row."""
    rows: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for kernel, page, study in itertools.product(KERNELS, PAGES, STUDIES):
        cells = [expected(Case(kernel, page, study, saved)) for saved in SAVES]
        rows.setdefault((study, *(str(cell or "cannot be") for cell in cells)), []).append((kernel, page))
    lines = [f"| Kernel | Page | Study | Saved {' | Saved '.join(SAVES)} |", "|---" * 6 + "|"]
    for (study, *texts), places in rows.items():
        kernels = " or ".join(dict.fromkeys(kernel for kernel, _ in places))
        pages = ", ".join(dict.fromkeys(page for _, page in places))
        lines.append(f"| {kernels} | {pages} | {study} | {' | '.join(texts)} |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Look:
    """One study on the screen. clock: what it counts; broken: words that nobody should ever read."""

    shown: Shown | None
    name: str
    best: float | None
    clock: str
    broken: list[str]


NO_VALUE = "–"
"""As a page writes it."""

# trials of all studies run until the walk ends them: none may wait for a core
LOAD_ALONE = f"""import itertools, os
def alone(info, place=os.environ["JUPYTER_TUNE_LEASES"], count=itertools.count()):
    os.environ["JUPYTER_TUNE_LEASES"] = f"{{place}}/{{os.getpid()}}-{{next(count)}}"
get_ipython().events.register("pre_run_cell", alone)
{LOAD}"""

# the picture of an ended study is drawn when a file says so: so a study stays "just ended"; a kernel that
# ends empties its variables while threads still run, so that the function has its own
HOLD = """import pathlib, time
from jupyter_tune.notebook import live
def holding(draw, Path, sleep):
    def held(handle, axes):
        while not Path(f"{handle.name}.draw").exists(): sleep(0.05)
        return draw(handle, axes)
    return held
live.lasting_picture = holding(live.lasting_picture, pathlib.Path, time.sleep)"""

CELL = """%%tune --maximize score -n 4 -j 1 --sampler random --pruner none --seed 1 --name {name} -o {v}
x: Float(0.0, 1.0) = 0.5
import pathlib, time
report(score=0, step=1)
while trial.number == 3 and not pathlib.Path("{name}.end").exists(): time.sleep(0.05)
report(score=x if trial.number < 3 else 2, step=2)
"""
LAST = 2.0
"""The value of the last trial, and so the best of an ended study."""

VARIABLES = dict(zip(STUDIES, ("a", "b", "c"), strict=True))
CELLS = {study: number for number, study in enumerate(STUDIES, start=2)}
LET_GO = "c.connection.close()"

LOOK = """({path, cell, offers}) => {
  const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path);
  const node = panel?.content.widgets[cell]?.node;
  const sees = part => Boolean(part?.checkVisibility());
  const roots = [...(node?.querySelectorAll('.jt-dashboard') ?? [])];
  const root = roots.find(sees) ?? roots[0];
  const part = id => root?.querySelector(`[data-testid="${id}"]`);
  const words = node?.querySelector('.jp-Cell-outputWrapper')?.innerText ?? '';
  return {
    settled: sees(root) && !words.includes('Connecting to the kernel'),
    view: root?.classList.contains('jt-saved') ? 'as saved' : 'live',
    state: part('state')?.innerText ?? '',
    offers: Object.keys(offers).filter(id => sees(part(id)) && !part(id).disabled).map(id => offers[id]),
    name: root?.querySelector('.jt-name')?.innerText ?? '',
    best: part('best-value')?.innerText ?? '',
    clock: root?.querySelector('.jt-facts span')?.textContent ?? '',
    broken: ['not found', ' object at 0x', 'Loading widget', 'Error'].filter(text => words.includes(text)),
    words: words.slice(0, 1000),
  };
}"""

SHOW = """async ({path, cell}) => {
  const app = window.jupyterapp;
  const panel = await app.commands.execute('docmanager:open', { path });
  app.shell.activateById(panel.id);
  await panel.context.ready;
  panel.content.activeCellIndex = cell;
  panel.content.scrollToItem(cell, 'start');
}"""

CLOSE = """path => {
  const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path);
  panel.context.model.dirty = false; // no question whether to save it
  panel.close();
}"""

SESSION = "path => [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path)"
READY = f"path => ({SESSION})(path)?.sessionContext.isReady === true"
HAS_PICTURE = """({path, cell}) => {
  const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path);
  const { outputs } = panel.content.widgets[cell].model;
  return outputs.length > 0 && 'image/png' in outputs.get(0).data;
}"""
RESTART = f"path => {{ window.__restart = ({SESSION})(path).sessionContext.restartKernel(); }}"

WATCH = """({path, cell}) => {
  window.__interrupted = null;
  const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path);
  const watch = setInterval(() => {
    const states = [...panel.content.widgets[cell].node.querySelectorAll('[data-testid="state"]')];
    if (!states.some(state => state.checkVisibility() && state.innerText === 'interrupted')) return;
    window.__interrupted = Date.now();
    clearInterval(watch);
  }, 10);
}"""


class Walk:
    """All looks, by case; what else was seen on the way.

    took_s: seconds from an event until a page that was open said "interrupted".
    """

    def __init__(self, lab: Lab, browser: Browser):
        self.lab = lab
        self.browser = browser
        self.looks: dict[Case, Look] = {}
        self.clocks: dict[Case, tuple[str, str]] = {}
        self.elsewhere: dict[str, Shown | None] = {}
        self.took_s: dict[str, float] = {}
        self.early: dict[str, float] = {}
        """The best of each study of the first notebook before its end."""
        self._patience_s = PATIENCE_S
        self._pages: list[Page] = []

    def go(self) -> None:
        first, second = (self.begin(name) for name in ("first", "second"))
        files = self.save_at_three_moments(first, second)
        self.look_at_all(first.page, ALIVE, OPEN, dict.fromkeys(SAVES, "first"))

        kernel = self.kernel_of("first")
        other = NotebookPage(self.lab, self.page(), self.copy(files[BEFORE], "alive-0", kernel))
        self.open_copies(other.page, ALIVE, files, kernel)
        self.restart(first, other)
        self.look_at_all(first.page, RESTARTED, OPEN, dict.fromkeys(SAVES, "first"))
        for place in range(3):
            other.page.evaluate(CLOSE, f"alive-{place}.ipynb")
        self.open_copies(other.page, RESTARTED, files, kernel)
        self.bring_back(first)

        self.kill_the_driver(second)
        self.shut_down(second)
        self.look_at_all(second.page, GONE, OPEN, dict.fromkeys(SAVES, "second"))
        for place in range(3):
            other.page.evaluate(CLOSE, f"restarted-{place}.ipynb")
        self.open_copies(other.page, GONE, files, None)
        second.page.evaluate(SHOW, self.at("second", RUNNING))
        self.click(second, RUNNING, "resume")
        hope = Shown("live", "running", ("Stop", "Pause"))
        self.elsewhere["resumed without a kernel"] = self.look(second.page, "second", RUNNING, hope).shown

    def close(self) -> None:
        """An open page keeps drawing."""
        self.lab.end_kernels()
        for page in self._pages:
            page.context.close()

    # the way

    def page(self) -> Page:
        self._pages.append(new_page(self.browser))
        return self._pages[-1]

    def begin(self, name: str) -> NotebookPage:
        """Three studies that run, with three trials complete."""
        studies = [CELL.format(name=f"{name}-{v}", v=v) for v in VARIABLES.values()]
        page = self.page()
        notebook = self.lab.open(page, name, LOAD_ALONE, HOLD, *studies, LET_GO)
        for cell in range(5):
            notebook.run(cell)
        return notebook

    def save_at_three_moments(self, first: NotebookPage, second: NotebookPage) -> dict[str, str]:
        """The texts of the first notebook, by moment; both are then at the third."""
        files: dict[str, str] = {}
        runs = Shown("live", "running", ("Stop", "Pause"))
        ended = Shown("live", "ended", ("+20 trials",))

        def save(moment: str) -> None:
            first.save()
            files[moment] = (self.lab.notebooks / "first.ipynb").read_text()

        for notebook in (first, second):
            for study, variable in VARIABLES.items():
                self.early[study] = self.best_of_three(f"{notebook.name}-{variable}")
                self.look(notebook.page, notebook.name, study, runs)
        save(BEFORE)
        for notebook in (first, second):
            for study in (JUST, LONG_AGO):
                self.touch(f"{notebook.name}-{VARIABLES[study]}.end")
        for notebook in (first, second):
            for study in (JUST, LONG_AGO):
                self.look(notebook.page, notebook.name, study, ended)
        save(AT)
        for notebook in (first, second):
            self.touch(f"{notebook.name}-{VARIABLES[LONG_AGO]}.draw")
        for notebook in (first, second):
            notebook.page.wait_for_function(HAS_PICTURE, arg=self.at(notebook.name, LONG_AGO))
            notebook.run(5)
        save(AFTER)
        return files

    def open_copies(self, page: Page, kernel: str, files: dict[str, str], kernel_id: str | None) -> None:
        """Each saved file opened under another name, and then reloaded."""
        notebooks = {
            saved: self.copy(text, f"{kernel}-{place}", kernel_id)
            for place, (saved, text) in enumerate(files.items())
        }
        for how in (AGAIN, RELOADED):
            if how == RELOADED:
                page.reload()
                page.wait_for_function("() => window.jupyterapp?.restored !== undefined")
                page.evaluate("() => window.jupyterapp.restored")
            for name in notebooks.values():
                page.evaluate(SHOW, self.at(name, RUNNING))
                path = f"{name}.ipynb"
                while kernel_id is None and not page.evaluate(READY, path):
                    self.refuse_a_kernel(page)
            self.look_at_all(page, kernel, how, notebooks)

    def restart(self, first: NotebookPage, other: NotebookPage) -> None:
        """The first notebook's kernel, by its own page; the other page has the same kernel."""
        for page, name in ((first.page, "first"), (other.page, "alive-0")):
            page.evaluate(SHOW, self.at(name, RUNNING))
            page.evaluate(WATCH, self.at(name, RUNNING))
        began = time.time()
        first.page.evaluate(RESTART, "first.ipynb")
        self.took("restarted by this page", first.page, began)
        self.took("restarted by another page", other.page, began)
        first.page.evaluate("() => window.__restart")
        gone = Shown("as saved", "interrupted", ("Resume", "Show it here"))
        seen = self.look(other.page, "alive-0", RUNNING, gone).shown
        self.elsewhere["restarted by another page"] = seen
        first.wait_for_kernel()

    def bring_back(self, first: NotebookPage) -> None:
        """By the buttons, in a kernel that was restarted and works elsewhere."""
        self.click(first, LONG_AGO, "show-here")
        ended = Shown("live", "ended", ("+20 trials",))
        self.elsewhere["shown here"] = self.look(first.page, "first", LONG_AGO, ended).shown
        first.page.evaluate(SHOW, self.at("first", RUNNING))
        self.click(first, RUNNING, "resume")
        runs = Shown("live", "running", ("Stop", "Pause"))
        self.elsewhere["resumed after a restart"] = self.look(first.page, "first", RUNNING, runs).shown
        self.picture(first.page, "brought-back")

    def kill_the_driver(self, second: NotebookPage) -> None:
        owner = journal.holder(self.lab.studies / f"second-{VARIABLES[RUNNING]}.tune.db")
        assert owner is not None
        second.page.evaluate(SHOW, self.at("second", RUNNING))
        second.page.evaluate(WATCH, self.at("second", RUNNING))
        began = time.time()
        os.kill(owner["pid"], signal.SIGKILL)
        self.took("driver killed", second.page, began)
        killed = Shown("live", "interrupted", ("+20 trials", "Resume"))
        self.elsewhere["driver killed"] = self.look(second.page, "second", RUNNING, killed).shown
        self.picture(second.page, "driver-killed")
        self.click(second, RUNNING, "resume")
        runs = Shown("live", "running", ("Stop", "Pause"))
        self.elsewhere["resumed after its driver was killed"] = self.look(
            second.page, "second", RUNNING, runs
        ).shown

    def shut_down(self, second: NotebookPage) -> None:
        """As from Lab's list of kernels, in whichever page."""
        second.page.evaluate(WATCH, self.at("second", RUNNING))
        [session] = [each for each in self.lab.api("GET", "api/sessions") if each["path"] == "second.ipynb"]
        began = time.time()
        self.lab.api("DELETE", f"api/sessions/{session['id']}")
        self.took("kernel shut down", second.page, began)
        second.page.wait_for_function(
            f"path => !({SESSION})(path).sessionContext.session", arg="second.ipynb"
        )

    # steps

    def at(self, notebook: str, study: str) -> dict[str, Any]:
        return {"path": f"{notebook}.ipynb", "cell": CELLS[study]}

    def click(self, notebook: NotebookPage, study: str, button: str) -> None:
        cell = notebook.panel.locator(".jp-Cell").nth(CELLS[study])
        cell.get_by_test_id(button).locator("visible=true").click()

    def touch(self, file: str) -> None:
        (self.lab.notebooks / file).touch()

    def best_of_three(self, name: str) -> float:
        """The best value of a study once three of its trials are complete."""

        def study() -> Study | None:
            records = self.lab.records(name)
            return Study.fold(records) if records else None

        wait_until(
            lambda: len(s.in_state(COMPLETE)) == 3 if (s := study()) else False, f"three trials of {name}"
        )
        opened = study()
        assert opened is not None
        return opened.require_best()[1]

    def took(self, event: str, page: Page, began: float) -> None:
        page.wait_for_function("() => window.__interrupted")
        self.took_s[event] = page.evaluate("() => window.__interrupted") / 1000 - began

    def kernel_of(self, notebook: str) -> str:
        [session] = [s for s in self.lab.api("GET", "api/sessions") if s["path"] == f"{notebook}.ipynb"]
        return str(session["kernel"]["id"])

    def copy(self, text: str, name: str, kernel: str | None) -> str:
        """A saved file under another name, with that kernel; with None, where there is no such kernel."""
        path = self.lab.notebooks / f"{name}.ipynb"
        if kernel is None:
            notebook = nbformat.reads(text, as_version=4)
            notebook.metadata["kernelspec"] = {
                "name": "none-such",
                "display_name": "None such",
                "language": "none",
            }
            NotebookNotary(data_dir=str(self.lab.folder / "jupyter_data_dir")).sign(notebook)
            nbformat.write(notebook, path)
        else:
            path.write_text(text)
            self.lab.api(
                "POST",
                "api/sessions",
                {"path": path.name, "name": name, "type": "notebook", "kernel": {"id": kernel}},
            )
        return name

    def refuse_a_kernel(self, page: Page) -> None:
        """Answers Lab's question for a kernel, if it asks."""
        button = page.locator(".jp-Dialog").get_by_role("button", name="No Kernel")
        if button.count():
            button.click()
        page.wait_for_timeout(50)

    # one study on the screen

    def look(self, page: Page, notebook: str, study: str, hope: Shown | None) -> Look:
        """What is seen once it is as hoped; after a long wait, what is seen then."""
        where = self.at(notebook, study)
        page.evaluate(SHOW, where)
        deadline = time.monotonic() + self._patience_s
        while True:
            seen = page.evaluate(LOOK, {**where, "offers": OFFERS})
            shown = Shown(seen["view"], seen["state"], tuple(seen["offers"])) if seen["settled"] else None
            # words and numbers of a page come in turns: the best a little later than the state
            if (shown == hope and seen["best"] != NO_VALUE) or time.monotonic() > deadline:
                break
            page.wait_for_timeout(50)
            if shown is None:
                page.evaluate(SHOW, where)  # Lab's restored layout may have covered it again
        if shown != hope:
            self._patience_s = 5  # one is enough to fail; the others are worth a look
        best = float(seen["best"]) if seen["best"] not in ("", NO_VALUE) else None
        # what should not be read, or not as a dashboard, is shown in the failure
        broken = [] if shown and not seen["broken"] else [*seen["broken"], seen["words"]]
        return Look(shown, seen["name"], best, seen["clock"], broken)

    def look_at_all(self, page: Page, kernel: str, how: str, notebooks: dict[str, str]) -> None:
        """The cases of `notebooks` (saved -> name) that can be, and what their clocks say a second later."""
        cases: dict[Case, str] = {}
        for saved, notebook in notebooks.items():
            for study in STUDIES:
                case = Case(kernel, how, study, saved)
                hope = expected(case)
                if hope is not None and case.seen_as not in self.looks:
                    self.looks[case.seen_as] = self.look(page, notebook, study, hope)
                    cases[case.seen_as] = notebook
            page.evaluate(SHOW, self.at(notebook, RUNNING))
            if notebook not in list(cases.values())[:-1]:
                self.picture(page, f"{kernel}-{how}-{notebook}")
        page.wait_for_timeout(1100)
        for case, notebook in cases.items():
            later = page.evaluate(LOOK, {**self.at(notebook, case.study), "offers": OFFERS})["clock"]
            self.clocks[case] = (self.looks[case].clock, later)

    def picture(self, page: Page, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"matrix-{name.replace(' ', '-')}.png")
