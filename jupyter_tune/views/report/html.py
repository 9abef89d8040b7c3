"""A report as one html file: light or dark as the reader's system is, and fit to be printed.

It has no script and loads nothing. Charts are images in the file; being images they cannot follow the page's
colours, and are drawn in a grey that light and dark both bear.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape

from jupyter_tune.views.charts import INK
from jupyter_tune.views.drawing import HEIGHT, WIDTH, svg
from jupyter_tune.views.report.facts import Facts, Table
from jupyter_tune.views.saved.panels import Panel

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --quiet: #5f6670; --line: #dcdfe4; --paper: #ffffff;
  --card: #f6f7f9; --accent: #CC79A7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --quiet: #9aa2ad; --line: #33383f;
  --paper: #15181c; --card: #1d2126; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 28px 56px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 36px 0 10px; }
.quiet { color: var(--quiet); }
p { margin: 4px 0; }
.best { border-left: 4px solid var(--accent); margin: 24px 0 14px; padding: 2px 0 2px 16px; }
.best strong { font-size: 40px; line-height: 1.1; font-weight: 650; margin-right: 8px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 10px 0 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: 7px; padding: 1px 10px; background: var(--card);
  font: 13px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
.chips.tags li { font-family: inherit; border-radius: 99px; }
blockquote { margin: 18px 0; padding: 10px 16px; background: var(--card); border-radius: 8px;
  white-space: pre-wrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 18px; }
figure { margin: 0; padding: 12px 12px 8px; border: 1px solid var(--line); border-radius: 10px; min-width: 0;
  break-inside: avoid; }
figcaption { font-weight: 600; font-size: 14px; margin-bottom: 4px; }
figure img { display: block; width: 100%; height: auto; }
figure small { color: var(--quiet); }
.tables { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr));
  gap: 0 32px; }
section { min-width: 0; break-inside: avoid; }
.wide { grid-column: 1 / -1; }
.scroll { overflow-x: auto; }
table { min-width: 60%; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; padding: 5px 20px 5px 0; border-bottom: 1px solid var(--line);
  vertical-align: baseline; white-space: nowrap; }
td.long { white-space: normal; overflow-wrap: anywhere; min-width: 16em; }
thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 400; color: var(--quiet); }
tr.first td { font-weight: 650; }
pre { background: var(--card); border-radius: 8px; padding: 14px 16px; overflow-x: auto;
  font: 13px/1.5 ui-monospace, monospace; }
summary { cursor: pointer; color: var(--quiet); margin-top: 36px; }
footer { margin-top: 44px; color: var(--quiet); font-size: 13px; }
@media print { main { padding: 0; } pre { white-space: pre-wrap; } }
"""

_LONG = 40
"""Characters from which a cell may be broken into lines."""


def html(facts: Facts, panels: Iterable[Panel], unseen: str = "") -> str:
    """The report as html. Args: unseen: why charts of the model are missing, "" if they are not."""
    figures = "\n".join(map(_figure, panels))
    body = [
        f"<h1>{escape(facts.name)}</h1>",
        f'<p class="quiet">{escape(facts.aim)} · {escape(facts.state)}</p>',
        _best(facts),
        f"<p>{escape('; '.join(filter(None, [facts.counts, facts.saved])))}</p>",
        _chips(facts.tags.split(", "), "tags") if facts.tags else "",
        f"<blockquote>{escape(facts.note)}</blockquote>" if facts.note else "",
        f'<h2>Charts</h2><div class="charts">{figures}</div>' if figures else "",
        f'<p class="quiet">{escape(unseen)}</p>' if unseen else "",
        f'<div class="tables">{"".join(map(_table, facts.tables))}</div>',
        f"<details><summary>The code</summary><pre>{escape(facts.code.strip())}</pre></details>"
        if facts.code
        else "",
        f"<footer>As of {escape(facts.made)}, by jupyter_tune.</footer>",
    ]
    inside = "\n".join(filter(None, body))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(facts.name)}: {escape(facts.aim)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{inside}\n</main></body></html>\n"
    )


def _best(facts: Facts) -> str:
    if facts.best is None:
        return f'<p class="best">{escape(facts.found)}</p>'
    value, where = facts.best
    chips = _chips([f"{name} = {value}" for name, value in facts.params], "")
    return f'<div class="best"><strong>{escape(value)}</strong> best {escape(where)}{chips}</div>'


def _chips(texts: list[str], kind: str) -> str:
    return f'<ul class="chips {kind}">' + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _figure(panel: Panel) -> str:
    picture = base64.b64encode(svg(panel.chart, INK).encode()).decode()
    note = f"<small>{escape(panel.note)}</small>" if panel.note else ""
    return (
        f"<figure><figcaption>{escape(panel.title)}</figcaption>"
        f'<img alt="{escape(panel.instead)}" width="{WIDTH}" height="{HEIGHT}" '
        f'src="data:image/svg+xml;base64,{picture}">{note}</figure>'
    )


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    rows = []
    for place, row in enumerate(table.rows):
        cells = [_cell(text) for text in row] if table.head else [f"<th>{escape(row[0])}</th>", _cell(row[1])]
        first = ' class="first"' if place < table.leading else ""
        rows.append(f"<tr{first}>{''.join(cells)}</tr>")
    note = f'<p class="quiet">{escape(table.note)}</p>' if table.note else ""
    body = f"<tbody>{''.join(rows)}</tbody>"
    wide = ' class="wide"' if table.leading else ""
    inside = f'<h2>{escape(table.title)}</h2><div class="scroll"><table>{head}{body}</table></div>{note}'
    return f"<section{wide}>{inside}</section>"


def _cell(text: str) -> str:
    kind = ' class="long"' if len(text) > _LONG else ""
    return f"<td{kind}>{escape(text)}</td>"
