"""The cells that kernel and front end have to read alike. The front end's tests read the same file."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.errors import CellError, SpaceError
from jupyter_tune.notebook.cell import parse
from jupyter_tune.notebook.cell.declarations import Declarations
from jupyter_tune.notebook.cell.reader import Reader

CELLS = json.loads((Path(__file__).parents[3] / "labextension/test/fixtures/cells.json").read_text())["cells"]
READ = [cell for cell in CELLS if "refused" not in cell]
REFUSED = [cell for cell in CELLS if "refused" in cell]
KINDS = {"Float": Float, "Int": Int, "Categorical": Categorical}


def namespace(cell: dict[str, Any]) -> dict[str, Any]:
    return {"jt": jt, **cell.get("given", {})}


def calls(text: str, given: dict[str, Any]) -> list[tuple[str, str | None]]:
    """(name, text of its range) of each declaration."""
    tree = ast.parse(text)
    reader = Reader(tree, given)
    reader.read(tree.body, {})
    declarations = Declarations(reader.kinds)
    found = [(name, declarations.of(statement)) for statement, name in reader.spans]
    return [
        (name, ast.get_source_segment(text, declaration.declared))
        for name, declaration in found
        if declaration is not None and isinstance(declaration.declared, ast.Call)
    ]


@pytest.mark.parametrize("cell", READ, ids=[cell["text"] for cell in READ])
def test_the_kernel_reads_it(cell: dict[str, Any]) -> None:
    space = parse(cell["text"], namespace(cell)).space
    unseen = cell.get("unseen", [])
    assert {each["name"] for each in cell["declarations"]} | {*unseen} == {*space}
    found = calls(cell["text"], namespace(cell))
    assert [pair for pair in found if pair[0] not in unseen] == [
        (each["name"], each["call"]) for each in cell["declarations"]
    ]
    for each in cell["declarations"]:
        parameter = space[each["name"]]
        assert isinstance(parameter, KINDS[each["kind"]])
        if each.get("literal", True) is False:
            continue
        fields = {key: value for key, value in each.items() if key not in ("name", "kind", "call")}
        if "choices" in fields:
            fields["choices"] = tuple(fields["choices"])
        assert {key: getattr(parameter, key) for key in fields} == fields


@pytest.mark.parametrize("cell", REFUSED, ids=[cell["refused"] for cell in REFUSED])
def test_the_kernel_refuses_it(cell: dict[str, Any]) -> None:
    with pytest.raises((CellError, SpaceError)):
        parse(cell["text"], namespace(cell))
