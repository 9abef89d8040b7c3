"""`%%tune` runs a cell as a study; `%tune` looks after studies. The thin skin over launch.py.

Everything that can be wrong is found before anything starts: the cell is parsed, the
options are checked, what the cell uses is packed, and only then a driver opens the study.
"""

from __future__ import annotations

import contextlib
import difflib
import shlex
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments, parse_argstring

from jupyter_tune import journal, launch
from jupyter_tune.core.events import Settings
from jupyter_tune.core.settings import OPTIONS, make_settings
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import DriverError, OptionError, TuneError
from jupyter_tune.notebook.cell import Cell, parse
from jupyter_tune.notebook.live import LiveView, show
from jupyter_tune.study_handle import StudyHandle

_LIST_ROW = "{:<28} {:<11} {:>7} {:>10}  {}"


class TuneMagics:
    """Keeps by name the studies that this notebook has started or looked after."""

    def __init__(self, shell: InteractiveShell):
        self._shell = shell
        self._handles: dict[str, StudyHandle] = {}
        self._latest: StudyHandle | None = None

    @no_var_expand
    @magic_arguments()
    @argument("--maximize", metavar="METRIC", help="the metric to make large, as named in report(...)")
    @argument("--minimize", metavar="METRIC", help="the metric to make small")
    @argument("-n", "--trials", help="how many trials; without a limit the study runs until stopped")
    @argument("-j", "--workers", help="trials at once (default: 1)")
    @argument("--gpus-per-trial", help="GPUs for each trial; not available in this version")
    @argument("--timeout", help="end the study after this time: 90, 90s, 10m, 2h")
    @argument("--target", help="end the study when a trial reaches this value")
    @argument("--patience", help="end the study after so many trials without a better one")
    @argument("--sampler", help="gp (default), random, sobol or grid")
    @argument("--pruner", help="asha (default), hyperband, median or none")
    @argument("--min-steps", help="no trial is stopped before (default: 6%% of --max-steps)")
    @argument("--max-steps", help="the steps of a full training; without it only median prunes")
    @argument("--reduction-factor", help="one in so many goes on at each rung (default: 3)")
    @argument("--seed", help="the seed of every random choice (default: 0)")
    @argument("--name", help="the study's name and file: NAME.tune.db (default: from the time)")
    @argument("--dir", help="folder of the studies (default: JUPYTER_TUNE_DIR, else ./studies)")
    @argument("--resume", action="store_true", help="go on with the study of that name")
    @argument("--warm-start", metavar="NAME", nargs="+", help="learn from these earlier studies")
    @argument("--on", metavar="ADDRESS", help="a Dask cluster; not available in this version")
    @argument("-o", "--out", default="study", help="the variable to bind (default: study)")
    @argument("--wait", action="store_true", help="return when the study has ended")
    @argument("--detach", action="store_true", help="the study outlives the kernel")
    @argument("--dry-run", action="store_true", help="check everything, say what would travel, start nothing")
    def tune_cell(self, line: str, cell: str) -> None:
        """Tune the hyperparameters that this cell declares, in the background.

        Declare ranges where the variables are born: `lr: Float(1e-4, 1e-1, log=True) = 1e-2`.
        Measure with `report(accuracy=..., step=epoch)`. The study is bound to `study`.
        """
        args = _parse_options(type(self).tune_cell, line)
        plan, parsed = self._plan(args, line, cell)
        if args.dry_run:
            self._dry_run(plan, parsed)
            return
        handle, packed = launch.start(plan)
        self._handles[plan.name] = self._latest = handle
        self._shell.push({args.out: handle})
        for notice in packed.notices:
            print(notice)
        headless = self._is_headless()
        view = LiveView(handle, live=not headless)
        if args.wait or headless:
            handle.wait()
            view.join()
            self._complain_if_interrupted(handle)

    def _plan(self, args: Any, line: str, cell: str) -> tuple[launch.Plan, Cell]:
        for option, value in (("--gpus-per-trial", args.gpus_per_trial), ("--on", args.on)):
            if value is not None:
                raise OptionError(f"{option}: not available in this version, got {value!r}; leave it out")
        if not args.out.isidentifier():
            raise OptionError(f"--out: {args.out!r} cannot be a variable's name; try --out study")
        namespace: dict[str, Any] = self._shell.user_ns
        # an empty line for the magic's own: lines are then numbered as the reader of the cell sees them
        parsed = parse("\n" + cell, namespace)
        settings = _settings(args)
        parsed.check_metric(settings.metric)
        name = launch.study_name(args.name)
        folder = journal.study_folder(args.dir)
        shown = f"%%tune {line}\n{cell}"
        work = {
            "kind": "cell",
            "source": parsed.code,
            "shown": shown,
            "filename": f"<%%tune {name}>",
            "names": {used: namespace[used] for used in sorted(parsed.uses) if used in namespace},
        }
        plan = launch.Plan(
            name=name,
            folder=folder,
            space=parsed.space,
            settings=settings,
            work=work,
            origin=launch.origin_of("cell", shown),
            resume=args.resume,
            detach=args.detach,
            added=launch.results_of(args.warm_start or (), folder, parsed.space, settings),
        )
        plan.check()
        return plan, parsed

    def _dry_run(self, plan: launch.Plan, parsed: Cell) -> None:
        packed = launch.weigh(plan)
        print(f"Study {plan.name!r} would run {plan.settings.trials or 'any number of'} trials:")
        for name, parameter in plan.space.items():
            print(f"  {name}: {parameter!r}, starting at {parameter.default!r}")
        print(f"To each trial would travel ({_size_in_words(packed.total)} in all):")
        for name, size in sorted(packed.sizes.items(), key=lambda item: -item[1]):
            print(f"  {name}: {_size_in_words(size)}")
        for notice in packed.notices:
            print(notice)
        print("Nothing was started.")

    @no_var_expand
    def tune_line(self, line: str) -> Any:
        """Look after studies: %tune list | status | stop | pause | resume | show [NAME]

        NAME is the study's name; without one, the latest that this notebook started.
        """
        words = shlex.split(line)
        actions = {
            "list": self._list,
            "status": self._status,
            "stop": self._stop,
            "pause": self._pause,
            "resume": self._resume,
            "show": self._show,
        }
        if not words or words[0] not in actions:
            got = f"got {words[0]!r}" if words else "got nothing"
            raise UsageError(f"%tune: say one of {', '.join(actions)}; {got}")
        if len(words) > 2:
            raise UsageError(f"%tune {words[0]}: takes one name, got {' '.join(words[1:])}")
        return actions[words[0]](words[1] if len(words) == 2 else None)

    def _list(self, folder: str | None) -> None:
        place = journal.study_folder(folder)
        paths = sorted(place.glob(f"*{journal.SUFFIX}"), key=lambda path: path.stat().st_mtime)
        if not paths:
            print(f"No studies in {place}.")
            return
        print(_LIST_ROW.format("name", "state", "trials", "best", "metric"))
        for path in paths:
            print(_row(path, self._handles))

    def _status(self, name: str | None) -> None:
        handle = self._find(name)
        print(repr(handle))
        for _, text in handle.notices:
            print(text)

    def _stop(self, name: str | None) -> None:
        self._find(name).stop()

    def _pause(self, name: str | None) -> None:
        self._find(name).pause()

    def _resume(self, name: str | None) -> None:
        self._find(name).resume()

    def _show(self, name: str | None) -> None:
        show(self._find(name))

    def _find(self, name: str | None) -> StudyHandle:
        if name is None:
            if self._latest is None:
                raise UsageError("%tune: this notebook has started no study; give a name, or see %tune list")
            return self._latest
        if name not in self._handles:
            self._handles[name] = launch.load_study(name)
        return self._handles[name]

    def _is_headless(self) -> bool:
        # nbclient (under nbconvert and papermill) asks for no input, a notebook's front end does;
        # without a wait it would end the kernel, and the study with it, after the last cell
        kernel = getattr(self._shell, "kernel", None)
        if kernel is None:
            return False
        content = kernel.get_parent().get("content", {})
        return not content.get("allow_stdin", True)

    def _complain_if_interrupted(self, handle: StudyHandle) -> None:
        if handle.state == INTERRUPTED:
            raise DriverError(
                f"study {handle.name!r} was interrupted: its driver process ended; "
                "run the cell again with --resume"
            )
        for level, text in handle.notices:
            if level == "error":
                print(text)


