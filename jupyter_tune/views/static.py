"""The saved output of a study: html, png and text that need no kernel, no script and no network.

The html stands in any page: it brings its colours, follows the page's theme (JupyterLab, VS Code, or
the reader's preference for dark), and every word of the study in it is escaped.

As a program it reads {"records": [...], "landscape": ...} from stdin, records as `record_to_json`
writes them, and prints the bundle as JSON: so the kernel never imports what draws the charts.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from html import escape
from typing import Any

from jupyter_tune.core.events import record_from_json
from jupyter_tune.core.space import Params, Scalar
from jupyter_tune.core.study import COMPLETE, Study, Trial
from jupyter_tune.views.charts import PALETTE, Template, curves, history, landscape_mean
from jupyter_tune.views.columns import finite, unpacked
from jupyter_tune.views.curves import Bounds
from jupyter_tune.views.drawing import png, svg
from jupyter_tune.views.tables import Tables, duration_s, last_line
from jupyter_tune.views.template import fill

MOST_ROWS = 200
LONGEST_TEXT = 80

_NOTHING = "\N{EN DASH}"
_NO_BEST = "no trial is complete"

_BOUNDS = Bounds(all=120, best=40, newest=40, sample=30, points=60)
"""Fewer curves and points than live: here every point is text in the notebook file."""

_STYLE = """
.jt-saved { --jt-ink: var(--jp-ui-font-color1, var(--vscode-editor-foreground, #1f2328));
  --jt-paper: var(--jp-layout-color1, var(--vscode-editor-background, #ffffff));
  --jt-quiet: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #59636e));
  --jt-line: var(--jp-border-color2, var(--vscode-panel-border, #d1d9e0));
  color: var(--jt-ink); background: var(--jt-paper); padding: 12px 16px; max-width: 1180px;
  font: 13px/1.5 var(--jp-ui-font-family, system-ui, sans-serif); }
@media (prefers-color-scheme: dark) { .jt-saved {
  --jt-ink: var(--jp-ui-font-color1, var(--vscode-editor-foreground, #e6edf3));
  --jt-paper: var(--jp-layout-color1, var(--vscode-editor-background, #0d1117));
  --jt-quiet: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #9198a1));
  --jt-line: var(--jp-border-color2, var(--vscode-panel-border, #3d444d)); } }
.jt-saved .jt-name { font-size: 16px; font-weight: 600; margin-right: 10px; }
.jt-saved .jt-quiet { color: var(--jt-quiet); }
.jt-saved .jt-best { margin: 8px 0 2px; }
.jt-saved .jt-best b { font-size: 20px; font-variant-numeric: tabular-nums; }
.jt-saved code { font: 12px var(--jp-code-font-family, ui-monospace, monospace); margin-right: 12px;
  white-space: nowrap; background: none; color: inherit; }
.jt-saved .jt-counts span { margin-right: 14px; white-space: nowrap; }
.jt-saved .jt-dot { display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 5px; }
.jt-saved .jt-charts { display: flex; flex-wrap: wrap; gap: 12px; margin: 10px 0; }
.jt-saved figure { margin: 0; flex: 1 1 400px; max-width: 560px; min-width: 0; }
.jt-saved figcaption { color: var(--jt-quiet); font-size: 12px; }
.jt-saved summary { cursor: pointer; }
.jt-saved .jt-scroll { overflow: auto; max-height: 420px; margin-top: 6px; }
.jt-saved table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 12px; margin: 0;
  color: inherit; }
.jt-saved th, .jt-saved td { padding: 3px 12px 3px 0; text-align: left; white-space: nowrap;
  color: inherit; background: none; border: 0; border-bottom: 1px solid var(--jt-line); }
.jt-saved thead th { position: sticky; top: 0; background: var(--jt-paper); color: var(--jt-quiet); }
.jt-saved .jt-number { text-align: right; }
"""


def bundle(study: Study, landscape: dict[str, Any] | None = None) -> dict[str, str]:
    """The study as "text/html", "image/png" (base64) and "text/plain"."""
    tables = Tables(study, _BOUNDS)
    tables.show_landscape(landscape)
    snapshot = unpacked(tables.snapshot(_last_heard(study)))
    templates: dict[str, Template] = {"results": history(), "curves": curves()}
    if landscape is not None:
        templates["landscape"] = landscape_mean()
    charts = {name: fill(template, snapshot) for name, template in templates.items()}
    return {
        "text/html": _html(study, snapshot, charts),
        "image/png": base64.b64encode(png(list(charts.values()))).decode(),
        "text/plain": _text(study, snapshot["status"]),
    }


def _last_heard(study: Study) -> float:
    times = [(trial.started_at, trial.ended_at) for trial in study.trials.values()]
    return max((at for pair in times for at in pair if at is not None), default=study.opened_at)


# text


def _text(study: Study, status: dict[str, Any]) -> str:
    title = f"{study.name}: {_aim(status)}, {_how_it_stands(status)}"
    return "\n".join([title, _best_in_words(status), _counts(status)])


def _aim(status: dict[str, Any]) -> str:
    return f"{status['direction']} {status['metric']}"


def _how_it_stands(status: dict[str, Any]) -> str:
    return f"{status['state']} ({status['reason']})" if status["reason"] else str(status["state"])


def _best_in_words(status: dict[str, Any]) -> str:
    best = status["best"]
    if best is None:
        return _NO_BEST
    return f"best {number_in_words(best['value'])} in trial {best['number']}: {_params(best['params'])}"


def _counts(status: dict[str, Any]) -> str:
    counts = {state: count for state, count in status["counts"].items() if count}
    trials = sum(counts.values())
    listed = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    took = duration_in_words(status["elapsed_s"])
    return f"{_count_of_trials(trials)}{': ' if listed else ''}{listed}; {took}"


def _count_of_trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count:,} trials"


def _params(params: Params) -> str:
    return ", ".join(f"{name}={value_in_words(value)}" for name, value in params.items())


def number_in_words(value: float) -> str:
    return f"{value:.5g}"


def value_in_words(value: Scalar) -> str:
    """A parameter's value: numbers short, strings as Python writes them."""
    return number_in_words(value) if isinstance(value, float) else repr(value)


def duration_in_words(seconds: float | None) -> str:
    """0.42 s, 8.3 s, 1 min 20 s, 2 h 5 min, 3 d 4 h."""
    if seconds is None:
        return _NOTHING
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


# html


def _html(study: Study, snapshot: dict[str, Any], charts: dict[str, Template]) -> str:
    status = snapshot["status"]
    figures = "".join(_figure(name, chart, snapshot["landscape"]) for name, chart in charts.items())
    return (
        f'<div class="jt-saved"><style>{_STYLE}</style>{_header(status)}'
        f'<div class="jt-charts">{figures}</div>{_table(study)}</div>'
    )


def _header(status: dict[str, Any]) -> str:
    best = status["best"]
    if best is None:
        outcome = _NO_BEST
    else:
        params = "".join(
            f"<code>{_word(name)} = {_word(value_in_words(value))}</code>"
            for name, value in best["params"].items()
        )
        where = f"{_word(status['metric'])}, best in trial {best['number']}"
        value = number_in_words(best["value"])
        outcome = f'<b>{value}</b> <span class="jt-quiet">{where}</span><br>{params}'
    counts = "".join(
        f"<span>{_dot(state)}{count:,} {state}</span>" for state, count in status["counts"].items() if count
    )
    return (
        f'<div><span class="jt-name">{_word(status["name"])}</span>'
        f'<span class="jt-quiet">{_word(_aim(status))}, {_word(_how_it_stands(status))}, '
        f"{duration_in_words(status['elapsed_s'])}</span></div>"
        f'<div class="jt-best">{outcome}</div><div class="jt-counts">{counts}</div>'
    )


def _dot(state: str) -> str:
    return f'<span class="jt-dot" style="background: {PALETTE[state]}"></span>'


def _figure(name: str, chart: Template, landscape: dict[str, Any] | None) -> str:
    note = landscape["note"] if name == "landscape" and landscape else ""
    caption = f"<figcaption>{_word(note)}</figcaption>" if note else ""
    return f"<figure>{svg(chart, name)}{caption}</figure>"


def _table(study: Study) -> str:
    trials = sorted(study.trials.values(), key=lambda trial: _rank(study, trial))
    shown, left_out = trials[:MOST_ROWS], max(0, len(trials) - MOST_ROWS)
    if not shown:
        return ""
    heading = f"{_count_of_trials(len(trials))}, best first"
    if left_out:
        heading += f"; {left_out:,} are left out here"
    names = ["trial", study.settings.metric, "state", "step", "time", *study.space]
    head = "".join(f"<th>{_word(name)}</th>" for name in names)
    body = "".join(f"<tr>{_row(study, trial)}</tr>" for trial in shown)
    return (
        f"<details><summary>{heading}</summary>"
        f'<div class="jt-scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        "</details>"
    )


def _rank(study: Study, trial: Trial) -> tuple[bool, bool, float, int]:
    """Complete trials by value, then the others by theirs, then those without."""
    value = finite(trial.value)
    worse = math.inf if value is None else -value if study.settings.maximize else value
    return value is None, trial.state != COMPLETE, worse, trial.number


def _row(study: Study, trial: Trial) -> str:
    value = finite(trial.value)
    state = _dot(trial.state) + trial.state
    if trial.error:
        state += f' <span class="jt-quiet">{_word(last_line(trial.error))}</span>'
    cells = [
        str(trial.number),
        _NOTHING if value is None else number_in_words(value),
        state,
        str(trial.last_step) if trial.curve else _NOTHING,
        duration_in_words(duration_s(trial)),
        *(_word(value_in_words(trial.params[n])) if n in trial.params else _NOTHING for n in study.space),
    ]
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _word(text: str) -> str:
    """Somebody's text in html: escaped, one line, no control characters, not endless."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return escape(plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…")


def main() -> None:
    given = json.load(sys.stdin)
    study = Study.fold(map(record_from_json, given["records"]))
    json.dump(bundle(study, given.get("landscape")), sys.stdout)


if __name__ == "__main__":
    main()
