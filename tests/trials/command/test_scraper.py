"""Lines and reports from a program's output."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.trials.command.scraper import LONGEST, Lines, Report, Scraper

LOSS, ACCURACY = r"loss=(\S+)", r"acc=(\S+)"


def read(scraper: Scraper, *lines: str) -> list[Report]:
    return [report for line in lines for report in scraper.read(line)]


@given(st.binary(max_size=60), st.integers(0, 60))
def test_lines_do_not_depend_on_how_the_bytes_arrive(data: bytes, cut: int) -> None:
    whole, parts = Lines(), Lines()
    together = [*whole.feed(data), *whole.end()]
    assert [*parts.feed(data[:cut]), *parts.feed(data[cut:]), *parts.end()] == together
    assert all(line == "" or ("\n" not in line and "\r" not in line) for line in together)


def test_lines_end_with_a_newline_or_a_carriage_return() -> None:
    lines = Lines()
    assert lines.feed(b"a\r\nb\rc\n\nd\xff") == ["a", "b", "c"]
    assert lines.feed(b"e") == []
    assert (lines.end(), lines.end()) == (["d\ufffde"], [])


def test_a_line_without_end_is_read_in_pieces() -> None:
    lines = Lines()
    assert [len(line) for line in lines.feed(b"x" * (LONGEST + 1))] == [LONGEST + 1]


def test_colours_are_removed() -> None:
    assert Lines().feed(b"\x1b[1;32macc\x1b[0m=0.5\x1b[K\n") == ["acc=0.5"]


def test_without_step_from_the_values_of_each_metric_are_counted() -> None:
    scraper = Scraper({"accuracy": ACCURACY, "loss": LOSS}, last_step=2)
    assert read(scraper, "loss=3", "loss=2 acc=0.1", "acc=0.2 acc=0.3", "nothing") == [
        (3, {"loss": 3.0}),
        (3, {"accuracy": 0.1}),
        (4, {"loss": 2.0}),
        (4, {"accuracy": 0.2}),
        (5, {"accuracy": 0.3}),
    ]


def test_metrics_of_one_line_are_one_report() -> None:
    scraper = Scraper({"accuracy": ACCURACY, "loss": LOSS}, r"epoch (\d+)")
    assert read(scraper, "epoch 3/9 loss=2 acc=0.1", "loss=1") == [
        (3, {"accuracy": 0.1, "loss": 2.0}),
        (3, {"loss": 1.0}),
    ]


def test_a_step_may_be_written_as_a_float_and_is_kept_if_the_next_is_none() -> None:
    notes: list[str] = []
    scraper = Scraper({"loss": LOSS}, r"epoch (\S+)", complain=notes.append)
    lines = ("epoch 3.0 loss=1", "epoch 3.5 loss=2", "epoch -1 loss=3", "epoch x loss=4", "epoch inf loss=5")
    assert [step for step, _ in read(scraper, *lines)] == [3] * 5
    assert len(notes) == 1
    assert "step" in notes[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.93.", 0.93), ("1e-3,", 1e-3), (" 7 ", 7.0), ("93%", 93.0), ("-inf", -math.inf), ("1_000", 1000.0)],
)
def test_numbers_are_read_without_what_follows_them_in_a_sentence(text: str, number: float) -> None:
    assert read(Scraper({"loss": "loss is (.*)"}), f"loss is {text}") == [(1, {"loss": number})]


def test_nan_is_a_number() -> None:
    [(step, metrics)] = read(Scraper({"loss": LOSS}), "loss=nan")
    assert step == 1
    assert math.isnan(metrics["loss"])


def test_what_is_no_number_is_left_out_and_noted_once() -> None:
    notes: list[str] = []
    scraper = Scraper({"loss": LOSS}, complain=notes.append)
    assert read(scraper, "loss=low", "loss=lower", "loss=1") == [(1, {"loss": 1.0})]
    assert notes == ["jupyter_tune: loss: 'low' is not a number; such matches are left out"]
