"""`%%tune` runs a cell as a study; `%tune` manages studies. A thin layer over launch/launcher.py.

Everything that can be wrong is found before anything starts: the cell is parsed, the
options are checked, what the cell uses is packed, and only then a driver opens the study.
"""

from __future__ import annotations

import itertools
import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.listing import CHANGED, SORTS, listing, stop_all, stopped_in_words
from jupyter_tune.core.notes import Tags
from jupyter_tune.core.readers.names import one_of
from jupyter_tune.core.readers.numbers import switch
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.launch import launcher
from jupyter_tune.launch.command import Command
from jupyter_tune.launch.here import run_here
from jupyter_tune.launch.option import MAGIC, Option
from jupyter_tune.launch.option_line import help_of, is_option, read_line, words_of
from jupyter_tune.launch.options import read_options
from jupyter_tune.launch.plan import Plan
from jupyter_tune.launch.recipes import recipe_of
from jupyter_tune.launch.trackers import log_study
from jupyter_tune.notebook.autotune import in_words, propose
from jupyter_tune.notebook.cell import Cell
from jupyter_tune.notebook.cell_plan import OPTIONS, plan_of_cell, recall
from jupyter_tune.notebook.existing import Instead, can_go_on_with, is_in_the_way, ways_on
from jupyter_tune.notebook.host import is_app, is_headless
from jupyter_tune.notebook.live import show, show_new
from jupyter_tune.notebook.once import run_once
from jupyter_tune.notebook.outcome import complain_of
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.views.words import size_in_words

_ABOUT = """
Tune the hyperparameters that this cell declares, in the background.

Declare ranges where the variables are first set: `lr: Float(1e-4, 1e-1, log=True) = 1e-2`.
Measure with `report(accuracy=..., step=epoch)`. The study is bound to `study`.
"""

_ACTIONS = {
    "list": "the studies in the default folder, or in the folder NAME, and those that run elsewhere; --tag X",
    "status": "what it has found so far, and its notices",
    "advice": "what its results say about its ranges, its noise and its pruning",
    "stop": "end it; its results stay; --all for all that run on this machine",
    "pause": "start no further trials",
    "resume": "go on after a pause, an end or a restart; --trials N for N more trials",
    "show": "its dashboard",
    "log": "its trials in an experiment tracker, to which they were not logged: --to TRACKER",
    "delete": "remove it, with its logs, checkpoints and artifacts",
}
"""The actions of %tune; each has its method below."""

_ALL = Option("all", (MAGIC,), switch, "all your studies that run on this machine")
_SORT = Option("sort", (MAGIC,), one_of("order", tuple(SORTS)), "the order of the rows", "KEY")
_ACTION_OPTIONS = {
    "list": [_SORT, replace(OPTIONS["tag"], help="only studies with this tag; or KEY alone")],
    "show": [OPTIONS["out"], OPTIONS["dir"]],
    "resume": [OPTIONS["out"], OPTIONS["dir"], OPTIONS["trials"]],
    "stop": [_ALL],
    "log": [replace(OPTIONS["log_to"], name="to"), OPTIONS["dir"]],
    "delete": [OPTIONS["dir"]],
}


