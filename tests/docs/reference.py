"""Writes what the pages say of options and commands: the tables of docs/options.md, and docs/command-line.md.

    python -m tests.docs.reference

The table of options and the commands of click are the one definition. tests/docs/test_reference.py fails
where a page differs from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path

import click

from jupyter_tune.cli.app import cli
from jupyter_tune.launch.option import EVERYWHERE, LINES, MAGIC, RUN, STUDIES, Option
from jupyter_tune.launch.option_table import OPTIONS
from jupyter_tune.registry import PRUNERS, SAMPLERS, TRACKERS

DOCS = Path(__file__).parents[2] / "docs"
OPTIONS_PAGE, COMMANDS_PAGE = DOCS / "options.md", DOCS / "command-line.md"
_MARKS = (
    "<!-- written by: python -m tests.docs.reference -->\n",
    "<!-- end of what is written -->\n",
)

GROUPS = {
    "Metrics": "maximize minimize subject_to",
    "How many trials, and where": "trials workers gpus_per_trial on resources insecure detach",
    "When the study ends": (
        "timeout target patience stop_when_converged price budget max_failures trial_timeout retries"
    ),
    "The search": (
        "sampler pruner max_steps min_steps reduction_factor repeats confirm seed batch_deterministic"
    ),
    "Earlier studies": "resume edited overwrite warm_start narrow transfer",
    "What a study keeps": "name dir keep tag log_to",
    "Commands": "command metric step_from log_file space",
    "The cell": "out wait dry_run once autotune help",
}
"""Heading -> the options below it."""

MORE = {
    "subject_to": "trials.md#several-metrics-and-constraints",
    "workers": "trials.md#debugging-a-trial",
    "gpus_per_trial": "trials.md#gpus",
    "on": "clusters.md",
    "detach": "commands.md#in-a-terminal",
    "patience": "stopping.md",
    "stop_when_converged": "stopping.md",
    "price": "stopping.md",
    "budget": "stopping.md",
    "retries": "trials.md#when-a-trial-fails",
    "repeats": "trials.md#folds-and-repeats",
    "confirm": "trials.md#confirm-the-best",
    "batch_deterministic": "resuming.md#the-same-trials-whatever-the-timing",
    "resume": "resuming.md",
    "edited": "resuming.md#when-the-code-or-the-data-changed",
    "warm_start": "warm-start.md",
    "narrow": "warm-start.md#a-second-round---narrow",
    "transfer": "warm-start.md#another-task---transfer",
    "keep": "results.md#the-best-models-alone",
    "tag": "results.md#tags-and-notes",
    "log_to": "loggers.md",
    "command": "commands.md",
    "once": "trials.md#before-a-study-one-run-here",
    "autotune": "#ranges-from-a-plain-cell",
}
"""Where more is said of an option."""

_NAMES: dict[str, Iterable[str]] = {
    "sampler": SAMPLERS,
    "pruner": PRUNERS,
    "max_steps": PRUNERS,
    "log_to": TRACKERS,
}
"""The names that the help of an option may list."""

_PLACES = {
    EVERYWHERE: "all",
    STUDIES: "all but `Tuner`",
    LINES: "lines",
    (MAGIC,): "`%%tune`",
    (RUN,): "`run`",
}
_CODE = (
    r"(?<!\w)'([^']+)'(?!\w)"
    r"|(--[\w-]+(?: VALUE)?|\{\w+\}|\w+\(\.\.\.\)|NAME\.tune\.db|JUPYTER_TUNE_\w+|\./studies|trial\.repeat"
    r"|\b\w+=\w+|(?<![\w.])[\d.]+%/h|0\.001/h|\b(?:90s?|10m|1h30m)\b(?=[,)]|$)"
)


def options_page() -> str:
    """The text of docs/options.md, with its tables as the options are."""
    text = OPTIONS_PAGE.read_text()
    (head, rest), (start, end) = text.split(_MARKS[0]), _MARKS
    return f"{head}{start}\n{''.join(_tables())}{end}{rest.partition(end)[2]}"


def commands_page() -> str:
    """The text of docs/command-line.md."""
    return "\n".join(_commands()).rstrip() + "\n"


def _tables() -> Iterator[str]:
    named = {option.name: option for option in OPTIONS}
    for title, names in GROUPS.items():
        yield f"## {title}\n\n| Option | Meaning | Given to |\n|---|---|---|\n"
        for option in map(named.__getitem__, names.split()):
            yield f"| {_flags(option)} | {_help(option)} | {_PLACES[option.where]} |\n"
        yield "\n"


def _flags(option: Option) -> str:
    values = f" {option.metavar}{'…' if option.several else ''}" if option.metavar else ""
    short = f"`{option.short}`, " if option.short else ""
    return f"{short}`{option.flag}{values}`"


def _help(option: Option) -> str:
    said = _as_markdown(option.help, _NAMES.get(option.name, ()))
    more = f" ([more]({MORE[option.name]}))" if option.name in MORE else ""
    return re.sub(r"\(see docs/([\w.-]+)\)", r"([more](\1))", said) + more


def _as_markdown(text: str, names: Iterable[str] = ()) -> str:
    """A help text with its code in backticks: what stands in quotes, and what is written in a line."""
    listed = "".join(rf"|\b{name}\b" for name in names)
    return re.sub(f"{_CODE}{listed})", lambda found: f"`{found[1] or found[2]}`", text)


def _commands() -> Iterator[str]:
    yield from (_MARKS[0], "# The command line", "")
    yield "`jupyter tune` is the same program; [scripts and commands](commands.md) shows what it is for."
    yield from ("", *_about(cli), "", "| Command | |", "|---|---|")
    commands = sorted(cli.commands.items())
    for name, command in commands:
        yield f"| [`{name}`](#{name}) | {_as_markdown(_about(command)[0])} |"
    for name, command in commands:
        context = click.Context(command, info_name=f"jupyter-tune {name}")
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        yield from ("", f"## {name}", "", "```", usage, "```", "", *_about(command))
        of_studies = {option.name for option in OPTIONS if RUN in option.where} if name == "run" else set()
        own = [
            each for each in command.params if isinstance(each, click.Option) and each.name not in of_studies
        ]
        if of_studies:
            yield from ("", "It takes the [options](options.md) of studies, lines and `run`, and these:")
        if own:
            yield from ("", "| Option | Meaning |", "|---|---|")
        for option in own:
            yield f"| {_written(option)} | {_as_markdown(option.help or '')} |"


def _about(command: click.Command) -> list[str]:
    """The help of a command, as lines of Markdown."""
    lines: list[str] = []
    for paragraph in cleandoc(command.help or "").split("\n\n"):
        is_code = paragraph.startswith("    ")
        lines += ["", *(["```", paragraph.strip(), "```"] if is_code else [" ".join(paragraph.split())])]
    return lines[1:]


def _written(option: click.Option) -> str:
    if option.secondary_opts:
        return f"`{option.opts[0]}`, `{option.secondary_opts[0]}`"
    choices = "|".join(option.type.choices) if isinstance(option.type, click.Choice) else ""
    value = "" if option.is_flag else f" {option.metavar or choices or (option.name or '').upper()}"
    *others, last = sorted(option.opts, key=len)
    return ", ".join([*(f"`{each}`" for each in others), f"`{last}{value}`".replace("|", "\\|")])


if __name__ == "__main__":
    OPTIONS_PAGE.write_text(options_page())
    COMMANDS_PAGE.write_text(commands_page())
