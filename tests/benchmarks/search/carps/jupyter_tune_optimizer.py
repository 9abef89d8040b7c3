"""jupyter_tune as an optimizer of CARP-S, a public harness for hyperparameter optimisation.

CARP-S gives a task with a ConfigSpace, asks for a trial, evaluates it and tells its cost: that is a Tuner.
The space is read with its conditions by `jt.read_space`. A failed evaluation is a failed trial. On a task
with fidelities each trial gets the whole budget, as in CARP-S' own random search: here trials are stopped
underway, and none is asked for a part of the budget.

Source: https://github.com/automl/CARP-S, docs/contributing/contributing-an-optimizer.md
"""

from __future__ import annotations

from typing import Any

from carps.optimizers.optimizer import Optimizer
from carps.utils.trials import StatusType, TrialInfo, TrialValue
from ConfigSpace import Configuration, ConfigurationSpace

import jupyter_tune as jt
from jupyter_tune.core.trial import FAILED, Trial


class JupyterTuneOptimizer(Optimizer):  # type: ignore[misc]  # of no known type here
    """Args: task, loggers, expects_multiple_objectives, expects_fidelities: as of any optimizer of CARP-S;
    seed, sampler: as of a Tuner."""

    def __init__(
        self,
        task: Any,
        seed: int,
        sampler: str = "gp",
        loggers: list[Any] | None = None,
        expects_multiple_objectives: bool = False,
        expects_fidelities: bool = False,
    ) -> None:
        super().__init__(task, loggers, expects_multiple_objectives, expects_fidelities)
        self._seed, self._sampler = seed, sampler
        self._declared: ConfigurationSpace = task.input_space.configuration_space
        self._metrics = [str(name) for name in task.output_space.objectives]
        self._running: dict[str, Trial] = {}

    def _setup_optimizer(self) -> jt.Tuner:
        space = self.convert_configspace(self._declared)
        return jt.Tuner(space, minimize=self._metrics, sampler=self._sampler, pruner="none", seed=self._seed)

    def convert_configspace(self, configspace: ConfigurationSpace) -> jt.Space:
        """Raises: SpaceError for a forbidden clause, or another thing that has no counterpart here."""
        return jt.read_space(configspace)

    def convert_to_trial(self, trial: Trial) -> TrialInfo:
        return TrialInfo(
            config=Configuration(self._declared, values=trial.params),
            name=str(trial.number),
            budget=self.task.input_space.fidelity_space.max_fidelity,
        )

    def ask(self) -> TrialInfo:
        trial = self.solver.ask()
        self._running[str(trial.number)] = trial
        return self.convert_to_trial(trial)

    def tell(self, trial_info: TrialInfo, trial_value: TrialValue) -> None:
        trial = self._running.pop(trial_info.name)
        if trial_value.status != StatusType.SUCCESS:
            self.solver.tell(trial, state=FAILED)
            return
        cost = trial_value.cost
        costs = cost if isinstance(cost, (list, tuple)) else [cost]
        self.solver.tell(trial, **dict(zip(self._metrics, map(float, costs), strict=True)))

    def get_current_incumbent(self) -> Any:
        """The best trial and its cost; of several objectives the front; None while there is none."""
        best = [(self.convert_to_trial(t), TrialValue(cost=self._cost(t))) for t in self.solver.best_trials]
        if len(self._metrics) > 1:
            return best
        return best[0] if best else None

    def _cost(self, trial: Trial) -> Any:
        values = trial.values or ()
        return list(values) if len(self._metrics) > 1 else values[0]
