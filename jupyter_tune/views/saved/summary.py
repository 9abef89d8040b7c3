"""A study in a few words: who it is, how it stands, the best so far, and how to see it again.

A notebook holds it from the first second of a study until the full picture is drawn, whose top it then is.
It is cheap to make. Every word of the study is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from jupyter_tune.core.trial import PRUNED
from jupyter_tune.views.charts import PALETTE
from jupyter_tune.views.saved.text import NO_BEST, aim, how_it_stands, text, trial_in_words
from jupyter_tune.views.tables.messages import Status
from jupyter_tune.views.words import bounded, count_of, duration_in_words, number_in_words, value_in_words

LONGEST_TEXT = 80
LONGEST_WRITTEN = 2000

QUIET = "opacity: 0.75"
LOOKS = {
    "jt-saved": "max-width: 1320px; padding: 4px 0 8px; font-size: 13px; line-height: 1.5",
    "jt-name": "margin: 0; font-size: 17px; font-weight: 600; line-height: 1.4",
    "jt-aim": f"margin: 0; {QUIET}",
    "jt-best": "margin: 14px 0 6px; border-left: 3px solid #CC79A7; padding: 0 0 0 10px; line-height: 1.1",
    "jt-value": "font-size: 30px; font-weight: 600; margin: 0 4px 0 0",
    "jt-params": "display: flex; flex-wrap: wrap; gap: 6px; margin: 0; padding: 0; list-style: none",
    "jt-param": "margin: 0; padding: 1px 9px; border: 1px solid rgba(128,128,128,0.4); border-radius: 6px",
    "jt-facts": "display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 12px 0 0; padding: 0; "
    "list-style: none",
    "jt-written": "margin: 10px 0 0",
    "jt-advice": "margin: 10px 0 0; padding: 0 0 0 18px",
    "jt-again": f"margin: 12px 0 0; {QUIET}",
    "jt-charts": "display: flex; flex-wrap: wrap; gap: 16px; margin: 14px 0 10px",
    "jt-chart": "flex: 0 1 400px; min-width: 0; margin: 0",
    "jt-image": "display: block; width: 100%; height: auto; margin: 4px 0 0",
    "jt-scroll": "overflow: auto; max-height: 420px; margin: 6px 0 0",
}
"""What style attributes say, by class."""


def summary(status: Status, ways: Mapping[str, str]) -> dict[str, str]:
    """The study as html and as plain text.

    Args:
        status: of the tables.
        ways:   what can be done next, in words, and the line that does it.
    """
    lines = [f"{escape(what)}: <code>{escape(line)}</code>" for what, line in ways.items()]
    again = tag("p", "jt-again", "<br>\n".join(lines))
    return {
        "text/html": tag("div", "jt-saved", "\n".join([*header(status), again])),
        "text/plain": "\n".join([text(status), *(f"{what}: {line}" for what, line in ways.items())]),
    }


def tag(name: str, look: str, inside: str) -> str:
    return f'<{name} class="{look}" style="{LOOKS[look]}">{inside}</{name}>'


def header(status: Status) -> Iterator[str]:
    yield tag("h3", "jt-name", word(status["name"]))
    line = [word(aim(status)), word(how_it_stands(status)), duration_in_words(status["elapsed_s"])]
    yield tag("p", "jt-aim", " · ".join(line))
    best = status["best"]
    if best is None:
        yield tag("p", "jt-best", word(status["found"] or NO_BEST))
    else:
        value = tag("strong", "jt-value", number_in_words(best["value"]))
        spread = best["spread"] and f"{word(best['spread'])}, "
        where = f"{spread}best {word(status['metric'])}, {word(trial_in_words(best))}"
        yield tag("p", "jt-best", f'{value} <span style="{QUIET}">{where}</span>')
        params = (
            tag("li", "jt-param", f"{word(name)} = <b>{word(value_in_words(value))}</b>")
            for name, value in best["params"].items()
        )
        yield tag("ul", "jt-params", "\n".join(params))
    yield tag("ul", "jt-facts", "\n".join(f"<li>{fact}</li>" for fact in _facts(status)))
    if status["tags"]:
        yield tag("p", "jt-written", f"Tags: {word(', '.join(status['tags']), LONGEST_WRITTEN)}")
    if status["note"]:
        lines = (word(line, LONGEST_WRITTEN) for line in status["note"].splitlines())
        yield tag("p", "jt-written", "<br>\n".join(lines))


def _facts(status: Status) -> Iterator[str]:
    counts = {state: count for state, count in status["counts"].items() if count}
    yield f"<b>{count_of(sum(counts.values()), 'trial')}</b>"
    for state, count in counts.items():
        yield f"{square(state)} {count:,} {state}"
    done, full = status["steps_done"], status["steps_full"]
    if full and 0 < done < full and counts.get(PRUNED):
        yield f"{100 * (1 - done / full):.0f} % of the steps saved ({done:,} of {full:,} run)"


def square(state: str) -> str:
    return f'<span style="color: {PALETTE[state]}">■</span>'


def word(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text of the user's in html: escaped, one line, no control characters, not endless."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return escape(bounded(plain, longest))
