"""The page of a saved study: html that stands anywhere, every word of the study in it escaped.

It is read by three kinds of reader, so it is made of three layers:

    no style at all (GitHub)               headings, lists and tables; separators are in the text
    style attributes only                  JupyterLab, where the notebook is not trusted: it removes <style>,
                                           <svg> and var(...); so layout is in attributes, charts are images
    all of it                              a style sheet adds what attributes cannot say

Words and lines take the colour of the page, which so is a light one or a dark one; charts, being
images, cannot, and are drawn in a grey that both bear.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial
from jupyter_tune.views.charts import INK
from jupyter_tune.views.drawing import HEIGHT, WIDTH, svg
from jupyter_tune.views.saved.panels import Panel
from jupyter_tune.views.saved.summary import LOOKS, QUIET, header, square, tag, word
from jupyter_tune.views.tables.columns import finite
from jupyter_tune.views.tables.messages import Status
from jupyter_tune.views.tables.standing import front_of, standing_of, violations_in_words
from jupyter_tune.views.words import (
    NOTHING,
    count_of,
    duration_in_words,
    last_line,
    number_in_words,
    value_in_words,
    versions_in_words,
)

MOST_ROWS = 200
LONGEST_NOTE = 500

_STYLE = """
.jt-saved { --jt-line: var(--jp-border-color2, var(--vscode-panel-border, rgba(128,128,128,0.3)));
  --jt-paper: var(--jp-layout-color0, var(--vscode-editor-background, Canvas));
  font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-variant-numeric: tabular-nums; }
.jt-saved .jt-param { font-family: var(--jp-code-font-family, ui-monospace, monospace); font-size: 12px; }
.jt-saved summary { cursor: pointer; }
.jt-saved .jt-scroll table { border-collapse: collapse; margin: 0; font-size: 12px; color: inherit; }
.jt-saved .jt-scroll tr:is(tr, :hover) { background: none; }
.jt-saved .jt-scroll :is(th, td) { padding: 3px 14px 3px 0; text-align: left; white-space: nowrap;
  vertical-align: baseline; max-width: none; border: 0; border-bottom: 1px solid var(--jt-line); }
.jt-saved .jt-scroll th { position: sticky; top: 0; background: var(--jt-paper); font-weight: 600; }
"""


def page(
    study: Study, status: Status, panels: Iterable[Panel], advice: Sequence[Mapping[str, Any]] = ()
) -> str:
    """The study as html. `advice`: findings, as core.advice gives them for a page."""
    charts = tag("div", "jt-charts", "\n".join(map(_figure, panels)))
    parts = [f"<style>{_STYLE}</style>", *header(status), _advice(advice), charts, _table(study)]
    return tag("div", "jt-saved", "\n".join(filter(None, parts)))


def _advice(advice: Sequence[Mapping[str, Any]]) -> str:
    lines = (
        f"<li>{word(found['text'], LONGEST_NOTE)} → <code>{word(found['remedy'], LONGEST_NOTE)}</code>"
        f"{word(found['more'], LONGEST_NOTE)}</li>"
        for found in advice
    )
    return tag("ul", "jt-advice", "\n".join(lines)) if advice else ""


def _figure(panel: Panel) -> str:
    picture = base64.b64encode(svg(panel.chart, INK).encode()).decode()
    source = f'src="data:image/svg+xml;base64,{picture}"'
    size = f'width="{WIDTH}" height="{HEIGHT}" style="{LOOKS["jt-image"]}"'
    image = f'<img alt="{word(panel.instead)}" {source} {size}>'
    title = f"<figcaption><b>{word(panel.title)}</b></figcaption>"
    note = f'<small style="{QUIET}">{word(panel.note, LONGEST_NOTE)}</small>' if panel.note else ""
    return tag("figure", "jt-chart", title + image + note)


def _table(study: Study) -> str:
    front = front_of(study)
    best = {trial.number for trial in study.best_trials}
    trials = sorted(study.trials.values(), key=lambda trial: _rank(study, trial, best))
    shown, left_out = trials[:MOST_ROWS], max(0, len(trials) - MOST_ROWS)
    if not shown:
        return ""
    heading = f"{count_of(len(trials), 'trial')}, best first"
    if left_out:
        heading += f"; {left_out:,} are left out here"
    names = ["trial", *(objective.metric for objective in study.objectives)]
    with_standing = len(study.objectives) > 1 or bool(study.constraints)
    names += ["standing"] if with_standing else []
    names += ["state", "step", "time", *study.space]
    # of other machines, where some were not as in the notebook
    with_versions = any(trial.versions for trial in shown)
    names += ["libraries unlike the notebook"] if with_versions else []
    head = " ".join(f"<th>{word(name)}</th>" for name in names)
    rows = (_row(study, trial, front, with_standing, with_versions) for trial in shown)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f"<details><summary>{heading}</summary>{tag('div', 'jt-scroll', table)}</details>"


def _rank(study: Study, trial: Trial, best: Collection[int]) -> tuple[bool, bool, bool, bool, float, int]:
    """The best or the front, then those that may be the best by value, other complete ones (infeasible, of
    earlier code), the others by theirs, those without a value."""
    value = finite(trial.value)
    loss = math.inf if value is None else study.objective.loss(value)
    lags = value is None, trial.state != COMPLETE, not study.is_candidate(trial), trial.number not in best
    return *lags, loss, trial.number


def _row(study: Study, trial: Trial, front: Collection[int], with_standing: bool, with_versions: bool) -> str:
    values = [finite(value) for value in trial.values or ()]
    values += [None] * (len(study.objectives) - len(values))
    state = f"{square(trial.state)} {trial.state}"
    if trial.error:
        state += f": {word(last_line(trial.error))}"
    cells = [
        str(trial.number),
        *(NOTHING if value is None else number_in_words(value) for value in values),
        *([word(_stands(study, trial, front))] if with_standing else []),
        state,
        str(trial.last_step) if trial.curve else NOTHING,
        duration_in_words(trial.duration_s),
        *(word(value_in_words(trial.params[n])) if n in trial.params else NOTHING for n in study.space),
    ]
    if with_versions:
        cells.append(word(versions_in_words(trial.versions)))
    return " ".join(f"<td>{cell}</td>" for cell in cells)


def _stands(study: Study, trial: Trial, front: Collection[int]) -> str:
    violations = violations_in_words(study, trial)
    return f"{standing_of(trial, front)}: {violations}" if violations else standing_of(trial, front)
