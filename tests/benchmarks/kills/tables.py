"""The table of the kills."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
from collections import Counter
from collections.abc import Sequence

from jupyter_tune import __version__
from tests.benchmarks import markdown
from tests.benchmarks.kills.audit import KINDS
from tests.benchmarks.kills.campaign import Campaign
from tests.benchmarks.kills.scene import PHASES
from tests.benchmarks.rows import percentile

HEAD = (
    "killed",
    "moments",
    *(f"while {phase}" for phase in PHASES),
    "studies",
    "reports acknowledged",
    *KINDS,
    "running again, median",
    "p95",
    "of",
    "resuming refused at first",
)


def figures(campaigns: Sequence[Campaign]) -> str:
    """What was done and found, in markdown."""
    about = (
        f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, jupyter_tune {__version__}, Python {platform.python_version()}"
    )
    runs = "\n".join(map(_circumstances, campaigns))
    return f"# Kills\n\n{about}\n\n{markdown.table(HEAD, map(_row, campaigns))}\n\n{runs}\n"


def _circumstances(campaign: Campaign) -> str:
    outcomes, loads = campaign.outcomes, campaign.loads
    return (
        f"- {campaign.victim.name}: seed {campaign.seed}, {campaign.took_s:.0f} s, load average "
        f"{min(loads):.1f} to {max(loads):.1f}, median {statistics.median(loads):.1f}; an undisturbed study "
        f"lives {outcomes[0].lasted_s:.2f} s; {sum(each.redrawn for each in outcomes)} moments drawn again, "
        f"{sum(each.late for each in outcomes)} reports never acknowledged, "
        f"{sum(each.overlaps for each in outcomes)} attempts that overlapped the next"
    )


def _row(campaign: Campaign) -> list[str]:
    strikes = [strike for outcome in campaign.outcomes for strike in outcome.strikes]
    phases = Counter(strike.phase for strike in strikes)
    again = [strike.again_s for strike in strikes if strike.again_s is not None]
    return [
        campaign.victim.name,
        str(len(strikes)),
        *(str(phases[phase]) for phase in PHASES),
        str(len(campaign.outcomes)),
        f"{sum(outcome.acked for outcome in campaign.outcomes):,}",
        *(str(campaign.count(kind)) for kind in KINDS),
        *(f"{percentile(percent)(again):.2f} s" if again else "" for percent in (50, 95)),
        str(len(again)),
        str(sum(bool(outcome.refused) for outcome in campaign.outcomes)),
    ]
