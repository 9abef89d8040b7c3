"""Fixtures of the driver's tests."""

from __future__ import annotations

import pytest

from tests.driver.scripted import Oracle


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Oracle:
    """The sampler of the test's study; it counts as slow beside the test's trials."""
    oracle = Oracle()
    monkeypatch.setattr("jupyter_tune.driver.sampler_thread.make_sampler", lambda name: oracle)
    monkeypatch.setattr("jupyter_tune.driver.lookahead.PATIENCE", 0.0)
    return oracle
