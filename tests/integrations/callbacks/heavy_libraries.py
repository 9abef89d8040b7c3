"""The contract, with the libraries that `make test-integrations` installs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.callbacks.contract import Contract, Library, study_of

LIBRARIES = [
    "transformers_evaluations",
    "accelerate_loop",
    "keras_epochs",
    "catboost_rounds",
    "skorch_epochs",
    "ignite_epochs",
    "fastai_epochs",
]


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with study_of(request.param, tmp_path_factory.mktemp(request.param)) as ran:
        yield ran


class TestHeavy(Contract):
    pass
