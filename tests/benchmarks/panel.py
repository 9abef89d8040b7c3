"""What a page of the server waits for: the list of all studies, and the news of one.

list     50 studies of 1,000 trials with 30 reports each. Ours: seconds from the request to the answer of a
         server that has just started and knows none of them; and CPU seconds of `listing`, the function
         behind `jupyter tune list`, for each of them, in a fresh process with its imports done: with what
         drivers leave in the files, and without it, as in files of earlier versions. Optuna: CPU seconds of
         `get_all_study_summaries` for each of 5 such studies in a SQLite file, likewise
news     seconds from a trial's report to its arrival in a page that listens: with the kernel of the study
         idle, and with a cell in it that holds the interpreter's lock all the time
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tornado.websocket import websocket_connect

from tests.benchmarks.kernels import studies_folder
from tests.benchmarks.rows import Row, percentile
from tests.benchmarks.stored.trials import NAME
from tests.processes import PATIENCE_S, wait_until
from tests.real_kernel import LOAD, Kernel
from tests.server.real_server import Server

ROOT = Path(__file__).parents[2]
STUDIES, TRIALS = 50, 1000
PEERS = 5
ROUNDS = 3
NEWS = 60

PROGRAM = {
    "ours": """
import sys, time
from pathlib import Path
from jupyter_tune.client.listing import listing
began = time.process_time()
found = listing(Path(sys.argv[1]))
assert [row.trials for row in found.here] == [int(sys.argv[2])] * int(sys.argv[3]), found
print(time.process_time() - began)
""",
    "optuna": """
import sys, time
import optuna
storage = optuna.storages.RDBStorage("sqlite:///" + sys.argv[1])
began = time.process_time()
found = optuna.get_all_study_summaries(storage)
assert [row.n_trials for row in found] == [int(sys.argv[2])] * int(sys.argv[3]), found
print(time.process_time() - began)
""",
}

STUDY = """%%tune --maximize sent_at --workers 1 --trials 1 --sampler random --name told --pruner none
x: Float(0.0, 1.0)
import random, time
while True:
    time.sleep(random.uniform(0.3, 0.6))
    report(sent_at=time.time())
"""

# one call of C after the other: no other thread of the kernel gets a turn for seconds
HOLD = "import time\nuntil = time.time() + {s}\nwhile time.time() < until: 3 ** 3_000_000"


def measure(rounds: int = ROUNDS) -> list[Row]:
    return [*_lists(rounds), *_news(rounds)]


def _lists(rounds: int) -> list[Row]:
    with studies_folder() as folder:
        server_s: list[list[float]] = []
        cpu_ms: dict[str, list[list[float]]] = {"optuna": [], "whole": [], "ours": []}
        database, whole, kept = folder / "optuna.db", folder / "whole", folder / "server" / "root" / "studies"
        _fill(database, whole, kept)
        for _ in range(rounds):
            cpu_ms["optuna"].append([_took("optuna", database, PEERS)])
            cpu_ms["whole"].append([_took("ours", whole, PEERS)])
            cpu_ms["ours"].append([_took("ours", kept, STUDIES)])
            server = Server(folder / "server")
            began = time.perf_counter()
            answer = server.get("jupyter-tune/api/studies").content
            server_s.append([time.perf_counter() - began])
            assert [row["trials"] for row in answer["studies"]] == [TRIALS] * STUDIES
            server.close()
    other = Row.of(f"Optuna, SQLite: a study of {TRIALS:,} trials in a list", "ms of CPU", cpu_ms["optuna"])
    return [
        other,
        Row.of("ours, all records read", "ms of CPU", cpu_ms["whole"], beside=other),
        Row.of("ours", "ms of CPU", cpu_ms["ours"], beside=other),
        Row.of(f"ours: GET of {STUDIES} such studies, cold", "s", server_s, target="0.5 s"),
    ]


def _fill(database: Path, whole: Path, kept: Path) -> None:
    for form, file in (("optuna_storages", database), ("ours", whole / "0.tune.db")):
        file.parent.mkdir(parents=True, exist_ok=True)
        what = {"optuna_storages": "sqlite", "ours": "journal"}[form]
        program = ROOT / f"tests/benchmarks/stored/{form}.py"
        subprocess.run([sys.executable, program, "fill", what, file, str(TRIALS)], cwd=ROOT, check=True)
    kept.mkdir(parents=True)
    for number in range(STUDIES):
        shutil.copy(whole / "0.tune.db", kept / f"{number}.tune.db")
    with closing(sqlite3.connect(whole / "0.tune.db")) as connection:
        connection.execute("DROP TABLE overview")
        connection.commit()
    for number in range(1, PEERS):
        shutil.copy(whole / "0.tune.db", whole / f"{number}.tune.db")
    with closing(sqlite3.connect(database)) as connection:
        for number in range(1, PEERS):
            _copy_study(connection, number)
        connection.commit()


def _copy_study(connection: sqlite3.Connection, number: int) -> None:
    """Copy study 1 of Optuna's database, with all that belongs to it."""
    connection.execute("INSERT INTO studies VALUES (?, ?)", (1 + number, f"{NAME}-{number}"))
    own = {"study_id": f"study_id + {number}", "trial_id": f"trial_id + {number * TRIALS}"}
    for table, key, of_study in [
        ("study_directions", "study_direction_id", "study_id = 1"),
        ("trials", None, "study_id = 1"),
        ("trial_params", "param_id", f"trial_id <= {TRIALS}"),
        ("trial_values", "trial_value_id", f"trial_id <= {TRIALS}"),
        ("trial_intermediate_values", "trial_intermediate_value_id", f"trial_id <= {TRIALS}"),
    ]:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != key]
        values = ", ".join(own.get(name, name) for name in names)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {of_study}"
        )


