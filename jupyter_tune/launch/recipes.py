"""What is needed to run a study's trials again, kept for as long as this process lives.

A study that has ended can go on (`study.resume(trials=20)`). What its trials run is then gathered again,
by name, from where it was found: so no object of the user's is kept alive here, and what runs is what the
notebook has now. A function that has no name (a lambda, a local one) is kept itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jupyter_tune.errors import PayloadError
from jupyter_tune.launch.plan import Plan, origin_of_function


@dataclass(frozen=True)
class Ingredients:
    """The work of a study (see trials/program.py) without what the user made.

    names:     what a cell uses of `namespace`, which is the notebook's own.
    find:      the function that is tuned, as it is now.
    """

    rest: Mapping[str, Any]
    names: tuple[str, ...] = ()
    namespace: Mapping[str, Any] | None = None
    find: Callable[[], Callable[..., Any]] | None = None

    def gathered(self) -> dict[str, Any]:
        """The work, as it is now. Raises PayloadError naming what is gone."""
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
    """A plan that starts later, with what the notebook has then."""

    lean: Plan
    ingredients: Ingredients

    def plan(self, **changes: Any) -> Plan:
        """The plan with these fields changed. Raises PayloadError naming what is gone."""
        work = self.ingredients.gathered()
        if "function" in work:
            changes = {"origin": origin_of_function(work["function"]), **changes}
        return replace(self.lean, work=work, **changes)


def recipe_of(plan: Plan) -> Recipe:
    return Recipe(replace(plan, work={}), ingredients_of(plan.work, plan.namespace))


def ingredients_of(work: Mapping[str, Any], namespace: Mapping[str, Any] | None) -> Ingredients:
    """What to keep of `work`. `namespace`: where the names that a cell uses are found again."""
    rest = {key: value for key, value in work.items() if key not in ("names", "function")}
    if "function" in work:
        return Ingredients(rest, find=_finder(work["function"]))
    if namespace is None:
        # nowhere to look: the objects themselves are all there is
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
