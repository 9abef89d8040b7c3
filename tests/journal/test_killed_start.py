"""A start that is killed while it makes the study's file: by the system, at a write of our choice."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from jupyter_tune.core.events import StudyOpened, StudyPaused
from jupyter_tune.core.settings import Settings
from jupyter_tune.journal import Journal, is_taken, read_records
from tests.journal.studies import OPENED

# makes a study for each size, and is killed by the first write that makes a file larger than that
STARTER = """
import os, resource, signal, sys
from pathlib import Path
from jupyter_tune.journal import Journal
from tests.journal.test_killed_start import LARGE
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for most in map(int, sys.argv[2:]):
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        Journal.create(Path(sys.argv[1], f"{most}.tune.db"), LARGE, 0.0)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

LARGE = StudyOpened("s", OPENED.space, Settings("accuracy"), origin={"text": "x" * 40_000})
"""Its file has a dozen pages, so that a commit takes as many writes."""

PAGE = 4096


def test_a_killed_start_leaves_a_study_or_a_free_place(tmp_path: Path) -> None:
    sizes = [512, *range(PAGE, 10 * PAGE, PAGE)]
    starter = [sys.executable, "-c", STARTER, str(tmp_path), *map(str, sizes)]
    ends = subprocess.run(starter, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    assert ends == [str(-signal.SIGXFSZ)] * len(sizes)
    for size in sizes:
        path = tmp_path / f"{size}.tune.db"
        if not is_taken(path):
            Journal.create(path, LARGE, 1.0).close()
        journal = Journal.open(path)
        journal.append([StudyPaused()], 2.0)
        journal.close()
        assert [record.event for record in read_records(path)] == [LARGE, StudyPaused()]
