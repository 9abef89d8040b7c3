from __future__ import annotations

import base64
import dataclasses
import functools
import json
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest

from jupyter_tune.core.advice import Finding
from jupyter_tune.core.encoding import event_to_json
from jupyter_tune.core.events import (
    Event,
    NoteWritten,
    StudyTagged,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.importances import NOTE
from jupyter_tune.views.charts import templates
from jupyter_tune.views.charts.template import fill
from jupyter_tune.views.saved.bundle import bundle
from jupyter_tune.views.saved.dashboard import DASHBOARD
from jupyter_tune.views.saved.page import MOST_ROWS
from jupyter_tune.views.tables.tables import parameters
from tests.views import studies

EVIL = '<script>alert("x")</script> & $a_{b$ \x1b[31m\x00 ]]>'

FAILED = studies.whole(0, "failed", error=f"Traceback\n{EVIL}")


class Tags(HTMLParser):
    """What a browser would see: tags, images, and the text between the tags of the body."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._in_style = tag == "style"
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_endtag(self, tag):
        self._in_style = False

    def handle_data(self, data):
        if not self._in_style:
            self.words.append(data)


def charts(html: str) -> list[ET.Element]:
    sources = [str(image["src"]) for image in Tags(html).images]
    kinds, pictures = zip(*(source.split(",") for source in sources), strict=True)
    assert set(kinds) == {"data:image/svg+xml;base64"}
    return [ET.fromstring(base64.b64decode(picture)) for picture in pictures]


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of words and tables: charts take a second to draw, and are empty here."""
    monkeypatch.setattr("jupyter_tune.views.saved.page.svg", lambda *_: "<svg/>")
    monkeypatch.setattr("jupyter_tune.views.saved.bundle.png", lambda charts: b"")


@functools.cache
def of_thirty() -> dict[str, Any]:
    """The output of an ended study of thirty trials, for tests that only read it: drawing takes a second."""
    return bundle(studies.finished(30), studies.landscape())


def evil_study() -> Study:
    events: list[Event] = [
        dataclasses.replace(event, metrics={EVIL: math.nan if event.step == 2 else float(event.step)})
        if isinstance(event, TrialReported)
        else event
        for event in studies.story(6)
    ]
    events += [
        TrialSuggested(50, studies.SPACE.defaults(), EVIL),
        TrialStarted(50, 1, EVIL),
        TrialEnded(50, 1, "failed", reason=EVIL, error=f"Traceback\n{EVIL}"),
    ]
    return studies.study(*events, settings=Settings(EVIL), name=EVIL)


STUDIES = {
    "empty": studies.study(),
    "all failed": studies.study(*FAILED),
    "two trials": studies.finished(2),
    "many": studies.finished(40),
    "evil": evil_study(),
}
LANDSCAPES = {"none": None, "numbers": studies.landscape(), "choices": studies.landscape("category")}


@pytest.mark.parametrize(
    ("study", "landscape"),
    # a model changes nothing about the charts of a study but adds its own
    [(study, "none") for study in STUDIES]
    + [("evil", "numbers"), ("many", "numbers"), ("two trials", "choices")],
)
def test_every_study_has_a_bundle(study: str, landscape: str) -> None:
    check_bundle(STUDIES[study], LANDSCAPES[landscape])


def check_bundle(study: Study, landscape: dict[str, Any] | None) -> None:
    saved = bundle(study, landscape)
    drawn = charts(saved["text/html"])
    trials = study.trials.values()
    reported = any(trial.curve for trial in trials)
    compared = sum(trial.state == "complete" and math.isfinite(trial.value or 0) for trial in trials) >= 2
    ran = any(trial.started_at for trial in trials)
    assert len(drawn) == 1 + reported + 2 * (landscape is not None) + 2 * compared + ran
    assert all(root.tag == "{http://www.w3.org/2000/svg}svg" for root in drawn)
    assert base64.b64decode(saved["image/png"]).startswith(b"\x89PNG\r\n\x1a\n")
    assert len(saved["text/plain"].splitlines()) == 3


def test_words_of_the_study_are_escaped() -> None:
    landscape = {**studies.landscape(), "x": EVIL, "note": EVIL}
    study = evil_study()
    study.space = Space({EVIL: studies.SPACE["lr"], **{name: studies.SPACE[name] for name in studies.SPACE}})
    html = bundle(study, landscape)["text/html"]
    seen = Tags(html)
    assert "script" not in seen.tags
    assert seen.tags.count("style") == 1
    assert any('<script>alert("x")</script>' in words for words in seen.words)
    assert "\x00" not in html
    assert "\x1b" not in html


@pytest.mark.usefixtures("undrawn")
def test_choices_are_escaped() -> None:
    space = Space({EVIL: Categorical([EVIL])})
    study = studies.study(TrialSuggested(0, space.defaults(), "default"))
    study.space = space
    assert "script" not in Tags(bundle(study)["text/html"]).tags


def test_the_html_needs_nothing_and_fits_a_notebook() -> None:
    html = bundle(studies.finished(1000), studies.landscape())["text/html"]
    assert len(html) < 500_000
    for text in (html, *(ET.tostring(chart, encoding="unicode") for chart in charts(html))):
        assert not re.search(r"https?://(?!www\.w3\.org/)|@import|<link|<script", text)


def test_nothing_that_an_untrusted_notebook_loses_is_needed() -> None:
    """What JupyterLab's sanitizer keeps of tags and style attributes; it drops <style> with its text."""
    html = bundle(studies.finished(40), studies.landscape())["text/html"]
    seen = Tags(html)
    assert set(seen.tags) <= {
        *(
            "div",
            "style",
            "h3",
            "p",
            "strong",
            "span",
            "ul",
            "li",
            "b",
            "figure",
            "figcaption",
            "img",
            "small",
        ),
        *("details", "summary", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert " id=" not in html
    assert not any("var(" in style for style in re.findall(r'style="([^"]*)"', html))


def test_without_any_style_the_words_stand_apart() -> None:
    seen = Tags(of_thirty()["text/html"])
    text = " ".join("".join(seen.words).split())
    assert text.startswith(
        "mnist maximize accuracy · ended: 60 trials were the budget · 3 min 45 s "
        "0.9457 measured once, best accuracy, trial 11 lr = 0.01182 width = 52 act = 'relu' seed = 7 "
        "30 trials ■ 11 complete ■ 19 pruned "
    )
    assert re.search(r"trial accuracy state step time lr width act seed 11 0\.9457 ■ complete 9 ", text)


def test_charts_are_images_with_words_for_who_cannot_see_them() -> None:
    seen = Tags(of_thirty()["text/html"])
    assert "svg" not in seen.tags
    assert [image["alt"] for image in seen.images] == [
        "chart: accuracy of every trial in the order of numbers, and the best so far",
        "chart: accuracy step by step, one curve for each trial",
        "chart: the accuracy that the model expects over lr and width",
        "chart: the share of the variance that each parameter explains",
        "chart: each complete trial as a line over its parameters to its accuracy",
        "chart: accuracy of complete trials by parameter",
        "chart: when each trial ran, in a row for each slot",
    ]


@pytest.mark.usefixtures("undrawn")
def test_what_a_chart_means_is_not_cut() -> None:
    landscape = studies.landscape()
    landscape["importances"]["note"] = NOTE
    assert NOTE in " ".join(Tags(bundle(studies.finished(4), landscape)["text/html"]).words)


def test_a_landscape_without_a_surface_is_left_out() -> None:
    nothing: dict[str, Any] = {"mean": [], "importances": None, "note": "the model needs 3 finished trials"}
    without = bundle(studies.finished(30), {**studies.landscape(), **nothing})["text/html"]
    assert len(charts(without)) == len(charts(of_thirty()["text/html"])) - 2
    assert "the model needs" not in without


@pytest.mark.usefixtures("undrawn")
def test_the_dashboard_is_plain_json_that_fills_every_template() -> None:
    study = studies.study(*studies.story(800), name="<b>")
    saved = json.loads(json.dumps(bundle(study, studies.landscape())[DASHBOARD], allow_nan=False))
    assert list(saved) == ["version", "parameters", "templates", "tables"]
    assert (saved["version"], saved["parameters"]) == (1, parameters(study.space))
    assert saved["templates"] == templates(study.space)
    tables = saved["tables"]
    assert tables["status"]["shown"] == len(tables["trials"]["number"]) < 500
    assert all(
        isinstance(column, list)
        for table in ("trials", "points", "events")
        for column in tables[table].values()
    )
    for template in saved["templates"].values():
        assert "$" not in json.dumps(fill(template, tables))
    assert len(json.dumps(saved)) < 200_000


def test_it_says_how_many_steps_were_saved() -> None:
    study = studies.finished(30)
    share = round(100 * (1 - study.steps_done / (27 * 30)))
    told = f"{share} % of the steps saved ({study.steps_done} of 810 run)"
    assert told in of_thirty()["text/html"]
    assert "steps saved" not in bundle(studies.study(*studies.story(1)))["text/html"]


@pytest.mark.usefixtures("undrawn")
def test_trials_at_work_have_saved_no_steps() -> None:
    ended = list(studies.story(30))
    begun = [TrialSuggested(30, studies.SPACE.defaults(), "gp"), TrialStarted(30, 1)]
    reported = TrialReported(30, 1, 1, {"accuracy": 0.5})
    before, now = (
        bundle(studies.study(*events))["text/html"] for events in (ended, [*ended, *begun, reported])
    )
    said = re.compile(r"\d+ % of the steps saved \([\d,]+ of [\d,]+ run\)")
    assert said.findall(now) == said.findall(before) != []


@pytest.mark.usefixtures("undrawn")
def test_the_table_has_the_best_first_and_says_what_is_left_out() -> None:
    study = studies.finished(300)
    html = bundle(study)["text/html"]
    assert html.count("<tr>") == MOST_ROWS + 1
    assert "300 trials, best first; 100 are left out here" in html
    assert study.best_trial is not None
    assert f"<tbody><tr><td>{study.best_trial.number}</td> " in html


@pytest.mark.usefixtures("undrawn")
def test_the_table_names_libraries_that_were_not_the_notebooks() -> None:
    events = [*studies.story(3), TrialSuggested(3, studies.SPACE.defaults(), "gp")]
    here = bundle(studies.study(*events, TrialStarted(3, 1)))["text/html"]
    there = bundle(studies.study(*events, TrialStarted(3, 1, versions={"torch": "2.9.0<b>"})))["text/html"]
    assert "libraries unlike the notebook" not in here
    assert "<th>libraries unlike the notebook</th>" in there
    assert there.count("<td>torch 2.9.0&lt;b&gt;</td>") == 1


def test_the_text_is_a_summary() -> None:
    text = of_thirty()["text/plain"]
    assert text.splitlines() == [
        "mnist: maximize accuracy, ended: 60 trials were the budget",
        "best 0.9457 in trial 11, measured once: lr=0.01182, width=52, act='relu', seed=7",
        "30 trials: 11 complete, 19 pruned; 3 min 45 s",
    ]


@pytest.mark.usefixtures("undrawn")
def test_what_the_user_has_written_and_what_the_results_say_are_in_every_form() -> None:
    written: list[Event] = [
        StudyTagged({"data": "<i>toy</i>", "good": True}),
        NoteWritten("first line\n<b>second</b>"),
    ]
    study = studies.study(*studies.story(30), *written)
    finding = Finding("noise", "loss: 62% is <noise>", "--repeats 3", ", or more data").to_json()
    made = bundle(study, {**studies.landscape(), "advice": [finding]})
    assert "Tags: data=&lt;i&gt;toy&lt;/i&gt;, good" in made["text/html"]
    assert "first line<br>\n&lt;b&gt;second&lt;/b&gt;" in made["text/html"]
    assert "loss: 62% is &lt;noise&gt; → <code>--repeats 3</code>, or more data" in made["text/html"]
    lines = made["text/plain"].splitlines()
    assert lines[3:] == [
        "tags: data=<i>toy</i>, good",
        "first line",
        "<b>second</b>",
        "loss: 62% is <noise> → --repeats 3, or more data",
    ]
    tables = made[DASHBOARD]["tables"]
    assert (tables["status"]["tags"], tables["landscape"]["advice"]) == (
        ["data=<i>toy</i>", "good"],
        [finding],
    )


def test_the_same_study_gives_the_same_output() -> None:
    assert bundle(studies.finished(20)) == bundle(studies.finished(20))


def test_as_a_program_it_reads_records_and_prints_the_bundle() -> None:
    recorded = studies.records(*studies.story(5))
    given = json.dumps(
        {
            "records": [[r.seq, r.at, event_to_json(r.event)] for r in recorded],
            "landscape": studies.landscape(),
        }
    )
    printed = subprocess.check_output(
        [sys.executable, "-m", "jupyter_tune.views.saved.bundle"], input=given, text=True, timeout=60
    )
    assert json.loads(printed) == bundle(Study.fold(recorded), studies.landscape())
