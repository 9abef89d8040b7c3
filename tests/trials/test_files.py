from __future__ import annotations

from pathlib import Path

from jupyter_tune.trials.files import has_checkpoint, log_path, trial_folder


def test_all_attempts_of_a_trial_share_a_folder(tmp_path: Path) -> None:
    folder = trial_folder(str(tmp_path), 7)
    assert folder == tmp_path / "trials" / "7"
    assert log_path(folder, 2) == folder / "attempt-2.log"


def test_anything_in_the_checkpoint_folder_is_a_checkpoint(tmp_path: Path) -> None:
    assert not has_checkpoint(tmp_path / "never made")
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    assert not has_checkpoint(tmp_path)
    (checkpoints / "epoch-3").mkdir()
    assert has_checkpoint(tmp_path)


def test_a_file_where_the_folder_should_be_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("")
    assert not has_checkpoint(tmp_path)
