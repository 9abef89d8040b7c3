"""The pipe between the harness and a peer, with ours at its end and with peers that misbehave."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tune.pruners.asha import AshaPruner
from tests.benchmarks.search import environments, peer
from tests.benchmarks.search.environments import CannotInstall, python_of
from tests.benchmarks.search.fingerprint import of_searches, of_suggestions
from tests.benchmarks.search.peer import Peer, PeerDied, start
from tests.benchmarks.search.spaces import check, choice, real, whole

SPACE = (real("lr", 1e-4, 1e-1, log=True), whole("width", 8, 64, log=True), choice("act", "relu", "tanh"))
RANDOM = Peer("random", "main", "ours.py", "random", "1")

ODD = """
import os, sys
from tests.benchmarks.search.peers.served import Served, Suggestion, serve

class Odd(Served):
    def __init__(self, setup):
        if setup.variant == "unmade":
            raise ValueError("cannot be made")
        print("chatter from Python")
        os.system("echo chatter from another process")

    def ask(self):
        print("asked", flush=True)
        return Suggestion([1, "a"], {"x": 0.5}, until=3)

    def tell(self, id, loss, state):
        assert id == [1, "a"], id
        if state == "failed":
            sys.stderr.write("the last words\\n")
            raise RuntimeError(f"no way with {loss}")

    def versions(self):
        return {"odd": "1"}

serve(Odd)
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peer:
    # named as a standard module: an adapter's folder is not where its imports are looked for
    (tmp_path / "json.py").write_text(ODD)
    monkeypatch.setattr(peer, "ADAPTERS", tmp_path)
    return Peer("odd", "main", "json.py", "made", "1")


def test_trials_are_asked_and_told_out_of_order_and_cost_cpu_time() -> None:
    with start(RANDOM, SPACE, seed=1, workers=3) as tuner:
        assert tuner.versions()["jupyter-tune"]
        asked = [tuner.ask() for _ in range(3)]
        assert tuner.cpu_s > 0
        assert tuner.wall_s > 0
        for suggestion in asked:
            assert check(SPACE, suggestion.params) == suggestion.params
        tuner.tell(asked[2].id, 0.5)
        tuner.tell(asked[0].id, None)
        tuner.tell(asked[1].id, float("nan"))
        tuner.add({"lr": 1e-2, "width": 16, "act": "tanh"}, 0.1)
        assert len({tuner.ask().id for _ in range(2)} | {s.id for s in asked}) == 5


def test_the_same_seed_gives_the_same_trials_and_another_one_others() -> None:
    def asked(seed: int) -> list[dict[str, object]]:
        with start(RANDOM, SPACE, seed=seed) as tuner:
            return [tuner.ask().params for _ in range(3)]

    assert asked(1) == asked(1) != asked(2)


def test_a_bad_trial_is_stopped_over_the_pipe() -> None:
    with start(Peer("asha", "main", "ours.py", "random+asha", "1"), SPACE, seed=0, max_steps=9) as tuner:
        ids = [tuner.ask().id for _ in range(6)]
        went_on = [tuner.report(id, 1, float(at)) for at, id in enumerate(ids)]
        assert went_on[0]
        assert not went_on[-1]
        tuner.tell(ids[-1], 5.0, "pruned")
        tuner.tell(ids[0], 0.0)


def test_chatter_of_a_library_does_not_spoil_the_answers(odd: Peer) -> None:
    with start(odd, SPACE, seed=0) as tuner:
        suggestion = tuner.ask()
        assert (suggestion.id, suggestion.params, suggestion.until) == ([1, "a"], {"x": 0.5}, 3)
        assert tuner.report(suggestion.id, 1, 0.5), "a tuner that cannot stop trials lets them go on"
        tuner.tell(suggestion.id, 0.5)
        assert tuner.versions() == {"odd": "1"}


def test_a_peer_that_dies_says_where_and_with_which_last_words(odd: Peer) -> None:
    with start(odd, SPACE, seed=0) as tuner, pytest.raises(PeerDied, match="no way with None") as death:
        tuner.tell(tuner.ask().id, None)
    assert "odd: tell" in str(death.value)
    assert "the last words" in str(death.value)


def test_a_peer_that_hangs_is_ended(odd: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "PATIENCE_S", 0.01)
    with start(odd, SPACE, seed=0) as tuner, pytest.raises(PeerDied, match="was ended"):
        # a new interpreter takes longer than that
        tuner.ask()


def test_a_tuner_that_cannot_be_made_says_why(odd: Peer) -> None:
    unmade = Peer("odd", "main", "json.py", "unmade", "1")
    with start(unmade, SPACE, seed=0) as tuner, pytest.raises(PeerDied, match="cannot be made"):
        tuner.ask()


def test_the_version_of_ours_follows_what_it_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    searches, suggestions = of_searches.__wrapped__, of_suggestions.__wrapped__
    before, without_curves = searches("random"), suggestions("random")
    assert searches("random") == before
    # one trial more is let go on at each rung
    prune_reason = AshaPruner.prune_reason
    monkeypatch.setattr(
        AshaPruner,
        "prune_reason",
        lambda self, study, number: number % 2 and prune_reason(self, study, number),
    )
    assert searches("random") != before
    assert suggestions("random") == without_curves


def test_an_environment_that_cannot_be_made_names_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setitem(environments.ENVIRONMENTS, "blocked", (("torch",),))
    (tmp_path / "blocked").write_text("a file where the folder should be")
    with pytest.raises(CannotInstall, match=r"blocked: -m venv .* failed"):
        python_of("blocked")
