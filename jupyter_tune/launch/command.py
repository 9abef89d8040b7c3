"""A command as what a study tunes: a program that is run once for each trial."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_tune.core.readers.commands import expression, expressions, words
from jupyter_tune.core.readers.names import meant_or
from jupyter_tune.core.readers.places import file
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError
from jupyter_tune.payload.command_words import (
    COMMAND,
    CONFIGS,
    PROVIDED,
    filled,
    placeholders,
    variable_of,
)

_PYTHON = re.compile(r"python[\d.]*|\{python\}")
_PYTHONS_VALUES = {"-W", "-X", "--check-hash-based-pycs"}


@dataclass(frozen=True, init=False)
class Command:
    """A program to tune, for `jt.tune(jt.Command("python train.py --lr {lr}"), ranges, ...)`.

    Args:
        command:   as typed in a shell, or a list of words. `{lr}` stands for the value of the parameter lr,
                   `{config.json}` for the path of a file with all of them. No shell runs it.
        metrics:   name -> regular expression with one group, the value. Each match in a line of stdout,
                   stderr or the log file is a report. Without it the program calls jupyter_tune.report.
        step_from: regular expression with one group, the step of the line and of those after it; by
                   default the values are counted.
        log_file:  a file that the program writes and whose lines are read too.

    Raises: OptionError naming the word or expression.
    """

    words: tuple[str, ...]
    metrics: Mapping[str, str]
    step_from: str | None
    log_file: str | None

    def __init__(
        self,
        command: str | Sequence[str],
        *,
        metrics: Mapping[str, str] | None = None,
        step_from: str | None = None,
        log_file: str | os.PathLike[str] | None = None,
    ):
        fill = object.__setattr__
        fill(self, "words", words(command, "command"))
        fill(self, "metrics", {} if metrics is None else expressions(metrics, "metrics"))
        fill(self, "step_from", None if step_from is None else expression(step_from, "step_from"))
        fill(self, "log_file", None if log_file is None else file(log_file, "log_file"))
        placeholders(self._templates)

    @property
    def _templates(self) -> tuple[str, ...]:
        return (*self.words, *([self.log_file] if self.log_file else []))

    @property
    def work(self) -> dict[str, Any]:
        """What a trial runs (see trials/program.py)."""
        return {
            "kind": COMMAND,
            "words": list(self.words),
            "metrics": dict(self.metrics),
            "step_from": self.step_from,
            "log_file": self.log_file,
        }

    @classmethod
    def from_work(cls, work: Mapping[str, Any]) -> Command:
        """The command whose work this is."""
        return cls(
            work["words"],
            metrics=work["metrics"],
            step_from=work["step_from"],
            log_file=work["log_file"],
        )

    def line(self, params: Mapping[str, Any]) -> str:
        """The command as typed in a shell, with these values; what a trial provides keeps its placeholder."""
        values = {name: f"{{{name}}}" for name in PROVIDED} | {name: str(v) for name, v in params.items()}
        return shlex.join(filled(self.words, values))

    def check(self, space: Space, metrics: Sequence[str], workers: int = 1) -> list[str]:
        """Check it against the ranges, the study's metrics and this machine. Returns notices.

        Raises: OptionError naming the placeholder, metric or program.
        """
        used = placeholders(self._templates)
        for name in used:
            if name not in space and name not in PROVIDED:
                raise OptionError(f"{{{name}}}: {_unknown(name, space)}")
        for name in placeholders([self.words[0], *([self.log_file] if self.log_file else [])]):
            if name in space and space.conditions(name):
                raise OptionError(
                    f"{{{name}}}: some trials do not have this conditional parameter, and neither the "
                    "program nor the log file can be left out; use another"
                )
        for metric in metrics:
            if self.metrics and metric not in self.metrics:
                way_out = meant_or(metric, [*space, *self.metrics], f"add one, like '{metric}=([0-9.]+)'")
                raise OptionError(
                    f"metric {metric}: no regular expression finds it, there is only one for "
                    f"{', '.join(self.metrics)}; {way_out}"
                )
        self._check_variables(space)
        self._check_program()
        self._check_log_file(workers)
        return list(self._notices(space, used))

    def _check_variables(self, space: Space) -> None:
        names = Counter(map(variable_of, space))
        twice = [name for name in space if names[variable_of(name)] > 1]
        if twice:
            raise OptionError(
                f"{' and '.join(twice)} would be the same variable of the command's environment, "
                f"{variable_of(twice[0])}; rename one"
            )

    def _check_program(self) -> None:
        program = self.words[0]
        if not placeholders([program]):
            found = shutil.which(program)
            if found is None:
                reason = "cannot be executed" if Path(program).is_file() else "there is no such program"
                place = f"in {os.getcwd()}" if os.sep in program else "on the PATH"
                raise OptionError(f"{program}: {reason} {place}; give its path, or install it")
        script = next(self._scripts(), None)
        if script is not None and not placeholders([script]) and not Path(script).exists():
            raise OptionError(f"{script}: there is no such file in {os.getcwd()}; give its path")

    def _scripts(self) -> Iterator[str]:
        """The script that Python is to run, if it is Python that the command runs."""
        if not _PYTHON.fullmatch(Path(self.words[0]).name):
            return
        rest = iter(self.words[1:])
        for word in rest:
            if word in _PYTHONS_VALUES:
                next(rest, None)
            elif word in ("-m", "-c", "-"):
                return
            elif not word.startswith("-"):
                yield word

    def _notices(self, space: Space, used: Sequence[str]) -> Iterator[str]:
        if not any(name in CONFIGS and name not in space for name in used):
            unused = [name for name in space if name not in used]
            if unused:
                variables = ", ".join(map(variable_of, unused))
                yield (
                    f"{', '.join(unused)}: not in the command; the program finds "
                    f"{'it' if len(unused) == 1 else 'them'} in its environment only, as {variables}."
                )
        program = self.words[0]
        found = shutil.which(program)
        if program in ("python", "python3") and found and Path(found).parent != Path(sys.executable).parent:
            yield f"{program} is {found}; write {{python}} for {sys.executable}, which runs this process."

    def _check_log_file(self, workers: int) -> None:
        if self.log_file and workers > 1 and not placeholders([self.log_file]):
            raise OptionError(
                f"log_file: {workers} trials at once would all write {self.log_file}; "
                "give each its own, like {trial.folder}/train.log, or use one worker"
            )


def command_of(options: Mapping[str, Any]) -> Command | None:
    """The command in checked options; None if they have none.

    Raises: OptionError for an option that needs a command.
    """
    given = [name for name in ("metric", "step_from", "log_file") if name in options]
    if "command" not in options:
        if given:
            flag = "--" + given[0].replace("_", "-")
            raise OptionError(f"{flag}: reads the output of a command; add --command, or leave it out")
        return None
    return command_with(options["command"], options)


def command_with(words: Sequence[str], options: Mapping[str, Any]) -> Command:
    """The command of these words, whose output is read as checked options say."""
    return Command(
        words,
        metrics=options.get("metric"),
        step_from=options.get("step_from"),
        log_file=options.get("log_file"),
    )


def _unknown(name: str, space: Space) -> str:
    parameters = f"there are {', '.join(space)}; write {{{{{name}}}}} for braces"
    return f"there is no such parameter; {meant_or(name, [*space, *PROVIDED], parameters)}"
