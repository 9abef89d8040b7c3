"""A report says what was asked and found, and nothing of the user's text is html or Markdown in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from jupyter_tune.core.events import (
    BudgetChanged,
    NoteWritten,
    RangesNarrowed,
    Record,
    StudyEnded,
    StudyOpened,
    StudyTagged,
    TrialEnded,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED
from jupyter_tune.launch.origins import origin_of
from jupyter_tune.registry import library_versions
from jupyter_tune.views.report import report_of
from jupyter_tune.views.report.markdown import bars, cell
from tests.views import studies

EVIL = "<script>alert(1)</script> | *bold* `x` [a](b) & <img src=x>"


def a_study(*events: object) -> Study:
    settings = Settings(
        "accuracy", trials=60, workers=4, sampler="gp", pruner="asha", max_steps=27, target=0.99, seed=7
    )
    found = [
        *studies.started(0),
        TrialEnded(0, 1, COMPLETE, 0.5),
        *studies.started(1),
        TrialEnded(1, 1, COMPLETE, 0.9),
        *studies.started(2),
        TrialEnded(2, 1, FAILED, error=f"Traceback\nValueError: {EVIL}"),
    ]
    return studies.study(*found, *events, settings=settings)  # type: ignore[arg-type]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]


def test_it_says_what_was_asked_what_was_found_and_why_it_ended() -> None:
    study = a_study(
        BudgetChanged(20, 4),
        StudyTagged({"data": "digits"}),
        NoteWritten("first"),
        StudyEnded("enough is enough"),
    )
    for text in report_of(study):
        plain = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.S)
        for said in (
            "maximize accuracy",
            "ended: enough is enough",
            "0.9",
            "trial 1",
            "data=digits",
            "first",
            "asha, up to step 27",
            "0.99",
            "changed to 20 trials",
            "ValueError",
        ):
            assert said in plain, said


def test_nothing_of_the_user_is_html_or_markdown_and_nothing_is_loaded() -> None:
    html, markdown = report_of(
        a_study(NoteWritten(EVIL), NoteWritten(EVIL, 1), StudyTagged({"a": EVIL}), StudyEnded(EVIL))
    )
    tags = Tags()
    tags.feed(html)
    assert "script" not in tags.seen
    assert tags.seen.count("img") == len(tags.loaded) > 0
    assert all(source.startswith("data:image/svg+xml;base64,") for source in tags.loaded)
    assert "<script" not in markdown
    assert "<img" not in markdown
    assert cell("a|b*c*<d>&`e`") == r"a\|b\*c\*&lt;d&gt;&amp;\`e\`"
    for table in re.findall(r"(?m)(?:^\|.*\n)+", markdown):
        columns = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(columns) == 1, table


def test_a_study_without_a_result_has_a_report_too() -> None:
    for text in report_of(studies.study(settings=Settings("accuracy"))):
        assert "No trial is complete" in text


def test_the_line_of_the_best_rises_from_the_lowest_bar_to_the_highest() -> None:
    assert bars((0.0, 0.5, 1.0)) == "▁▅█"
    assert bars((2.0, 2.0)) == "▁▁"


def test_narrowed_ranges_are_said_beside_the_declared_ones() -> None:
    study = a_study(RangesNarrowed(1, {**studies.SPACE.ranges(), "lr": [1e-3, 1e-2]}))
    assert all("narrowed to 0.001 – 0.01" in text for text in report_of(study))


def test_the_libraries_that_ran_it_are_named_with_their_versions() -> None:
    opened = StudyOpened("s", studies.SPACE, Settings("loss"), origin=origin_of("function", "train"))
    html, markdown = report_of(Study.fold([Record(1, 1000.0, opened)]))
    versions = library_versions()
    assert "numpy" in versions
    for name, version in versions.items():
        assert f"| {cell(name)} | {cell(version)} |" in markdown
        assert re.search(rf"{re.escape(name)}\s*(<[^>]*>\s*)+{re.escape(version)}\s*<", html)


def test_code_with_backticks_stays_in_its_block() -> None:
    opened = StudyOpened("s", studies.SPACE, Settings("loss"), origin={"source": "x = '''\n````\n'''"})
    markdown = report_of(Study.fold([Record(1, 1000.0, opened)]))[1]
    assert "`````python\n" in markdown
