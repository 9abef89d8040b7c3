"""What a seed stands for: the study, the faults that may happen to it, and when they cease.

Each kind of fault is possible in some seeds only: together all the time they would hide one another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.retries import CRASH, ERROR, MEMORY
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space

Value = TypeVar("Value")

SPACE = Space(
    {"x": Float(0.0, 1.0), "kind": Categorical(["a", "b"]), "depth": Int(1, 8)},
    when={"depth": {"kind": ["b"]}},
)

LIMIT_S = 50_000.0
"""A study that has not ended by then never does."""

TAKEN_OVER_S = 50.0
"""Seconds after which the user takes the study of a stopped driver over; STALLED_S is less."""

MOST_RECORDS = 4_000
"""A study with more records than that goes round in circles."""


@dataclass(frozen=True)
class Faults:
    """How often what happens: probabilities where nothing else is said.

    fails:       of an attempt, at each step, by each of `causes`; `breaks_alike`: all in the same way.
    hangs:       of an attempt: it stops somewhere, and answers no halt; only its limit, the user or the
                 executor's grace ends it.
    loses:       of an attempt: its worker is lost; `ghosts`: and goes on all the same.
    all_lost_at: times at which all workers are lost.
    broken_slot: the number of a slot on which every attempt fails.
    repeats:     of a fact: it comes a second time, whenever.
    odd_steps:   of a report: of a step reported before, or of one already passed.
    odd_values:  of a reading: NaN or an infinity.
    silences:    of a start or a halt: it takes a minute.
    forgets:     of an attempt that outlives its driver: the next one does not find it.
    refuses:     the executor cannot be opened.
    suggests_badly: of a suggestion: the sampler raises.
    full_disk:   from when to when nothing can be written; `slow_disk`: of a commit, it takes seconds.
    kills:       in each life of the driver, at which of the points where it may be killed.
    stalls:      when the driver is stopped, and for how many seconds; after TAKEN_OVER_S another
                 goes on with its study.
    jumps:       when the wall clock jumps, and by how many seconds.
    requests:    when the user does something.
    """

    fails: float = 0.0
    causes: tuple[str, ...] = (ERROR,)
    breaks_alike: bool = False
    hangs: float = 0.0
    loses: float = 0.0
    ghosts: bool = False
    all_lost_at: tuple[float, ...] = ()
    broken_slot: int | None = None
    repeats: float = 0.0
    odd_steps: float = 0.0
    odd_values: float = 0.0
    silences: float = 0.0
    forgets: float = 0.0
    refuses: bool = False
    suggests_badly: float = 0.0
    full_disk: tuple[tuple[float, float], ...] = ()
    slow_disk: float = 0.0
    kills: tuple[int, ...] = ()
    stalls: tuple[tuple[float, float], ...] = ()
    jumps: tuple[tuple[float, float], ...] = ()
    requests: tuple[float, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A study and its faults.

    `added`: values of x of results from elsewhere; `steps`: that an attempt reports; `checkpoints`: how often
    an attempt leaves one; `quiet_at`: from then on
    no fault happens, and the user only helps; `goes_on`: how often the study is resumed after an end;
    `outlives`: attempts go on after the death of their driver, for the next one to find.
    """

    settings: Settings
    added: tuple[float, ...]
    steps: int
    checkpoints: float
    faults: Faults
    quiet_at: float
    goes_on: int = 0
    outlives: bool = False
    calm: Faults = field(default_factory=Faults)

    @property
    def acts_until(self) -> float:
        """Until when the user requests anything."""
        return self.quiet_at if self.faults.requests else 0.0

    def at(self, now: float) -> Faults:
        """What may happen now."""
        return self.faults if now < self.quiet_at else self.calm


def scenario(random: Random) -> Scenario:
    """A scenario by chance."""
    quiet_at = random.uniform(20, 300)

    def times(most: int) -> tuple[float, ...]:
        # most of them early: many studies are short
        return tuple(sorted(quiet_at * random.random() ** 2 for _ in range(random.randint(1, most))))

    def sometimes(value: Value, otherwise: Value) -> Value:
        return value if random.random() < 0.35 else otherwise

    max_steps = random.choice([None, 1, 4, 9, 9])
    settings = Settings(
        "score",
        random.choice(["maximize", "minimize"]),
        trials=random.choice([random.randint(1, 14), random.randint(1, 14), 25]),
        workers=random.randint(1, 4),
        sampler="random",
        pruner=random.choice(["asha", "asha", "hyperband", "median", "none"]),
        max_steps=max_steps,
        min_steps=random.choice([None, 1, 2]) if max_steps else None,
        reduction_factor=random.randint(2, 4),
        seed=random.randrange(1000),
        retries=random.choice([None, 0, 0, 1, 3]),
        trial_timeout_s=random.choice([None, 30.0]),
        timeout_s=random.choice([None, None, None, 100.0]),
        target=random.choice([None, None, None, 0.9]),
        patience=random.choice([None, None, None, 4]),
    )
    faults = Faults(
        fails=sometimes(random.choice([0.02, 0.1, 0.3]), 0.0),
        causes=tuple(random.sample(["", ERROR, CRASH, MEMORY], random.randint(1, 4))),
        breaks_alike=random.random() < 0.2,
        hangs=sometimes(0.1, 0.0),
        loses=sometimes(random.choice([0.05, 0.3]), 0.0),
        ghosts=random.random() < 0.5,
        all_lost_at=sometimes(times(3), ()),
        broken_slot=sometimes(random.randrange(3), None),
        repeats=sometimes(0.1, 0.0),
        odd_steps=sometimes(0.1, 0.0),
        odd_values=sometimes(random.choice([0.2, 0.8]), 0.0),
        silences=sometimes(0.1, 0.0),
        refuses=random.random() < 0.01,
        suggests_badly=sometimes(0.2, 0.0),
        full_disk=sometimes(tuple((at, at + random.uniform(0.1, 20)) for at in times(3)), ()),
        slow_disk=sometimes(0.1, 0.0),
        kills=sometimes(tuple(random.randrange(200) for _ in range(random.randint(1, 3))), ()),
        stalls=sometimes(tuple((at, random.choice([5.0, 60.0, 400.0, math.inf])) for at in times(2)), ()),
        jumps=sometimes(tuple((at, random.uniform(-1000, 1000)) for at in times(2)), ()),
        requests=times(12) if random.random() < 0.6 else (),
    )
    outlives = random.random() < 0.4
    if outlives:
        # each fact comes once then: the next driver counts them
        kills = faults.kills or (random.randrange(100),)
        faults = replace(faults, ghosts=False, repeats=0.0, kills=kills, forgets=sometimes(0.3, 0.0))
    plan = Scenario(
        settings,
        added=sometimes(tuple(random.random() for _ in range(3)), ()),
        steps=settings.max_steps or random.randint(1, 6),
        checkpoints=random.choice([0.0, 0.5, 1.0, 1.0]),
        faults=faults,
        quiet_at=quiet_at,
        goes_on=random.choice([0, 1, 2]),
        outlives=outlives,
    )
    confirm = random.choice([0, 0, 2, 3, 5])
    if settings.trials is None or confirm >= settings.trials:
        return plan
    return replace(plan, settings=replace(settings, confirm=confirm))
