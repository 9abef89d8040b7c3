"""What the sampler's model believes, asked of the driver: part of the handle that users hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.one_metric import require_target
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import TuneError
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Request


class StudyModel(ABC):
    """The model of `snapshot()`, over one parameter or two."""

    @abstractmethod
    def snapshot(self) -> Study: ...

    @property
    @abstractmethod
    def declared(self) -> Space: ...

    @abstractmethod
    def ask(self, request: Request) -> Any: ...

    def landscape(
        self,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Any] | None = None,
        target: str | None = None,
    ) -> dict[str, Any]:
        """The model over two parameters (the first two that vary by default), as plain data; where
        only one varies, along that one: then there is no plane, and y is None.

        Args:
            at:     values of other parameters to look at; by default the best trial's.
            target: with several metrics, which of them; by default the first. `best` and `at` are then those
                    of the trial that is the best in it.
        Raises: TuneError if no parameter varies, OptionError for a metric that the study is not after, or
            DriverError if it was interrupted.
        """
        x, y = self.outlook(x, y)
        held = self.declared.encode(at or {}) or None
        require_target(self.snapshot(), target)
        result: dict[str, Any] = self.ask(requests.Landscape(x, y, held, target))
        return result

    def outlook(self, x: str | None = None, y: str | None = None) -> tuple[str, str | None]:
        """One or two parameters to look at: those given, else the first that vary. Raises TuneError."""
        varying = self.snapshot().space.varying
        for name in (x, y):
            if name is not None and name not in varying:
                raise TuneError(f"{name}: no parameter of that name varies; there are {', '.join(varying)}")
        rest = iter(name for name in varying if name not in (x, y))
        first = x or next(rest, None)
        if first is None:
            raise TuneError("no parameter varies, so there is no landscape")
        return first, y or next(rest, None)

    def axes(self, x: str | None = None, y: str | None = None) -> tuple[str, str]:
        """Two different parameters, as `outlook` finds them. Raises TuneError."""
        x, y = self.outlook(x, y)
        if y is None or x == y:
            raise TuneError("a plane needs two different parameters that vary")
        return x, y
