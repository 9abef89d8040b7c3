"""Studies beside each other: real ones, by name, as studies and by their tags."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import jupyter_tune as jt
from jupyter_tune.cli.app import cli
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.errors import JournalError, OptionError

pytestmark = pytest.mark.usefixtures("nothing_stays")


def parabola(x: float) -> float:
    return (x - 0.3) ** 2


def finished(name: str, seed: int, trials: int = 4, **options: Any) -> StudyHandle:
    given = {"minimize": "loss", "sampler": "random", "workers": 2, **options}
    study = jt.tune(parabola, {"x": jt.Float(0, 1)}, name=name, seed=seed, trials=trials, **given)
    study.wait()
    return study


def test_repeats_of_a_label_are_a_median_with_a_band_in_the_chart_and_the_table() -> None:
    first = finished("random-1", 1, tag={"method": "random"})
    finished("random-2", 2, tag={"method": "random"})
    finished("random-3", 3, tag={"method": "random"})
    other = finished("sobol", 1, trials=8, sampler="sobol")

    compared = jt.compare([first, "random-2", str(other.path), "random-3"], label="method")
    assert compared.studies.keys() == {"random", "sobol"}
    figure = compared.plot()
    assert [trace.name for trace in figure.data if trace.name] == ["random (3 studies)", "sobol"]
    assert len(figure.data) == 4, "a band has two edges, and one study has none"
    assert figure.layout.yaxis.title.text == "loss (lower is better)"
    random, sobol = figure.data[2], figure.data[3]
    assert random.x[-1] == 4
    assert sobol.x[-1] == 8
    assert list(sobol.y) == sorted(sobol.y, reverse=True)

    table = compared.table()
    assert table.loc["random", "studies"] == 3
    assert table.loc["sobol", "best"] == other.best_value
    assert table.loc["random", "low"] <= table.loc["random", "best"] <= table.loc["random", "high"]
    assert table["trials"].to_dict() == {"random": 4, "sobol": 8}
    assert table["to_common"].notna().all()
    assert table.index[0] == min(table.index, key=lambda label: table.loc[label, "best"])
    text = repr(compared)
    assert "best loss" in text
    assert "middle half" in text
    assert "time (s)" in compared.plot("time").layout.xaxis.title.text
    assert compared.plot("steps").layout.xaxis.title.text == "steps of all trials"

    by_dict = jt.compare({"a": [first, "random-2"], "b": "sobol"}, by="time")
    assert [len(each) for each in by_dict.studies.values()] == [2, 1]


def test_other_metrics_and_directions_are_refused_with_both_studies() -> None:
    finished("down", 1, trials=1)
    finished("up", 1, trials=1, minimize=None, maximize="loss")
    with pytest.raises(OptionError, match=r"'down' is to minimize loss and study 'up' to maximize loss"):
        jt.compare(["down", "up"])
    with pytest.raises(OptionError, match="by='epochs'; use one of trials, time, steps"):
        jt.compare("down", by="epochs")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="at least one study"):
        jt.compare([])
    with pytest.raises(OptionError, match="compare: 3 is no study"):
        jt.compare(3)  # type: ignore[arg-type]
    with pytest.raises(JournalError, match="does not exist"):
        jt.compare(["gone"])


def test_studies_of_several_metrics_are_compared_by_one_of_them(tmp_path: Path) -> None:
    def both(x: float) -> dict[str, float]:
        return {"gain": x, "cost": x * x}

    for name, seed in (("one", 1), ("two", 2)):
        options: dict[str, Any] = {"sampler": "random", "workers": 2, "trials": 4, "seed": seed}
        jt.tune(both, {"x": jt.Float(0, 1)}, maximize="gain", minimize="cost", name=name, **options).wait()
    gain, cost = jt.compare(["one", "two"]), jt.compare(["one", "two"], target="cost")
    names = ("one", "two")
    best = {name: [trial.value or 0.0 for trial in jt.load_study(name).trials] for name in names}
    assert gain.table()["best"].to_dict() == {name: max(xs) for name, xs in best.items()}
    assert cost.table()["best"].to_dict() == {name: min(xs) ** 2 for name, xs in best.items()}
    assert cost.plot().layout.yaxis.title.text == "cost (lower is better)"
    with pytest.raises(
        OptionError, match="study 'one': target: the study is not after 'time'; there are gain"
    ):
        jt.compare(["one", "two"], target="time")

    runner = CliRunner()
    words = ["compare", "one", "two", "--target", "cost", "--by", "steps", "--html", str(tmp_path / "a.html")]
    shown = runner.invoke(cli, words, catch_exceptions=False)
    assert shown.stdout == f"{cost!r}\n"
    page = (tmp_path / "a.html").read_text()
    assert "best cost so far" in page
    assert "steps of all trials" in page
    assert '<script src="http' not in page
    told = json.loads(runner.invoke(cli, ["compare", "one", "two", "--json"], catch_exceptions=False).stdout)
    assert [row["label"] for row in told] == list(gain.table().index)
    assert [row["best"] for row in told] == list(gain.table()["best"])
    with pytest.raises(OptionError, match=r"'a.txt' does not end in .html"):
        runner.invoke(cli, ["compare", "one", "--html", "a.txt"], catch_exceptions=False)


def test_a_study_without_a_result_has_a_row_and_no_line() -> None:
    def fails(x: float) -> float:
        raise ValueError("always")

    study = jt.tune(fails, {"x": jt.Float(0, 1)}, minimize="loss", name="failed", trials=1, sampler="random")
    study.wait()
    compared = jt.compare([study, finished("fine", 1)])
    assert math.isnan(compared.table().loc["failed", "best"])
    assert compared.table().index.tolist() == ["fine", "failed"]
    assert len(compared.plot().data[0].x or ()) == 0
    assert "NaN" in repr(compared)
