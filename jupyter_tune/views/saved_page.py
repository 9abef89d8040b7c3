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
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED, Trial
from jupyter_tune.views.charts import INK, PALETTE
from jupyter_tune.views.columns import finite
from jupyter_tune.views.drawing import HEIGHT, WIDTH, svg
from jupyter_tune.views.saved_charts import Panel
from jupyter_tune.views.saved_text import NO_BEST, aim, how_it_stands
from jupyter_tune.views.words import (
    NOTHING,
    count_of,
    duration_in_words,
    last_line,
    number_in_words,
    value_in_words,
)

MOST_ROWS = 200
LONGEST_TEXT = 80

_QUIET = "opacity: 0.75"
_LOOKS = {
    "jt-saved": "max-width: 1320px; padding: 4px 0 8px; font-size: 13px; line-height: 1.5",
    "jt-name": "margin: 0; font-size: 17px; font-weight: 600; line-height: 1.4",
    "jt-aim": f"margin: 0; {_QUIET}",
    "jt-best": "margin: 14px 0 6px; border-left: 3px solid #CC79A7; padding: 0 0 0 10px; line-height: 1.1",
    "jt-value": "font-size: 30px; font-weight: 600; margin: 0 4px 0 0",
    "jt-params": "display: flex; flex-wrap: wrap; gap: 6px; margin: 0; padding: 0; list-style: none",
    "jt-param": "margin: 0; padding: 1px 9px; border: 1px solid rgba(128,128,128,0.4); border-radius: 6px",
    "jt-facts": "display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 12px 0 0; padding: 0; "
    "list-style: none",
    "jt-charts": "display: flex; flex-wrap: wrap; gap: 16px; margin: 14px 0 10px",
    "jt-chart": "flex: 0 1 400px; min-width: 0; margin: 0",
    "jt-image": "display: block; width: 100%; height: auto; margin: 4px 0 0",
    "jt-scroll": "overflow: auto; max-height: 420px; margin: 6px 0 0",
}
"""What attributes say, by class."""

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


def page(study: Study, status: dict[str, Any], panels: Iterable[Panel]) -> str:
    """The study as html."""
    charts = _tag("div", "jt-charts", "\n".join(map(_figure, panels)))
    parts = [f"<style>{_STYLE}</style>", *_header(status), charts, _table(study)]
    return _tag("div", "jt-saved", "\n".join(filter(None, parts)))


def _tag(tag: str, name: str, inside: str) -> str:
    return f'<{tag} class="{name}" style="{_LOOKS[name]}">{inside}</{tag}>'


def _header(status: dict[str, Any]) -> Iterator[str]:
    yield _tag("h3", "jt-name", _word(status["name"]))
    line = [_word(aim(status)), _word(how_it_stands(status)), duration_in_words(status["elapsed_s"])]
    yield _tag("p", "jt-aim", " · ".join(line))
    best = status["best"]
    if best is None:
        yield _tag("p", "jt-best", NO_BEST)
    else:
        value = _tag("strong", "jt-value", number_in_words(best["value"]))
        where = f"best {_word(status['metric'])}, trial {best['number']}"
        yield _tag("p", "jt-best", f'{value} <span style="{_QUIET}">{where}</span>')
        params = (
            _tag("li", "jt-param", f"{_word(name)} = <b>{_word(value_in_words(value))}</b>")
            for name, value in best["params"].items()
        )
        yield _tag("ul", "jt-params", "\n".join(params))
    yield _tag("ul", "jt-facts", "\n".join(f"<li>{fact}</li>" for fact in _facts(status)))


def _facts(status: dict[str, Any]) -> Iterator[str]:
    counts = {state: count for state, count in status["counts"].items() if count}
    yield f"<b>{count_of(sum(counts.values()), 'trial')}</b>"
    for state, count in counts.items():
        yield f"{_square(state)} {count:,} {state}"
    done, full = status["steps_done"], status["steps_full"]
    if full and 0 < done < full and counts.get(PRUNED):
        yield f"{100 * (1 - done / full):.0f} % of the steps saved ({done:,} of {full:,} run)"


def _square(state: str) -> str:
    return f'<span style="color: {PALETTE[state]}">■</span>'


def _figure(panel: Panel) -> str:
    picture = base64.b64encode(svg(panel.chart, INK).encode()).decode()
    source = f'src="data:image/svg+xml;base64,{picture}"'
    size = f'width="{WIDTH}" height="{HEIGHT}" style="{_LOOKS["jt-image"]}"'
    image = f'<img alt="{_word(panel.instead)}" {source} {size}>'
    title = f"<figcaption><b>{_word(panel.title)}</b></figcaption>"
    note = f'<small style="{_QUIET}">{_word(panel.note)}</small>' if panel.note else ""
    return _tag("figure", "jt-chart", title + image + note)


def _table(study: Study) -> str:
    trials = sorted(study.trials.values(), key=lambda trial: _rank(study, trial))
    shown, left_out = trials[:MOST_ROWS], max(0, len(trials) - MOST_ROWS)
    if not shown:
        return ""
    heading = f"{count_of(len(trials), 'trial')}, best first"
    if left_out:
        heading += f"; {left_out:,} are left out here"
    names = ["trial", study.settings.metric, "state", "step", "time", *study.space]
    head = " ".join(f"<th>{_word(name)}</th>" for name in names)
    body = "\n".join(f"<tr>{_row(study, trial)}</tr>" for trial in shown)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f"<details><summary>{heading}</summary>{_tag('div', 'jt-scroll', table)}</details>"


def _rank(study: Study, trial: Trial) -> tuple[bool, bool, float, int]:
    """Complete trials by value, then the others by theirs, then those without."""
    value = finite(trial.value)
    worse = math.inf if value is None else -value if study.settings.maximize else value
    return value is None, trial.state != COMPLETE, worse, trial.number


def _row(study: Study, trial: Trial) -> str:
    value = finite(trial.value)
    state = f"{_square(trial.state)} {trial.state}"
    if trial.error:
        state += f": {_word(last_line(trial.error))}"
    cells = [
        str(trial.number),
        NOTHING if value is None else number_in_words(value),
        state,
        str(trial.last_step) if trial.curve else NOTHING,
        duration_in_words(trial.duration_s),
        *(_word(value_in_words(trial.params[n])) if n in trial.params else NOTHING for n in study.space),
    ]
    return " ".join(f"<td>{cell}</td>" for cell in cells)


def _word(text: str) -> str:
    """Somebody's text in html: escaped, one line, no control characters, not endless."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return escape(plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…")
