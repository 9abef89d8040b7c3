"""A whole study by one seed: real driver, engine, journal, sampler; virtual time, disk, workers and user."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from random import Random

from jupyter_tune.client.restarts import Beginning
from jupyter_tune.core.events import Record
from jupyter_tune.core.ports import Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.opening import opened
from jupyter_tune.errors import TuneError
from jupyter_tune.journal import Journal, read_records
from jupyter_tune.wire.requests import Open
from tests.simulation.attempt import Workers
from tests.simulation.disk import Disk
from tests.simulation.executor import SimulatedExecutor
from tests.simulation.invariants import Invariants
from tests.simulation.sampler import SimulatedSampler
from tests.simulation.scenario import LIMIT_S, SPACE, TAKEN_OVER_S, Scenario, scenario
from tests.simulation.trace import Trace
from tests.simulation.user import User
from tests.simulation.virtual_loop import Killed, Process, Violation, VirtualLoop

BEGAN = 1_700_000_000.0
MEMORY = Path("/dev/shm")
"""Where a file costs no access to a disk."""


class SimulationError(AssertionError):
    """An invariant does not hold. The text has the seed, how to run it again, and what happened."""


class Driver:
    """A driver's process, from its start to its end or death."""

    def __init__(self, world: World, name: str, request: Open, kill_at: int | None):
        self._world = world
        self._name = name
        self._request = request
        self._points = 0
        self._kill_at = kill_at
        self.over = asyncio.Event()
        self.is_ended = False
        self.loop: StudyLoop | None = None
        self._executor: SimulatedExecutor | None = None
        self._journal: Journal | None = None
        self.process = Process(world.loop, name, self._died)
        self.process.call_later(0, self._start)

    def may_die(self) -> None:
        self._points += 1
        if self._points == self._kill_at:
            raise Killed

    def publish(self, record: Record, text: str) -> None:
        self._world.checks.shown(record, text)
        self.may_die()
        if self.loop is not None and self.loop.study.is_ended:
            self.is_ended = True
            self.process.call_later(5.0, self.over.set)

    def notice(self, text: str, level: str) -> None:
        self._world.trace.note(self._name, f"{level}:", text)
        self._world.checks.require("internal error" not in text, text)

    def fenced(self) -> None:
        """As a driver does (server.py): it ends."""
        assert self.loop is not None
        assert self._executor is not None
        self._executor.is_fenced = True
        self.process.spawn(self.loop.close())
        self.process.call_later(5.0, self.process.kill)

    def _start(self) -> None:
        world = self._world
        world.disk.may_die = self.may_die
        try:
            study = opened(self._request, "", owner=self._name, clock=world.wall_clock)
        except TuneError as refusal:
            world.trace.note(self._name, "refuses:", refusal)
            self.process.kill()
            return
        self._journal = study.journal
        # the lease was written at the machine's time
        self._journal.beat()
        self._executor = SimulatedExecutor(world.workers(), self.may_die, self._may_cross)
        sampler = SimulatedSampler(world.loop, world.plan, world.random("sampler"))
        work = Work("", "", "score", {})
        self.loop = StudyLoop(
            study.journal, study.study, self._executor, work, sampler, self, clock=world.wall_clock
        )
        world.checks.begins(study.study, self.loop._engine, self._executor.running)
        self.process.spawn(self.loop.begin(study.first))

    def _may_cross(self) -> None:
        """The user may act in just that moment: at the end of a trial, which may be the study's last, or
        while an executor that has found attempts is not open yet."""
        if self.loop is not None and self._world.loop.time() < self._world.plan.acts_until:
            self._world.loop.call_soon(self._world.user.may_want_more, self.loop)

    def _died(self) -> None:
        self._world.trace.note(self._name, "is dead")
        if self._journal is not None:
            # as the system does, which lets go of the lease too
            self._journal.close()
        if self._executor is not None:
            self._executor.driver_died()
        self.over.set()


def plan_of(seed: int) -> Scenario:
    """What a seed stands for."""
    return scenario(_random(seed, "scenario"))


def _random(seed: int, what: str) -> Random:
    return Random(f"{seed} {what}")


