"""Every public name is in the reference, with a docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.study_trial import StudyTrial
from tests.test_public import MEMBERS

PAGES = sorted((Path(__file__).parents[2] / "docs" / "reference").glob("*.md"))
DIRECTIVE = re.compile(r"^\.\. (currentmodule|auto\w+):: ([\w.]+).*\n((?:   :.*\n)*)", re.M)

ATTRIBUTES = {"number", "state", "value", "params", "user_attrs", "note"}
"""Of a trial: fields, which its docstring and page list."""


def documented() -> Iterator[tuple[str, str]]:
    """(object, member or "") for each name that a page of the reference has."""
    for page in PAGES:
        module = ""
        for directive, name, options in DIRECTIVE.findall(page.read_text()):
            if directive == "currentmodule":
                module = f"{name}."
                continue
            full = name if name.startswith("jupyter_tune") else f"{module}{name}"
            if directive in ("autoproperty", "automethod"):
                yield full.rpartition(".")[0], full.rpartition(".")[2]
                continue
            yield full, ""
            if directive == "automodule":
                yield from ((f"{full}.{each}", "") for each in vars(resolved(full)) if each.endswith("Error"))
                continue
            members = re.search(r"^   :members:(.*)$", options, re.M)
            if members:
                for member in members[1].replace(",", " ").split() or dir(resolved(full)):
                    yield full, member


def resolved(path: str) -> Any:
    """The object at a dotted path."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except AttributeError:
        return import_module(path)


DOCUMENTED = list(documented())
CALLBACKS = ("accelerate", "catboost", "fastai", "ignite", "keras", "skorch", "transformers")
OBJECTS = {
    path: None if any(f".{name}." in path for name in CALLBACKS) else resolved(path) for path, _ in DOCUMENTED
}
"""Without the callbacks whose libraries are large; `make test-integrations` has them."""


@pytest.mark.parametrize("name", sorted(set(jt.__all__) - {"trial"}))
def test_the_names_of_the_package_are_there(name: str) -> None:
    assert any(each is getattr(jt, name) for each in OBJECTS.values())
    assert inspect.getdoc(getattr(jt, name))


@pytest.mark.parametrize("name", jt.optuna.__all__)
def test_the_names_for_optunas_users_are_there(name: str) -> None:
    assert f"jupyter_tune.optuna.{name}" in OBJECTS


@pytest.mark.parametrize("kind", MEMBERS, ids=lambda kind: kind.__name__)
def test_the_members_are_there(kind: type) -> None:
    paths = {path for path, each in OBJECTS.items() if each is kind}
    there = {member for path, member in DOCUMENTED if path in paths}
    wanted = {name for name in MEMBERS[kind].split() if not name.startswith("_")}
    if kind is StudyTrial:
        assert all(f"`{name}`" in (PAGES[0].parent / "study.md").read_text() for name in ATTRIBUTES)
        wanted -= ATTRIBUTES
    assert wanted <= there
    assert [name for name in wanted if not inspect.getdoc(getattr(kind, name))] == []


def test_every_callback_is_there() -> None:
    folder = Path(jt.__file__).parent / "integrations"
    named = {path.stem for path in folder.glob("*.py") if "TuneCallback" in path.read_text()}
    there = {path.split(".")[2] for path in OBJECTS if path.endswith(".TuneCallback")}
    assert named - {"pytorch_lightning"} == there


def test_a_study_has_no_member_that_only_the_page_knows() -> None:
    path = f"{StudyHandle.__module__}.{StudyHandle.__name__}"
    assert [
        member for name, member in DOCUMENTED if name == path and not hasattr(StudyHandle, member or "name")
    ] == []
