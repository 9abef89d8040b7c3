"""The studies of a server, asked in this process."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune import journal as journals
from jupyter_tune.core.events import StudyEnded, TrialReported
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.server.studies import Studies
from jupyter_tune.views.overview import overview
from tests.processes import wait_until
from tests.server.studies import begun, study_of, written
from tests.views.studies import started, story, whole


class Page:
    """What a page knows that asks once, and then listens."""

    def __init__(self, root: Path):
        self.root = root
        self.told: list[dict[str, Any]] = []
        self.studies = Studies(root, self.told.append, hidden=False)

    @property
    def rows(self):
        """The rows once all studies are read."""
        wait_until(lambda: self.studies.listing()["unread"] == 0, "all studies to be read")
        return {row["path"]: row for row in self.studies.listing()["studies"]}


@pytest.fixture
def page(tmp_path):
    (tmp_path / "root").mkdir()
    page = Page(tmp_path / "root")
    yield page
    page.studies.close()


def test_one_study_under_two_names_is_listed_once(page):
    path = written(page.root / "real" / "s.tune.db")
    (page.root / "link.tune.db").symlink_to(path)
    (page.root / "studies").symlink_to(page.root / "real")
    assert list(page.rows) == ["real/s.tune.db"]


def test_studies_elsewhere_are_never_listed_though_they_run(page, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_TUNE_DIR", str(tmp_path / "elsewhere"))
    with closing(begun(tmp_path / "elsewhere" / "s.tune.db")) as journal:
        journals.enter(journal.path, is_detached=True)
        (page.root / "studies").symlink_to(tmp_path / "elsewhere")
        assert page.rows == {}


def test_a_detached_study_says_so_while_it_runs(page):
    journal = begun(page.root / "s.tune.db", *started(0))
    journals.enter(journal.path, is_detached=True)
    row = page.rows["s.tune.db"]
    assert (row["state"], row["is_detached"]) == ("running", True)
    journal.close()
    row = page.rows["s.tune.db"]
    assert (row["state"], row["is_detached"]) == ("interrupted", False)


def test_a_study_of_a_newer_version_is_named_with_what_to_do(page):
    path = written(page.root / "new.tune.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    before = path.read_bytes()
    assert "upgrade it" in page.rows["new.tune.db"]["error"]
    assert path.read_bytes() == before


def test_a_file_that_is_damaged_from_its_first_record_has_an_error_too(page):
    path = written(page.root / "broken.tune.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE records SET event = '{' WHERE seq = 1")
        connection.commit()
    assert "damaged from its first record" in page.rows["broken.tune.db"]["error"]


def test_opening_a_file_runs_nothing_of_it(page, tmp_path):
    path = written(page.root / "s.tune.db", *story(3), StudyEnded("done"), kind="cell", text="%%tune\n1/0")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE overview (id INTEGER PRIMARY KEY, seq INTEGER, facts TEXT)")
        connection.execute('INSERT INTO overview VALUES (0, 1, \'{"py/object": "os.system"}\')')
        # a trigger would run where somebody wrote
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON overview BEGIN DELETE FROM records; END")
        connection.commit()
    before = path.read_bytes()
    assert page.rows["s.tune.db"]["trials"] == 3
    assert '"version": 1' in page.studies.part("dashboard", "s.tune.db")
    assert path.read_bytes() == before


def test_the_notebook_of_a_study_is_named_as_the_page_names_files(page):
    notebook = page.root / "work" / "train.ipynb"
    notebook.parent.mkdir()
    notebook.touch()
    written(page.root / "work" / "s.tune.db", notebook=str(notebook))
    written(page.root / "t.tune.db", notebook="/elsewhere/train.ipynb")
    rows = page.rows
    assert rows["work/s.tune.db"]["notebook"] == "work/train.ipynb"
    assert rows["t.tune.db"]["notebook"] is None


def test_when_it_ends_comes_nearer_and_is_no_news(page):
    path = page.root / "s.tune.db"
    journal = begun(path, *whole(0, value=0.5))
    journal.keep(overview(study_of(journal), ends_at=time.time() + 60).to_json())
    first = page.rows["s.tune.db"]["eta_s"]
    assert 50 < first <= 60
    page.told.clear()
    wait_until(lambda: page.rows["s.tune.db"]["eta_s"] < first - 1.5, "time to pass")
    assert page.told == []
    journal.close()


def test_two_studies_of_one_name_are_compared_as_two(page):
    for folder in ("a", "b"):
        written(page.root / folder / "s.tune.db")
    written(page.root / "t.tune.db")
    shown = page.studies.comparison(["a/s.tune.db", "b/s.tune.db", "t.tune.db"], "steps")
    assert '"label": "a/s"' in shown
    assert '"label": "b/s"' in shown
    assert '"label": "t"' in shown
    with pytest.raises(OptionError, match="at least one"):
        page.studies.comparison([], "trials")
    assert page.studies.comparison(["a/s.tune.db", "none.tune.db"], "trials") is None


def test_a_driver_that_hangs_is_named(page, monkeypatch):
    journal = begun(page.root / "s.tune.db")
    held = journals.holder(journal.path)
    assert held is not None
    monkeypatch.setattr(journals, "holder", lambda path: {**held, "socket": "x", "silent_s": 100.0})
    with pytest.raises(DriverError, match="has given no sign of life for 100 s"):
        page.studies.ask("s.tune.db", {"type": "stop"})
    journal.close()


def test_nobody_who_listens_and_nobody_who_watches(page):
    journal = begun(page.root / "s.tune.db", *started(0))
    assert page.rows
    page.studies.rest()
    time.sleep(0.3)  # a turn that has begun ends
    page.told.clear()
    for step in range(1, 4):
        journal.append([TrialReported(0, 1, step, {"accuracy": 0.5})], 2000.0 + step)
        journal.keep(overview(study_of(journal)).to_json())
        time.sleep(0.3)
    assert page.told == []
    # asked again, all is known, and the watch goes on
    assert page.rows["s.tune.db"]["changed_at"] == 2003.0
    journal.append(whole(1, value=0.5), 3000.0)
    journal.keep(overview(study_of(journal)).to_json())
    wait_until(lambda: any(each["row"]["best"] == 0.5 for each in page.told), "the news")
    journal.close()
