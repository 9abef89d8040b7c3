"""A report as Markdown: tables and text, as GitHub shows them."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_tune.views.report.facts import Facts, Table

_BARS = "▁▂▃▄▅▆▇█"


def markdown(facts: Facts) -> str:
    """The report as Markdown."""
    return "\n\n".join(part for part in _parts(facts) if part) + "\n"


def _parts(facts: Facts) -> Iterator[str]:
    yield f"# {cell(facts.name)}"
    yield f"{cell(facts.aim)} · {cell(facts.state)}"
    if facts.best is None:
        yield f"**{cell(facts.found)}**"
    else:
        value, where = facts.best
        yield f"**{value}** best {cell(where)}: " + ", ".join(
            f"`{code(f'{n} = {v}')}`" for n, v in facts.params
        )
    yield ". ".join(filter(None, [facts.counts, facts.saved])) + "."
    if facts.tags:
        yield f"Tags: {cell(facts.tags)}"
    if facts.note:
        yield "\n".join(f"> {cell(line)}" for line in facts.note.splitlines())
    if len(facts.progress) > 1:
        yield f"Best so far, trial by trial: {bars(facts.progress)}"
    for table in facts.tables:
        yield f"## {table.title}"
        yield _table(table)
        yield table.note
    if facts.code:
        fence = "`" * max(3, _longest_run(facts.code) + 1)
        yield f"## Code\n\n{fence}python\n{facts.code.strip()}\n{fence}"
    yield f"*As of {facts.made}, by jupyter_tune.*"


def bars(values: tuple[float, ...]) -> str:
    """Numbers as a line of bars; equal ones as the lowest."""
    low, high = min(values), max(values)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[round((value - low) * scale)] for value in values)


def _table(table: Table) -> str:
    head = table.head or ("", "")
    rows = [head, tuple("---" for _ in head), *table.rows]
    return "\n".join(
        "| " + " | ".join(text if text == "---" else cell(text) for text in row) + " |" for row in rows
    )


_ESCAPED = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_[]|#~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def cell(text: str) -> str:
    """A text of the user's in a table or line: nothing in it is Markdown or html."""
    return "".join(char if char.isprintable() else " " for char in text).translate(_ESCAPED)


def code(text: str) -> str:
    """A text between backticks."""
    return "".join(char if char.isprintable() and char not in "`|" else " " for char in text)


def _longest_run(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest
