"""Ranges in a TOML file, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

import jupyter_tune as jt
from jupyter_tune.cli.space_file import read_space
from jupyter_tune.errors import SpaceError

TEXT = """
lr = { type = "float", low = 1e-4, high = 1e-1, log = true, default = 1e-2 }
beta = { type = "Float", low = 0.5, high = 0.999, reverse_log = true }
width = { type = "int", low = 16, high = 512, step = 16 }
opt = { type = "categorical", choices = ["sgd", "adam", "lion"], default = "adam" }
size = { choices = ["small", "large"], ordered = true }
epochs = 20
"weight decay" = 0.1

[momentum]
type = "float"
low = 0
high = 0.99
when = { opt = ["sgd", "lion"] }
"""


def test_the_keys_are_the_arguments_of_the_ranges(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(TEXT)
    ranges = {
        "lr": jt.Float(1e-4, 1e-1, log=True, default=1e-2),
        "beta": jt.Float(0.5, 0.999, reverse_log=True),
        "width": jt.Int(16, 512, step=16),
        "opt": jt.Categorical(["sgd", "adam", "lion"], default="adam"),
        "size": jt.Categorical(["small", "large"], ordered=True),
        "epochs": 20,
        "weight decay": 0.1,
        "momentum": jt.Float(0, 0.99),
    }
    assert read_space(path) == jt.Space(ranges, when={"momentum": {"opt": ["sgd", "lion"]}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr = ", r"is not TOML \(Invalid value \(at .*\)\); write lines like lr = \{ type = \"float\""),
        ("lr = 1\nlr = 2", r"is not TOML \(Cannot overwrite a value"),
        ("", r"has no ranges; write lines like lr = "),
        ("lr = { low = 0, high = 1 }", r"lr: type is missing; choose float, int, categorical"),
        ("lr = { type = 'real', low = 0, high = 1 }", r"lr: type is 'real'; choose float, int, categorical"),
        ("lr = { type = 'float', lo = 0, high = 1 }", r"lr\.lo: no such key; did you mean low\?"),
        (
            "lr = { type = 'float', low = 0, high = 1, x = 1 }",
            r"lr\.x: no such key; there are low, high, log",
        ),
        ("lr = { type = 'float', low = 0 }", r"lr: high is missing; Float needs it"),
        ("lr = { type = 'float', low = 'a', high = 1 }", r"lr: low must be a number, got 'a'"),
        ("lr = { type = 'float', low = 2, high = 1 }", r"lr: .*2.0.*1.0"),
        ("lr = { type = 'float', low = 0, high = 1, log = true }", r"lr: log=True needs low > 0, got 0.0"),
        ("lr = { type = 'float', low = 1, high = 2, log = 1 }", r"lr\.log: must be true or false, got 1"),
        ("lr = { type = 'int', low = 1, high = 2.5 }", r"lr: high must be a whole number, got 2.5"),
        (
            "lr = { type = 'float', low = 1, high = 2, default = 3 }",
            r"lr: default: 3.0 is outside 1.0 to 2.0",
        ),
        ("lr = ['a', 'b']", r"lr: is a list; write \{ type = \"categorical\", choices = \['a', 'b'\] \}"),
        ("lr = { choices = [] }", r"lr: choices is empty; give at least one"),
        (
            "lr = { type = 'float', low = 0, high = 1, when = { opt = ['a'] } }",
            r"lr: depends on 'opt', which",
        ),
        ("lr = { type = 'float', low = 0, high = 1, when = 'opt' }", r"lr: .*'opt'"),
        ("lr = 2020-01-01", r"lr: datetime.date\(2020, 1, 1\) is not a range"),
    ],
)
def test_an_error_names_file_parameter_key_and_value(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "space.toml"
    path.write_text(text)
    with pytest.raises(SpaceError, match=rf"{path}: {message}"):
        read_space(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match=rf"{tmp_path}/no: No such file or directory; give the file with"):
        read_space(tmp_path / "no")
    with pytest.raises(SpaceError, match=rf"{tmp_path}: Is a directory"):
        read_space(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(SpaceError, match="is not TOML"):
        read_space(tmp_path / "binary")
