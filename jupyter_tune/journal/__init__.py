"""The journal: one SQLite file for each study. Records are appended and read, never changed.

Laws:
- A record is acknowledged after its commit: `append` returns when the rows are in the file.
- Only the driver writes, and only while it holds the lease (lease.py): a lock that the operating system
  releases when its holder dies, and that can be taken over from one that gives no sign of life.
- Readers open the file read-only, also while the driver writes (WAL).
- `durable` commits survive a loss of power (synchronous=FULL); the others, of starts and reports, survive
  the death of every process.
- Records are JSON text: opening a study from elsewhere runs no code.
"""

from jupyter_tune.journal.aside import set_aside
from jupyter_tune.journal.folders import (
    SUFFIX,
    beside,
    files_folder,
    require_a_file,
    stem,
    study_folder,
    study_path,
)
from jupyter_tune.journal.lease import BEAT_S, Holder, holder, is_stalled
from jupyter_tune.journal.overviews import Facts, read_facts
from jupyter_tune.journal.readers import (
    each_record,
    is_study,
    read_records,
    read_texts,
    require_free,
    require_study,
)
from jupyter_tune.journal.records import Journal, write_study
from jupyter_tune.journal.removal import delete
from jupyter_tune.journal.running import Running, enter, running
from jupyter_tune.journal.sqlite_file import is_taken

__all__ = [
    "BEAT_S",
    "SUFFIX",
    "Facts",
    "Holder",
    "Journal",
    "Running",
    "beside",
    "delete",
    "each_record",
    "enter",
    "files_folder",
    "holder",
    "is_stalled",
    "is_study",
    "is_taken",
    "read_facts",
    "read_records",
    "read_texts",
    "require_a_file",
    "require_free",
    "require_study",
    "running",
    "set_aside",
    "stem",
    "study_folder",
    "study_path",
    "write_study",
]
