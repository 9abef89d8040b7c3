from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tune.notebook import dashboard


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A front end that nobody needs to build."""
    (tmp_path / "widget.js").write_text("export default {}")
    (tmp_path / "widget.css").write_text(".jt {}")
    monkeypatch.setattr(dashboard, "STATIC", tmp_path)