class World:
    """`run` lets a study happen; then `journal` is its text."""

    def __init__(self, seed: int):
        self.seed = seed
        self.loop = VirtualLoop()
        self.plan = plan_of(seed)
        self.trace = Trace(self.loop)
        self.disk = Disk(self.loop, self.plan, self.random("disk"), self.trace, self.wall_clock)
        self.checks = Invariants(self.disk, self.trace, facts_come_once=self.plan.outlives)
        self.user = User(self.random("user"), self.trace)
        self._lasting = self._new_workers() if self.plan.outlives else None
        self.drivers: list[Driver] = []
        # the number of records, and the settings that they make
        self._known = 0, self.plan.settings

    def random(self, what: str) -> Random:
        """A source of its own for each part, so that one draw more in a part does not change the others."""
        return _random(self.seed, what)

    def workers(self) -> Workers:
        """Those of the driver whose process runs."""
        return self._lasting or self._new_workers()

    def _new_workers(self) -> Workers:
        return Workers(self.loop, self.plan, self.random("executor"), self.checks)

    def wall_clock(self) -> float:
        jumps = sum(by_s for at, by_s in self.plan.faults.jumps if at <= self.loop.time())
        return BEGAN + self.loop.time() + jumps

    @property
    def journal(self) -> str:
        return "\n".join(f"{seq} {at} {text}" for seq, at, text in self.disk.rows)

    def run(self) -> None:
        """Raises SimulationError."""
        self.trace.note("seed", f"{self.seed}:", self.plan)
        with _folder() as folder, self.disk.mounted():
            self.trace.names[f"{folder}/"] = ""
            try:
                self.loop.run(self._history(folder / "s.tune.db"))
            except (Violation, Exception) as error:
                raise SimulationError(
                    f"{self.trace}\n\nseed {self.seed}: {error}\n"
                    f"python -m tests.simulation {self.seed}    runs it again"
                ) from error
            finally:
                for driver in self.drivers:
                    driver.process.kill()

    async def _history(self, path: Path) -> None:
        settings, beginning, is_new, goes_on = self.plan.settings, Beginning(), True, self.plan.goes_on
        kills = list(self.plan.faults.kills)
        others = [asyncio.create_task(self._user()), asyncio.create_task(self._stalls())]
        for life in range(1, 1000):
            if not self._follows_another():
                request = _open(path, settings, beginning, self.plan.added, resume=not is_new)
                kill_at = kills.pop(0) if kills else None
                self.drivers.append(Driver(self, f"driver {life}", request, kill_at))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.driver.over.wait(), LIMIT_S)
            self.checks.require(self.driver.over.is_set(), f"the study does not end within {LIMIT_S:g} s")
            is_new = not self.disk.rows
            if is_new:
                await asyncio.sleep(1)
                continue
            self.checks.finds(path)
            if not self.driver.is_ended:
                # it died, or could not open the file
                await asyncio.sleep(self.random(f"downtime {life}").choice([1, 30, 90]))
                settings, beginning = self._settings(path), Beginning()
                continue
            self.checks.ended(path)
            self.driver.process.kill()
            if goes_on == 0:
                break
            goes_on -= 1
            how = self.user.goes_on(self.checks.study)
            if how is None:
                break
            settings, beginning = how
        else:
            self.checks.violated("the study never ends")
        for task in others:
            task.cancel()
        self.checks.replays(path)

    def _settings(self, path: Path) -> Settings:
        """The study's own, as it is now."""
        if self._known[0] != len(self.disk.rows):
            self._known = len(self.disk.rows), Study.fold(read_records(path)).settings
        return self._known[1]

    async def _user(self) -> None:
        for at in self.plan.faults.requests:
            await asyncio.sleep(max(0.0, at - self.loop.time()))
            self._request(self.user.acts)
        await asyncio.sleep(max(0.0, self.plan.quiet_at - self.loop.time()))
        while True:
            self._request(lambda loop: self.user.helps(loop, self.wall_clock()))
            await asyncio.sleep(50)

    async def _stalls(self) -> None:
        for at, for_s in self.plan.faults.stalls:
            await asyncio.sleep(max(0.0, at - self.loop.time()))
            driver = self.driver
            self.trace.note(driver.process.name, f"is stopped for {for_s:g} s")
            driver.process.stop()
            await asyncio.sleep(min(for_s, TAKEN_OVER_S))
            if for_s > TAKEN_OVER_S:
                driver.over.set()
                await asyncio.sleep(for_s - TAKEN_OVER_S)
            self.trace.note(driver.process.name, "goes on")
            driver.process.go_on()

    def _follows_another(self) -> bool:
        """Whether a driver that had been stopped has the study after all: the user follows that one then."""
        if self.drivers and self.driver.loop is None:
            for driver in self.drivers[:-1]:
                if driver.loop is not None and driver.process.runs:
                    self.drivers.remove(driver)
                    self.drivers.append(driver)
                    if not driver.is_ended:
                        driver.over.clear()
                    return True
        return False

    @property
    def driver(self) -> Driver:
        return self.drivers[-1]

    def _request(self, act: Callable[[StudyLoop], None]) -> None:
        driver = self.driver

        def ask() -> None:
            if driver.loop is not None:
                act(driver.loop)

        driver.process.call_later(0.001, ask)


def _open(
    path: Path, settings: Settings, beginning: Beginning, added: Sequence[float], *, resume: bool
) -> Open:
    return Open(
        name="s",
        path=str(path),
        space=SPACE.to_json(),
        settings=asdict(settings),
        payload="",
        options={},
        origin={},
        resume=resume,
        overwrite=False,
        detach=False,
        added=[({"x": x, "kind": "a"}, x, "an earlier study", at, {}) for at, x in enumerate(added)],
        enqueue=dict(beginning.enqueue) if beginning.enqueue else None,
        retry=list(beginning.retry),
    )


@contextmanager
def _folder() -> Iterator[Path]:
    made = tempfile.mkdtemp(prefix="jupyter-tune-simulation-", dir=MEMORY if MEMORY.is_dir() else None)
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made)
