"""Recipes: what this process keeps of a plan, so that its study can be resumed.

`study.resume(trials=20)` collects what the trials run again, by name. So the recipe keeps none of the user's
objects alive, and the trials run what the notebook has now. Only a function that cannot be found by name (a
lambda, a local function) is kept itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jupyter_tune.errors import PayloadError
from jupyter_tune.launch.origins import origin_of_function
from jupyter_tune.launch.plan import Plan


@dataclass(frozen=True)
class Ingredients:
    """The work of a study (see trials/program.py), without the user's objects.

    rest:      the other entries of the work.
    names:     the names that a cell uses.
    namespace: the notebook's variables, where these names are looked up.
    find:      returns the current version of the tuned function.
    """

    rest: Mapping[str, Any]
    names: tuple[str, ...] = ()
    namespace: Mapping[str, Any] | None = None
    find: Callable[[], Callable[..., Any]] | None = None

    def collect(self) -> dict[str, Any]:
        """The work with the current objects. Raises PayloadError naming what no longer exists."""
        work = dict(self.rest)
        if self.namespace is not None:
            gone = [name for name in self.names if name not in self.namespace]
            if gone:
                raise PayloadError(
                    f"{gone[0]}: the trials use it, and it is not defined any more; define it, then resume"
                )
            work["names"] = {name: self.namespace[name] for name in self.names}
        if self.find is not None:
            work["function"] = self.find()
        return work


@dataclass(frozen=True)
class Recipe:
    """A plan that is started later, with the objects that the notebook has then."""

    lean: Plan
    ingredients: Ingredients

    def plan(self, **changes: Any) -> Plan:
        """The plan with `changes`. Raises PayloadError naming what no longer exists."""
        work = self.ingredients.collect()
        if "function" in work:
            changes = {"origin": origin_of_function(work["function"]), **changes}
        return replace(self.lean, work=work, **changes)


def recipe_of(plan: Plan) -> Recipe:
    return Recipe(replace(plan, work={}), ingredients_of(plan.work, plan.namespace))


def ingredients_of(work: Mapping[str, Any], namespace: Mapping[str, Any] | None) -> Ingredients:
    """What to keep of `work`. `namespace`: where the names that a cell uses are looked up later."""
    rest = {key: value for key, value in work.items() if key not in ("names", "function")}
    if "function" in work:
        return Ingredients(rest, find=_finder(work["function"]))
    if namespace is None or "names" not in work:
        # without a namespace, keep the objects themselves; a command has none
        return Ingredients(work)
    return Ingredients(rest, tuple(work["names"]), namespace)


def _finder(function: Callable[..., Any]) -> Callable[[], Callable[..., Any]]:
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)

    def found() -> Any:
        return getattr(sys.modules.get(module or ""), name or "", None)

    if found() is not function:
        return lambda: function

    def find() -> Callable[..., Any]:
        now = found()
        if not callable(now):
            raise PayloadError(f"{name}: {module} has no such function any more; define it, then resume")
        return now  # type: ignore[no-any-return]

    return find
