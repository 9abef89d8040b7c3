"""GpSampler: the search of this package inside a study of Optuna.

    study = optuna.create_study(sampler=jt.optuna.GpSampler(seed=0))
    study.optimize(objective, n_trials=50, n_jobs=2)

Optuna asks for parameters one by one and knows no conditions, so the parameters are taken in groups, those
that the trials so far had together: one group where all trials have the same. Each group is a study of this
package, made anew from Optuna's trials for every suggestion: nothing is kept between two, so a study that is
resumed, or that several processes share, goes on as if it never stopped. What no trial had before is drawn
at random.

Of trials that run, those parameters are known that they have asked for: the search looks elsewhere. Pruned
ones count by their intermediate values, failed ones as the worst, several objectives and constraints as here.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study as OptunaStudy
from optuna.trial import FrozenTrial, TrialState

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.events import Event, Record, StudyOpened
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.optuna.distributions import range_of
from jupyter_tune.integrations.optuna.records import begun, measured, metric_names, settings_of
from jupyter_tune.registry import make_sampler

_TAUGHT = (TrialState.COMPLETE, TrialState.PRUNED)
_TEACH = (*_TAUGHT, TrialState.FAIL, TrialState.RUNNING)


class GpSampler(BaseSampler):
    """A sampler of Optuna that suggests as the sampler gp does here.

    Args:
        seed: the only source of chance, with the number of a trial; None: another one each time.
        constraints_func: of a finished trial, the values that are to be zero or less, as Optuna's own
            samplers take it; `trial.set_constraint` of an objective needs none.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        constraints_func: Callable[[FrozenTrial], Sequence[float]] | None = None,
    ):
        self._seed = secrets.randbits(32) if seed is None else seed
        self._constraints_func = constraints_func
        self._lock = threading.Lock()
        self._gp = make_sampler("gp")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def infer_relative_search_space(
        self, study: OptunaStudy, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {name: each for group in _groups(_trials(study, _TAUGHT)) for name, each in group.items()}

    def sample_relative(
        self, study: OptunaStudy, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        trials = _trials(study, _TEACH)
        found: dict[str, Any] = {}
        # torch computes in one thread; two would take turns line by line
        with self._lock:
            for place, group in enumerate(_groups(_trials(study, _TAUGHT))):
                if all(name in search_space for name in group):
                    found |= self._sample(study, trials, trial.number, place, group)
        return found

    def _sample(
        self,
        study: OptunaStudy,
        trials: Sequence[FrozenTrial],
        number: int,
        place: int,
        group: Mapping[str, BaseDistribution],
    ) -> dict[str, Any]:
        space = Space({name: range_of(each, name) for name, each in group.items()})
        having = [each for each in trials if each.number != number and set(group) <= set(each.params)]
        here = _study_of(study, having, space)
        seed = trial_seed(self._seed + place, number)
        params, _ = self._gp.suggest(here, Suggest(len(here.trials)), seed)
        return space.decode(params)

    def sample_independent(
        self, study: OptunaStudy, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        chance = random.Random(f"{self._seed} {trial.number} {param_name}")
        return range_of(param_distribution, param_name).from_unit(chance.random())

    def after_trial(
        self,
        study: OptunaStudy,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        if self._constraints_func is not None and state in _TAUGHT:
            broken = [float(each) for each in self._constraints_func(trial)]
            study._storage.set_trial_system_attr(trial._trial_id, "constraints", broken)


def _trials(study: OptunaStudy, states: Sequence[TrialState]) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=tuple(states))


def _groups(trials: Sequence[FrozenTrial]) -> list[dict[str, BaseDistribution]]:
    """Parameters that every trial has either all or none of, by the first of them, as last asked for."""
    last: dict[str, BaseDistribution] = {}
    numbers: dict[str, set[int]] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            last[name] = distribution
            numbers.setdefault(name, set()).add(trial.number)
    groups: dict[frozenset[int], dict[str, BaseDistribution]] = {}
    for name, those in numbers.items():
        groups.setdefault(frozenset(those), {})[name] = last[name]
    return list(groups.values())


def _study_of(study: OptunaStudy, trials: Sequence[FrozenTrial], space: Space) -> Study:
    """The study here that has these trials, as far as their values are among the choices now."""
    metrics = metric_names(len(study.directions))
    opened = StudyOpened("optuna", space.encoded, settings_of(study.directions, metrics, trials, "gp"))
    records = enumerate(_events(opened, trials, space, metrics), Record.FIRST)
    return Study.fold(Record(seq, float(seq), event) for seq, event in records)


def _events(
    opened: StudyOpened, trials: Sequence[FrozenTrial], space: Space, metrics: Sequence[str]
) -> Iterator[Event]:
    yield opened
    number = 0
    for trial in trials:
        try:
            params = space.encode({name: trial.params[name] for name in space})
        except SpaceError:  # a choice that is none any more
            continue
        yield from begun(trial, number, params, "gp")
        yield from measured(trial, number, metrics)
        number += 1