def _took(program: str, place: Path, studies: int) -> float:
    """Milliseconds of CPU for each of the studies there."""
    given = [sys.executable, "-c", PROGRAM[program], str(place), str(TRIALS), str(studies)]
    told = subprocess.run(given, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return 1000 * float(told) / studies


def _news(rounds: int) -> list[Row]:
    delays: dict[str, list[list[float]]] = {"idle": [], "held": []}
    with studies_folder() as folder:
        server = Server(folder)
        kernel = Kernel(server.root)
        kernel.run(LOAD)
        kernel.run(STUDY)
        wait_until(lambda: "told.tune.db" in server.studies(), "the study to be listed")
        for _ in range(rounds):
            delays["idle"].append(asyncio.run(_delays(server)))
            cell = kernel.send(HOLD.format(s=NEWS))
            delays["held"].append(asyncio.run(_delays(server)))
            kernel.interrupt()
            kernel.gather(cell)
        server.ask("POST", "jupyter-tune/api/studies/told.tune.db/requests", {"type": "stop"})
        wait_until(lambda: server.studies()["told.tune.db"]["state"] == "ended", "the study to end")
        kernel.close()
        server.close()
    rows: list[Row] = []
    for state, name in [("idle", "the kernel idle"), ("held", "a cell holds the kernel's lock")]:
        beside = rows[0] if rows else None
        measured = delays[state]
        rows.append(Row.of(f"report to page, {name}", "s", measured, beside=beside, target="0.2 s, median"))
    return [*rows, Row.of("of these, 95 %", "s", delays["held"], statistic=percentile(95))]


async def _delays(server: Server) -> list[float]:
    """From reports to their arrival in a page, NEWS / ROUNDS of them."""
    url = f"ws://127.0.0.1:{server.port}{server.base}api/events/subscribe?token={server.token}"
    socket = await websocket_connect(url)
    found: list[float] = []
    last = 0.0
    while len(found) < NEWS // ROUNDS:
        text = await asyncio.wait_for(socket.read_message(), PATIENCE_S)
        assert isinstance(text, (str, bytes)), "the server has closed the bus"
        leader = json.loads(text).get("row", {}).get("leader")
        if leader is not None and leader["value"] > last:
            # the first one may be from before this page listened
            if last:
                found.append(time.time() - leader["value"])
            last = leader["value"]
    socket.close()
    return found