class TuneMagics:
    """The magics, and by name the studies that this notebook has started or opened."""

    def __init__(self, shell: InteractiveShell):
        self._shell = shell
        self._handles: dict[str, StudyHandle] = {}
        self._latest: StudyHandle | None = None

    @no_var_expand
    def tune_cell(self, line: str, cell: str) -> None:
        options = read_options(read_line(line, OPTIONS), MAGIC)
        if options.get("help"):
            print(type(self).tune_cell.__doc__)
            return
        if options.get("autotune"):
            self._propose(options, line, cell)
            return
        if options.get("once") and not options.get("dry_run"):
            run_once(self._shell, options, line, cell)
            return
        plan, parsed = plan_of_cell(self._shell, options, line, cell)
        if options.get("dry_run"):
            self._dry_run(plan, parsed)
            return
        headless = is_headless()
        if is_in_the_way(plan) and not headless:
            self._show_existing(plan, options.get("out", "study"), wait=options.get("wait", False))
            return
        handle, notices = self._start(plan, options.get("out", "study"))
        for notice in notices:
            print(notice)
        settled = show_new(handle)
        if plan.here:
            run_here(handle, plan)
        if options.get("wait") or headless:
            handle.wait()
            settled()
            complain_of(handle, raises=headless)

    def _start(self, plan: Plan, variable: str) -> tuple[StudyHandle, list[str]]:
        handle, packed = launcher.start(plan)
        self._handles[handle.name] = handle
        self._bind(handle, variable)
        return handle, packed.notices

    def _show_existing(self, plan: Plan, variable: str, *, wait: bool) -> None:
        handle = self._handles.get(plan.name)
        if handle is None or handle.path != plan.path:
            handle = launcher.load_study(plan.path)
        handle = self._handles[plan.name] = self._up_to_date(handle)
        self._bind(handle, variable)
        if can_go_on_with(handle, plan):
            # this kernel has its code again, also after a restart
            launcher.register_restart(plan)
            handle.declared_as(plan.space)
        if not is_app():  # whose page shows no cells
            print("\n".join(ways_on(handle, plan, variable)))

        def begin(plan: Plan) -> StudyHandle:
            handle, notices = self._start(plan, variable)
            for notice in notices:
                handle.add_notice("info", notice)
            return handle

        show(handle, Instead(recipe_of(plan), begin))
        if wait:
            handle.wait()

    tune_cell.__doc__ = help_of(OPTIONS, "%%tune --maximize METRIC [options]", _ABOUT)

    def _propose(self, options: dict[str, Any], line: str, cell: str) -> None:
        # an empty line for the magic's own: errors have the numbers that the user sees
        proposal = propose("\n" + cell, options)
        rest = [word for word in words_of(line) if word not in ("--autotune", "--dry-run")]
        text = " ".join(["%%tune", *proposal.options, shlex.join(rest)]).rstrip() + proposal.text
        print(in_words(proposal))
        if options.get("dry_run") or is_headless():
            print(f"\n{text}")
        else:
            self._shell.set_next_input(text)

    def _dry_run(self, plan: Plan, parsed: Cell) -> None:
        packed = launcher.dry_run(plan)
        print(f"Study {plan.name!r} would run {plan.settings.trials or 'any number of'} trials:")
        for name, parameter in plan.space.items():
            print(f"  {name}: {parameter!r}, starting at {parameter.default!r}")
        if plan.work["kind"] == COMMAND:
            print(f"Trial 0 would run: {Command.from_work(plan.work).line(plan.space.encoded.defaults())}")
        else:
            print(f"Each trial would be sent ({size_in_words(packed.total)} in all):")
        for name, size in sorted(packed.sizes.items(), key=lambda item: -item[1]):
            print(f"  {name}: {size_in_words(size)}")
        for notice in packed.notices:
            print(notice)
        print("Nothing was started.")

    @no_var_expand
    def tune_line(self, line: str) -> Any:
        words = words_of(line)
        if not words or words[0] not in _ACTIONS:
            got = f"got {words[0]!r}" if words else "got nothing"
            raise OptionError(f"%tune: use one of {', '.join(_ACTIONS)}; {got}")
        action, *rest = words
        known = {option.name: option for option in _ACTION_OPTIONS.get(action, ())}
        names = list(itertools.takewhile(lambda word: not is_option(word, known), rest))
        if len(names) > 1:
            raise OptionError(f"%tune {action}: takes one name, got {' '.join(names)}; quote one with spaces")
        given = read_line(shlex.join(rest[len(names) :]), known)
        options = {key: known[key].read(value, known[key].flag) for key, value in given.items()}
        return getattr(self, f"_{action}")(names[0] if names else None, **options)

    tune_line.__doc__ = "\n".join(
        [
            "%tune ACTION [NAME]",
            "",
            "Manage studies. NAME is a study's name; without it, the latest that this notebook started.",
            "",
            *(f"  %tune {action:<8}{does}" for action, does in _ACTIONS.items()),
            "",
            "show and resume bind the study to `study`, or to -o VARIABLE; --dir DIR is its folder.",
            f"list --sort KEY sorts by {', '.join(SORTS)}.",
        ]
    )

    def _list(self, folder: str | None, sort: str = CHANGED, tag: Tags | None = None) -> None:
        print(listing(journal.study_folder(folder), self._handles, sort, tag))

    def _status(self, name: str | None) -> None:
        handle = self._find(name)
        print(repr(handle))
        print(handle.disk())
        for _, text in handle.notices:
            print(text)

    def _advice(self, name: str | None) -> None:
        print(self._find(name).advice())

    def _stop(self, name: str | None, all: bool = False) -> None:
        if not all:
            self._find(name).stop()
        elif name is not None:
            raise OptionError("%tune stop: give the name of a study, or --all")
        else:
            print(stopped_in_words(stop_all()))

    def _log(self, name: str | None, to: tuple[str, ...] = (), dir: str | None = None) -> None:
        if not to:
            raise OptionError("%tune log: give the tracker, as in %tune log NAME --to mlflow")
        for tracker in to:
            log_study(self._find(name, dir).path, tracker, lambda text, level: print(text))

    def _delete(self, name: str | None, dir: str | None = None) -> None:
        if name is None:
            raise OptionError("%tune delete: give the name of the study; what is deleted is gone")
        path = journal.study_path(name, journal.study_folder(dir))
        journal.delete(path)
        print(f"Deleted: {path}")

    def _pause(self, name: str | None) -> None:
        self._find(name).pause()

    def _resume(
        self, name: str | None, trials: int | None = None, out: str = "study", dir: str | None = None
    ) -> None:
        handle = self._up_to_date(self._find(name, dir))
        recall(self._shell, handle)
        handle.resume(trials)
        self._bind(handle, out)

    def _show(self, name: str | None, out: str = "study", dir: str | None = None) -> None:
        handle = self._up_to_date(self._find(name, dir))
        recall(self._shell, handle)  # also for the Resume of its dashboard
        self._bind(handle, out)
        show(handle)

    def _bind(self, handle: StudyHandle, variable: str) -> None:
        self._latest = handle
        self._shell.push({variable: handle})

    def _up_to_date(self, handle: StudyHandle) -> StudyHandle:
        """The handle, following the driver that runs the study now; another handle if its file holds another
        study."""
        if not handle.is_over or not handle.path.exists():
            return handle
        try:
            handle.reconnect()
        except DriverError:
            handle = self._handles[handle.name] = launcher.load_study(handle.path)
        return handle

    def _find(self, name: str | None, dir: str | None = None) -> StudyHandle:
        if name is None:
            if self._latest is None:
                raise OptionError("%tune: this notebook has started no study; give a name, or see %tune list")
            return self._latest
        if dir is None and name in self._handles:
            return self._handles[name]
        path = _moved(journal.study_path(name, journal.study_folder(dir)))
        for handle in self._handles.values():
            if handle.path == path:
                return handle
        self._handles[name] = launcher.load_study(path)
        return self._handles[name]


def _moved(path: Path) -> Path:
    """The file of a study; in the default folder, if it was moved there with the notebook that names it."""
    here = journal.study_folder() / path.name
    if path.exists() or not here.exists():
        return path
    print(f"{path} is not there; this is the study of that name in {here.parent}{os.sep}")
    return here
