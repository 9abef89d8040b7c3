"""Runs seeds again.

python -m tests.simulation SEED [SEED...]      prints all that happens
python -m tests.simulation --journals A B      prints a hash of the journals of the seeds from A to B
"""

from __future__ import annotations

import hashlib
import sys

from tests.simulation.world import SimulationError, World


def digest(first: int, end: int) -> str:
    """A hash of the journals of these seeds."""
    journals = hashlib.sha256()
    for seed in range(first, end):
        world = World(seed)
        world.run()
        journals.update(world.journal.encode())
    return journals.hexdigest()


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--journals"]:
        print(digest(*map(int, arguments[1:])))
        return 0
    failed = 0
    for seed in map(int, arguments):
        world = World(seed)
        try:
            world.run()
            print(world.trace)
            print(f"seed {seed}: all invariants hold")
        except SimulationError as failure:
            failed += 1
            print(failure)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
