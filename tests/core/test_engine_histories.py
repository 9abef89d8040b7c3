from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_tune.core.commands import Command
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    RangesNarrowed,
    StopRequested,
    StudyPaused,
    StudyResumed,
    TrialAdded,
    TrialEnqueued,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.steering import undoing
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, ENDED, PRUNED
from jupyter_tune.pruners.asha import AshaPruner
from tests.core.simulation import Simulation

# a whole study is run for each example: on a busy machine no deadline holds
chance = st.randoms(use_true_random=False)
budgets = st.builds(
    Settings,
    st.just("score"),
    st.sampled_from(["maximize", "minimize"]),
    trials=st.integers(1, 12),
    workers=st.integers(1, 5),
    max_steps=st.none() | st.integers(1, 9),
    reduction_factor=st.integers(2, 4),
    retries=st.sampled_from([None, 0, 1, 3]),
)


@given(budgets, chance)
def test_the_budget_is_exact_under_any_interleaving(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    simulation.run()
    study = simulation.study
    assert study.spent == len(study.trials) == settings.trials
    assert set(study.trials) == set(range(settings.trials))
    assert all(trial.state in ENDED for trial in study.trials.values())
    assert simulation.closes == 1
    assert study.end_reason == "all trials done"


@given(budgets, chance)
def test_the_same_records_give_the_same_commands(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    simulation.run()
    assert replayed(simulation) == simulation.commands
    assert vars_of(Study.fold(simulation.records)) == vars_of(simulation.study)


def replayed(simulation: Simulation) -> list[list[Command]]:
    engine = Engine(Study.fold(simulation.records[:1]), AshaPruner())
    return [engine.go_on(), *(engine.handle(record) for record in simulation.records[1:])]


def vars_of(study: Study) -> str:
    # by text, in which NaN equals itself
    return repr((study.trials, study.rungs, study.queue, study.counts, study.best_trial, study.end_reason))


@given(budgets, chance, st.integers(0, 60))
def test_a_resumed_study_keeps_its_budget_and_relaunches_what_ran(settings, random, steps):
    first = Simulation(settings, AshaPruner(), random)
    first.begin()
    for _ in range(steps):
        if not first.is_idle:
            first.step()
    running = {key for key, attempt in first.attempts.items() if attempt.started}
    if first.study.is_ended:
        return
    second = Simulation(settings, AshaPruner(), random, list(first.records))
    second.record(DriverStarted("second"))
    relaunched = set(second.attempts)
    assert {(number, attempt + 1) for number, attempt in running} <= relaunched
    second.run()
    assert second.study.spent == settings.trials
    assert all(trial.state in ENDED for trial in second.study.trials.values())
    assert second.closes == 1


@given(budgets, chance)
@hypothesis_settings(max_examples=50)
def test_people_may_interfere_at_any_time(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    trials, enqueued = settings.trials, 0
    for turn in range(40):
        if simulation.study.is_ended:
            break
        event: Event
        match random.randrange(11):
            case 0:
                event = StudyPaused()
            case 1:
                event = StudyResumed()
            case 2:
                event = RangesNarrowed(simulation.study.revision + 1, {"x": [0.25, 0.5]})
            case 3:
                trials += 1
                event = BudgetChanged(trials, random.randint(1, 4))
            case 4:
                event = TrialAdded(simulation.engine.next_number, {"x": 0.5, "y": 0.5}, float(turn))
            case 5:
                enqueued += 1
                event = TrialEnqueued({"x": enqueued / 1000})
            case 6 if simulation.study.undoable:
                event = undoing(simulation.study, random.choice(simulation.study.undoable))
                if isinstance(event, BudgetChanged):
                    # the driver refuses a budget that is overdrawn
                    if (event.trials or 0) < simulation.engine.committed:
                        continue
                    trials = event.trials or 0
            case 7 if simulation.study.live:
                number = random.choice(simulation.study.live).number
                event = HaltRequested(number, random.choice([PRUNED, CANCELLED]))
            case _:
                if not simulation.is_idle:
                    simulation.step()
                continue
        simulation.record(event)
    if not simulation.study.is_ended:
        simulation.record(StudyResumed())
    simulation.run()
    study = simulation.study
    assert study.spent == trials
    assert simulation.closes == 1
    served = [t.params["x"] for t in study.in_state(*ENDED) if t.source == "user"]
    asked = {r.seq: r.event.params["x"] for r in simulation.records if isinstance(r.event, TrialEnqueued)}
    events = [record.event for record in simulation.records]
    withdrawn = [asked[event.enqueued] for event in events if isinstance(event, EnqueueWithdrawn)]
    waiting = [entry.params["x"] for entry in study.queue]
    # every one has one fate
    assert Counter([*served, *withdrawn, *waiting]) == Counter(asked.values())
    assert not study.halts
    assert replayed(simulation) == simulation.commands


@given(budgets, chance, st.integers(0, 40))
def test_a_stop_at_any_time_ends_everything(settings, random, steps):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    for _ in range(steps):
        if not simulation.is_idle:
            simulation.step()
    if simulation.study.is_ended:
        return
    simulation.record(StopRequested("enough"))
    simulation.run()
    assert simulation.study.end_reason == "enough"
    assert not simulation.study.live
    assert simulation.closes == 1


@given(budgets, chance)
@hypothesis_settings(max_examples=50)
def test_trials_left_pruned_with_a_checkpoint_are_not_among_the_best(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    simulation.run()
    assert AshaPruner().resumes(simulation.study) == []


def test_pruned_trials_are_resumed_and_some_of_them_complete():
    settings = replace(Settings("score"), trials=1000, workers=4, max_steps=9)
    simulation = Simulation(settings, AshaPruner(), Random(0))
    simulation.begin()
    simulation.run()
    resumed = [t for t in simulation.study.trials.values() if t.resumed]
    assert len(resumed) > 10
    assert {COMPLETE, PRUNED} <= {trial.state for trial in resumed}


def test_a_thousand_trials_come_to_their_end():
    settings = replace(Settings("score"), trials=1000, workers=16, max_steps=9)
    simulation = Simulation(settings, AshaPruner(), Random(0))
    simulation.begin()
    simulation.run()
    assert simulation.study.spent == 1000
    assert simulation.study.counts[PRUNED] > 300
