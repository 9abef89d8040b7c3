"""The lease of a study, changed as no holder would."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from jupyter_tune.journal import lease
from jupyter_tune.journal.lease import lease_path


def rewrite(path: Path, **changes: object) -> None:
    """Have the lease of the study at `path` say something else of its holder."""
    file = lease_path(path)
    told = json.loads(file.read_text()) | changes
    # where a living holder writes these two
    beginning = lease._RECORDS.format(told.pop("records")) + lease._BEAT.format(told.pop("beat"))
    file.write_text(beginning + json.dumps(told).removeprefix("{"))


def grow_old(path: Path, **changes: object) -> None:
    """As if the holder had last given a sign an hour ago. `changes`: see rewrite."""
    rewrite(path, beat=time.monotonic() - 3600, **changes)
    os.utime(lease_path(path), (time.time() - 3600,) * 2)
