"""The contract, with the libraries that are small enough to be installed for every test run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.callbacks.contract import Contract, Library, study_of

LIBRARIES = ["xgboost_rounds", "lightgbm_rounds", "lightning_epochs"]


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with study_of(request.param, tmp_path_factory.mktemp(request.param)) as ran:
        yield ran


class TestLight(Contract):
    pass
