"""The table of all options of %%tune, tune(), Tuner and jupyter-tune run, with their help and checks.

Each option is one row of OPTIONS. In a line it is written `--max-steps 27` (that of a magic is parsed by
option_line.py), in Python `max_steps=27`. Its reader checks the value.
"""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_tune.core.readers.commands import expression, expressions, words
from jupyter_tune.core.readers.conditions import constraints
from jupyter_tune.core.readers.names import metrics, one_of, some_of, study_name, variable
from jupyter_tune.core.readers.numbers import gpus, real, seconds, switch, whole
from jupyter_tune.core.readers.places import cluster, file, folder, resources, studies
from jupyter_tune.core.readers.rules import budget, patience, price
from jupyter_tune.core.readers.tags import tags
from jupyter_tune.launch.option import EVERYWHERE, LINES, MAGIC, RUN, STUDIES, Option
from jupyter_tune.registry import PRUNERS, SAMPLERS, TRACKERS


def _names(among: Iterable[str]) -> str:
    first, *others = among
    return f"{first} (default), {', '.join(others[:-1])} or {others[-1]}"


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"


_WITHOUT_STEPS = " and ".join(name for name, kind in PRUNERS.items() if not kind.needs_steps)


OPTIONS = (
    Option(
        "maximize",
        EVERYWHERE,
        metrics,
        "the metric to maximize, as named in report(...); may be given again, for several metrics",
        "METRIC",
        repeats=True,
    ),
    Option("minimize", EVERYWHERE, metrics, "a metric to minimize", "METRIC", repeats=True),
    Option(
        "subject_to",
        EVERYWHERE,
        constraints,
        "what a trial has to satisfy, over parameters and metrics: 'latency <= 20'; may be given again",
        "EXPR",
        repeats=True,
    ),
    Option("trials", EVERYWHERE, whole(1), "how many; without it the study runs until stopped", "N", "-n"),
    Option(
        "workers",
        STUDIES,
        whole(0),
        "trials that run at the same time (default: one for each GPU; without GPUs, one for each core and GB "
        "of memory); 0: one after the other in the notebook's own process, for a debugger",
        "N",
        "-j",
    ),
    Option(
        "gpus_per_trial",
        STUDIES,
        gpus,
        "GPUs of each trial: 2, or 0.5 for two trials on one (default: 1 if there are any; 0 hides them)",
        "N",
    ),
    Option("timeout", STUDIES, seconds, "end the study after this time: 90, 90s, 10m, 1h30m", "TIME"),
    Option("trial_timeout", STUDIES, seconds, "end a trial that takes longer, as failed", "TIME"),
    Option("target", STUDIES, real, "end the study when a trial reaches this value", "VALUE"),
    Option(
        "patience",
        STUDIES,
        patience,
        "end the study after N trials without improvement; with X%, after N that improved the best value by "
        "less than X% of it in all",
        "N[,X%]",
    ),
    Option(
        "stop_when_converged",
        STUDIES,
        switch,
        "end the study when the model expects nothing more to gain than noise",
    ),
    Option(
        "price",
        STUDIES,
        price,
        "what an hour is worth, 0.1%/h of the best value or 0.001/h of the metric: end the study when the "
        "coming trials are expected to gain less",
        "AMOUNT/h",
    ),
    Option(
        "budget",
        STUDIES,
        budget,
        "end the study when its trials have taken '10000 steps', '8 gpu-hours', '20 core-hours' or "
        "'40 trial-hours'",
        "AMOUNT",
    ),
    Option("max_failures", STUDIES, whole(1), "end the study after N failed trials", "N"),
    Option("sampler", EVERYWHERE, one_of("sampler", tuple(SAMPLERS)), _names(SAMPLERS), "NAME"),
    Option("pruner", EVERYWHERE, one_of("pruner", tuple(PRUNERS)), _names(PRUNERS), "NAME"),
    Option(
        "min_steps",
        EVERYWHERE,
        whole(1),
        "never prune a trial before step N (default: 6% of a full training)",
        "N",
    ),
    Option(
        "max_steps",
        EVERYWHERE,
        whole(1),
        f"steps of a full training; without it only {_WITHOUT_STEPS} prune",
        "N",
    ),
    Option("reduction_factor", EVERYWHERE, whole(2), "keep one trial in N at each rung (default: 3)", "N"),
    Option(
        "retries",
        STUDIES,
        whole(0),
        "start a failed trial again N times (default: 0; 1 after a crash, out of memory or a lost worker)",
        "N",
    ),
    Option(
        "repeats",
        EVERYWHERE,
        whole(1),
        "run each trial N times with other seeds, trial.repeat 0 to N-1; its value is the mean (default: 1)",
        "N",
    ),
    Option(
        "confirm",
        EVERYWHERE,
        whole(2),
        "the last N of the trials measure the best ones again, and say how sure the best is",
        "N",
    ),
    Option("seed", EVERYWHERE, whole(0, 2**64 - 1), "seed of all random choices (default: 0)", "N"),
    Option(
        "batch_deterministic",
        STUDIES,
        switch,
        "the same trials whatever the timing: in rounds of as many as workers, which wait for each other",
    ),
    Option(
        "name",
        STUDIES,
        study_name,
        "the study's file is NAME.tune.db (default: a name from the time)",
        "NAME",
    ),
    Option(
        "keep",
        STUDIES,
        whole(1),
        "keep checkpoints and artifacts of the best N trials alone (default: of all)",
        "N",
    ),
    Option("dir", STUDIES, folder, "folder for studies (default: JUPYTER_TUNE_DIR, or ./studies)", "DIR"),
    Option("tag", STUDIES, tags, "tag the study: data=cifar10; or a word alone", "KEY=VALUE", several=True),
    Option(
        "log_to",
        STUDIES,
        some_of("tracker", tuple(TRACKERS)),
        f"log the trials to {_listed(TRACKERS)}, by its own library and settings; may be given again",
        "TRACKER",
        repeats=True,
    ),
    Option("resume", STUDIES, switch, "continue the study of that name"),
    Option(
        "edited",
        STUDIES,
        switch,
        "with --resume: the code was edited; earlier trials guide the search, and are no results any more",
    ),
    Option(
        "overwrite",
        STUDIES,
        switch,
        "replace the study of that name; its file is kept under a dated name",
    ),
    Option(
        "warm_start",
        STUDIES,
        studies,
        "count the trials of these earlier studies of the same search as trials of this one",
        "NAME",
        several=True,
    ),
    Option("narrow", STUDIES, switch, "with warm_start: draw from the ranges around the best of its trials"),
    Option(
        "transfer",
        STUDIES,
        studies,
        "let earlier studies on other data, of another metric or other ranges guide this one",
        "NAME",
        several=True,
    ),
    Option(
        "command",
        (MAGIC,),
        words,
        "run this program, with {lr} for the value of lr; the cell has the ranges alone",
        "COMMAND",
    ),
    Option(
        "metric",
        LINES,
        expressions,
        "read a metric from the program's output: the group of REGEX is its value",
        "NAME REGEX",
        pairs=True,
    ),
    Option(
        "step_from",
        LINES,
        expression,
        "read the step from the output too (default: count the values)",
        "REGEX",
    ),
    Option("space", (RUN,), file, "the TOML file with the ranges", "FILE"),
    Option("log_file", LINES, file, "read this file of the program, too", "PATH"),
    Option(
        "on",
        STUDIES,
        cluster,
        "run the trials on this Dask cluster: a Client or cluster, an address or a scheduler file",
        "CLUSTER",
    ),
    Option(
        "insecure", STUDIES, switch, "accept a cluster on other machines without TLS (see docs/clusters.md)"
    ),
    Option(
        "resources",
        STUDIES,
        resources,
        "what a trial takes of a Dask worker's resources: GPU=1",
        "NAME=N",
        several=True,
    ),
    Option("out", (MAGIC,), variable, "the variable to bind (default: study)", "VARIABLE", "-o"),
    Option("wait", (MAGIC,), switch, "return when the study has ended"),
    Option("detach", STUDIES, switch, "keep the study running when the kernel or the terminal ends"),
    Option(
        "dry_run",
        LINES,
        switch,
        "check everything, show what the trials would run, start nothing",
    ),
    Option(
        "once",
        (MAGIC,),
        switch,
        "run the cell here once, each parameter at its default, without a study",
    ),
    Option("autotune", (MAGIC,), switch, "propose ranges, metric and steps for a plain cell; start nothing"),
    Option("help", (MAGIC,), switch, "print this help; start nothing", short="-h"),
)
