"""Proposes a %%tune cell for a plain training cell: ranges, metric and steps, for the user to accept.

    lr = 0.01                            ->    lr: Float(0.0001, 0.1, log=True) = 0.01
    SGD(weights, momentum=0.9)           ->    momentum: Float(...) = 0.9, above it, and momentum=momentum
    for epoch in range(27): ...          ->    --max-steps 27, and report(accuracy=accuracy, step=epoch + 1)
    accuracy = evaluate(model)           ->    --maximize accuracy

It reads the text and runs nothing. A name and a value make a proposal only where practice knows a range
(ranges.py); everything else stays as it is, and is listed with the reason. SageMaker's Autotune does the same
on names and value hints; here the user sees each range in the cell, and deletes what is to stay fixed.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from jupyter_tune.core.parameters import with_default
from jupyter_tune.errors import CellError, SpaceError
from jupyter_tune.notebook.autotune.edits import Edits
from jupyter_tune.notebook.autotune.found import (
    Literal,
    Metric,
    Names,
    assigned_in,
    literals,
    metric,
    names_in,
    reported,
    training,
    unpacked,
)
from jupyter_tune.notebook.autotune.ranges import rule_for
from jupyter_tune.notebook.cell.declarations import TRIAL_NAMES
from jupyter_tune.notebook.cell.text import syntax_tree


@dataclass
class Proposal:
    """A cell to accept.

    text:    below its first line.
    options: for its first line, as written there.
    ranges:  (declaration, why this range) of each parameter.
    left:    (name, why) of what could have been one.
    """

    text: str = ""
    options: list[str] = field(default_factory=list)
    ranges: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    has_metric: bool = False


def propose(source: str, given: Mapping[str, Any] = MappingProxyType({})) -> Proposal:
    """The proposal for the text of a cell. `given`: checked options, which are not proposed again.

    Raises: CellError for a syntax error, or if no rule knows any of its names.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = syntax_tree(text)
    proposal, edits = Proposal(), Edits(text)
    _declare(tree, edits, proposal)
    if not proposal.ranges:
        left = "".join(f"; {name}: {why}" for name, why in proposal.left)
        raise CellError(
            "--autotune: found no value whose name says what it is, like lr = 0.01 or Adam(weights, lr=0.01)"
            f"{left}; write the ranges yourself, like lr: Float(1e-4, 1e-1, log=True) = 1e-2"
        )
    _measure(tree, edits, proposal, given)
    proposal.text = edits.result()
    return proposal


def _declare(tree: ast.Module, edits: Edits, proposal: Proposal) -> None:
    """Make parameters of the literals that a rule knows."""
    names = names_in(tree)
    by_name: dict[str, list[Literal]] = {}
    for found in literals(tree):
        if rule_for(found.name) is not None:
            by_name.setdefault(found.name, []).append(found)
    for name in unpacked(tree):
        if rule_for(name) is not None:
            proposal.left.append((name, "is assigned together with others; give it a line of its own"))
    for name, places in by_name.items():
        if why := _obstacle(name, places, names):
            proposal.left.append((name, why))
            continue
        first = places[0]
        rule = rule_for(name)
        parameter = None if rule is None else rule.range_of(first.value)
        if rule is None or parameter is None:
            proposal.left.append((name, f"{first.value!r} is not what such names usually have"))
            continue
        try:
            with_default(parameter, first.value, name)
        except SpaceError as error:
            proposal.left.append((name, str(error)))
            continue
        written = repr(parameter)
        proposal.ranges.append((f"{name}: {written} = {ast.unparse(first.node)}", rule.why))
        if first.is_assigned:
            _annotate(first.statement, written, edits)
        else:
            edits.line_before(first.statement, f"{name}: {written} = {ast.unparse(first.node)}")
        for place in places:
            if not place.is_assigned:
                edits.replace(place.node, name)


def _obstacle(name: str, places: list[Literal], names: Names) -> str:
    """Why the name cannot be a parameter; "" if it can."""
    if name in TRIAL_NAMES:
        return "every trial defines this name"
    assigned = sum(place.is_assigned for place in places)
    if assigned and names.bound[name] > 1:
        return "is assigned more than once in the cell"
    if len({(type(place.value), place.value) for place in places}) > 1:
        return "has several values in the cell"
    if not assigned and (names.bound[name] or name in names.loaded):
        return "is the name of something else in the cell"
    if assigned and not places[0].is_assigned:
        return "is used before it is assigned"
    return ""


def _annotate(statement: ast.stmt, written: str, edits: Edits) -> None:
    match statement:
        case ast.Assign(targets=[target]):
            edits.insert_after(target, f": {written}")
        case ast.AnnAssign(annotation=annotation):
            edits.replace(annotation, written)


def _measure(tree: ast.Module, edits: Edits, proposal: Proposal, given: Mapping[str, Any]) -> None:
    """Find the metric and the steps, and report the metric at each step if the cell does not."""
    there, loop = reported(tree), training(tree)
    inside = assigned_in(loop.loop.body) if loop else []
    named = given.get("maximize") or given.get("minimize")
    best: Metric | None = metric(there) or metric(inside) or metric(assigned_in(tree.body))
    name = named or (best.name if best else None)
    if name is None:
        return
    proposal.has_metric = True
    if best is not None and named is None:
        proposal.options += [f"--{best.direction}", best.name]
    if loop is None:
        return
    if not there and name in inside:
        edits.line_after(loop.loop.body[-1], f"report({name}={name}, step={loop.step})")
    if loop.last is not None and (name in inside or name in there) and "max_steps" not in given:
        proposal.options += ["--max-steps", str(loop.last)]


def in_words(proposal: Proposal) -> str:
    """What is proposed and what is not, for users to read."""
    width = max(len(declaration) for declaration, _ in proposal.ranges)
    lines = ["Proposed; nothing was started. Change or delete what you like, then run the cell below."]
    lines += [f"  {declaration:<{width}}  {why}" for declaration, why in proposal.ranges]
    if proposal.left:
        lines += ["Left as they are:", *(f"  {name}: {why}" for name, why in proposal.left)]
    if not proposal.has_metric:
        lines.append(
            "No metric was found: report one, like report(accuracy=accuracy, step=epoch), and name it by "
            "--maximize or --minimize."
        )
    return "\n".join(lines)
