"""What a kill -9 at a random moment costs: of a trial, supervisor, driver, kernel, Dask worker and scheduler.

    python tests/benchmarks/kills/run.py [--moments N] [--seed N] [VICTIM ...]

Studies of short trials run in a real kernel, and are struck at moments drawn at random over their whole life.
What must be 0: acknowledged reports lost, processes left after 15 s (of a driver's on Dask:
after its lease of 30 s and 15 s more), studies that could not go on, facts
counted twice. What is measured: the time to running again, from the kill (driver and kernel: from the user's
resuming) to the next acknowledged report of a process that began after it; where trials were hit, of one of
those. A kill that is followed by another before that has no such time. Prints a table in markdown, and
writes it to out/bench-kills/; the folder of a study in which something was wrong is kept there.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
OUT = ROOT / "out" / "bench-kills"


def options(arguments: Sequence[str]) -> argparse.Namespace:
    from tests.benchmarks.kills.victims import VICTIMS

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("victims", nargs="*", metavar="VICTIM", help=f"of {', '.join(VICTIMS)}; default: all")
    parser.add_argument("--moments", type=int, default=200, help="kills of each victim (200)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.victims if name not in VICTIMS]
    if unknown:
        parser.error(f"no victim {', '.join(unknown)}; there are {', '.join(VICTIMS)}")
    if chosen.moments < 1:
        parser.error(f"--moments: must be 1 or more, got {chosen.moments}")
    return chosen


def main(arguments: Sequence[str]) -> int:
    chosen = options(arguments)
    from tests.benchmarks.kills.campaign import Campaign
    from tests.benchmarks.kills.tables import figures
    from tests.benchmarks.kills.victims import VICTIMS

    OUT.mkdir(parents=True, exist_ok=True)
    began = datetime.datetime.now()
    path = OUT / f"{began:%Y-%m-%d-%H%M%S}-{os.getpid()}.md"
    campaigns = []
    for name in chosen.victims or VICTIMS:
        campaign = Campaign(VICTIMS[name], chosen.moments, chosen.seed, OUT)
        campaign.run()
        campaigns.append(campaign)
        # after each: a run cut short has told what it measured
        path.write_text(f"{figures(campaigns)}\n")
    print(figures(campaigns))
    print(f"written to {path.relative_to(ROOT)}", file=sys.stderr)
    return 1 if any(campaign.violations for campaign in campaigns) else 0


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    sys.exit(main(sys.argv[1:]))
