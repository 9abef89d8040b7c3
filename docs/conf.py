"""Sphinx reads the pages of this folder, which are Markdown, and the docstrings: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from pygments.lexer import inherit
from pygments.lexers.python import PythonLexer
from pygments.token import Comment
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

import jupyter_tune  # noqa: E402
from docs.docstrings import as_rst  # noqa: E402

project = "jupyter_tune"
version = release = jupyter_tune.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_static"]

smartquotes = False

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_copyright = html_show_sphinx = False
pygments_style = "default"
pygments_dark_style = "github-dark"

myst_heading_anchors = 4
# a link that leads out of this folder, as to a notebook, is a file to download
myst_enable_extensions = ["attrs_block"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
# what the callbacks extend: each needs its library, and the reference needs none of them
autodoc_mock_imports = [
    "accelerate",
    "catboost",
    "fastai",
    "fastcore",
    "ignite",
    "keras",
    "lightgbm",
    "lightning",
    "pytorch_lightning",
    "skorch",
    "transformers",
    "xgboost",
]
add_module_names = False
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True
# types of other libraries, and those of this package that users never name
nitpick_ignore_regex = [
    ("py:.*", r"(?!jupyter_tune\.).*"),
    ("py:.*", r"jupyter_tune\.(core|client|views|wire|tuner|integrations)\..*"),
]


class CellLexer(PythonLexer):
    """Python whose first line may be a magic."""

    tokens = {"root": [(r"%%?\w+.*\n", Comment.Preproc), inherit]}  # noqa: RUF012  # as Pygments declares it


def _docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    lines[:] = as_rst(lines)


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_lexer("python", CellLexer)
    app.connect("autodoc-process-docstring", _docstring)