def _parse_options(magic: Any, line: str) -> Any:
    try:
        return parse_argstring(magic, line)
    except UsageError as error:
        raise UsageError(f"%%tune: {error}{_did_you_mean(magic.parser, line)}") from None


def _did_you_mean(parser: MagicArgumentParser, line: str) -> str:
    known = [option for action in parser._actions for option in action.option_strings]
    for word in line.split():
        option = word.partition("=")[0]
        if option.startswith("-") and option not in known:
            close = difflib.get_close_matches(option, known, 1)
            return f"; did you mean {close[0]}?" if close else "; %%tune? lists the options"
    return "; %%tune? lists the options"


def _settings(args: Any) -> Settings:
    given = {name: getattr(args, name) for name in OPTIONS if getattr(args, name, None) is not None}
    return make_settings(**given)


def _row(path: Path, handles: dict[str, StudyHandle]) -> str:
    name = path.name.removesuffix(journal.SUFFIX)
    try:
        if name in handles:
            return _row_of(handles[name])
        with contextlib.closing(StudyHandle.read(path)) as handle:
            return _row_of(handle)
    except TuneError as error:
        return f"{name:<28} {error}"


def _row_of(handle: StudyHandle) -> str:
    study = handle.snapshot()
    best = study.best_trial
    shown = f"{best.value:.6g}" if best and best.value is not None else "-"
    return _LIST_ROW.format(handle.name, handle.state, len(study.trials), shown, study.settings.metric)


def _size_in_words(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def load(shell: InteractiveShell) -> None:
    """Register the magics, put the words of a tuning cell into the notebook, and warm a driver."""
    from jupyter_tune import Categorical, Float, Int, report, trial

    magics = TuneMagics(shell)
    register: Any = shell.register_magic_function  # its annotation takes the function for a shell
    register(magics.tune_cell, "cell", "tune")
    register(magics.tune_line, "line", "tune")
    shell.user_ns.update(Float=Float, Int=Int, Categorical=Categorical, report=report, trial=trial)
    formatter = shell.display_formatter.ipython_display_formatter  # type: ignore[union-attr]
    formatter.for_type(StudyHandle, show)
    launch.warm_up()

    warmed = launch.loaded_libraries()

    def warm_what_was_imported(*_: Any) -> None:
        nonlocal warmed
        if launch.loaded_libraries() != warmed and launch.has_warm_driver():
            warmed = launch.loaded_libraries()
            with contextlib.suppress(DriverError):  # it died: the next study starts its own
                launch.warm_up()

    shell.events.register("post_run_cell", warm_what_was_imported)
