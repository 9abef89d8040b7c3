"""The ways in which a command gets the values of its trial.

arguments      {lr} in a word; see payload/command_words.py
environment    JUPYTER_TUNE_PARAM_LR for every parameter, JUPYTER_TUNE_TRIAL, _SEED and _REPEAT
a file         {config.json}, {config.yaml} or {config.toml} is its path in the trial's folder
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_tune.payload.command_words import CONFIGS, filled, placeholders, variable_of
from jupyter_tune.trials.artifacts import attempt_folder
from jupyter_tune.trials.report import RunningTrial


def handed_over(words: Sequence[str], running: RunningTrial, folder: Path) -> list[str]:
    """`words` with the trial's values. Writes the file of parameters if a word has its path."""
    used = [name for name in placeholders(words) if name not in running.params]
    values = {name: str(value) for name, value in running.params.items()}
    for name in used:
        if name in CONFIGS:
            values[name] = str(write_config(folder, CONFIGS[name], running.params))
        elif name == "trial.checkpoint_dir":
            values[name] = str(running.checkpoints)
        elif name == "trial.artifacts":
            kept = attempt_folder(folder, running.attempt)
            kept.mkdir(parents=True, exist_ok=True)
            values[name] = str(kept)
        elif name in (provided := _provided(running, folder)):
            values[name] = provided[name]
    return filled(words, values)


def _provided(running: RunningTrial, folder: Path) -> dict[str, str]:
    return {
        "python": sys.executable,
        "trial.number": str(running.number),
        "trial.seed": str(running.seed),
        "trial.repeat": str(running.repeat),
        "trial.folder": str(folder),
    }


def environment(running: RunningTrial) -> dict[str, str]:
    """The variables that the command gets beside those of the notebook."""
    return {
        "PYTHONUNBUFFERED": "1",  # else a program's lines arrive in blocks, and its pruning comes late
        "JUPYTER_TUNE_SEED": str(running.seed),
        "JUPYTER_TUNE_REPEAT": str(running.repeat),
        **{variable_of(name): str(value) for name, value in running.params.items()},
    }


def write_config(folder: Path, form: str, params: Mapping[str, Any]) -> Path:
    """Write the parameters to `folder`/config.FORM and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"config.{form}"
    path.write_text(_FORMATS[form](params), encoding="utf-8")
    return path


def _json(params: Mapping[str, Any]) -> str:
    return json.dumps(dict(params), indent=2, ensure_ascii=False) + "\n"


def _yaml(params: Mapping[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(dict(params), sort_keys=False, allow_unicode=True)
    return text


def _toml(params: Mapping[str, Any]) -> str:
    import tomli_w

    # TOML has no null
    return tomli_w.dumps({name: value for name, value in params.items() if value is not None})


_FORMATS: dict[str, Callable[[Mapping[str, Any]], str]] = {"json": _json, "yaml": _yaml, "toml": _toml}
