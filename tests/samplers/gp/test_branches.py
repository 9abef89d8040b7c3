import numpy as np

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.branches import owed
from jupyter_tune.samplers.gp.encoding import Encoding

SPACE = Space(
    {
        "family": Categorical(["plain", "tree", "net", "other"]),
        "kind": Categorical(["one", "two"]),
        "depth": Int(1, 9),
        "width": Float(0, 1),
        "rate": Float(0, 1),
    },
    when={
        "kind": {"family": "net"},
        "depth": {"family": "tree"},
        "width": {"kind": "one"},
        "rate": {"kind": "two"},
    },
)
# plain and other have the same parameters, none; tree; net; net's kinds
PLAIN, TREE, NET, ONE, TWO = range(5)


def at(encoding, *trials):
    return np.array([encoding.to_unit(SPACE.complete(params)) for params in trials])


def test_a_branch_is_the_values_beside_which_the_same_parameters_exist():
    encoding = Encoding(SPACE, SPACE)
    trials = [{"family": "plain"}, {"family": "tree"}, {"family": "net", "kind": "two"}, {"family": "other"}]
    inside = encoding.members(at(encoding, *trials))
    assert [list(np.flatnonzero(row)) for row in inside] == [[PLAIN], [TREE], [NET, TWO], [PLAIN]]


def test_a_branch_is_owed_a_trial_and_its_share_where_nothing_is_hoped_for():
    encoding = Encoding(SPACE, SPACE)
    spread = encoding.spread(np.random.default_rng(0).random((4000, 5)))
    trees = at(encoding, *[{"family": "tree", "depth": d} for d in range(1, 10)])
    both = np.concatenate([trees, at(encoding, {"family": "net", "kind": "one"})])

    def branches(tried, spread, *, hopes):
        due = encoding.members(spread[owed(encoding, tried, spread, hopes=hopes)])
        return set(np.flatnonzero(due.any(axis=0)).tolist())

    # every point of net has one of its kinds, which are owed nothing themselves: half their share is 9 / 16
    assert branches(trees, spread, hopes=True) == {PLAIN, NET, ONE, TWO}
    assert branches(both, spread, hopes=True) == {PLAIN}
    assert branches(both, spread, hopes=False) == {PLAIN, NET, ONE, TWO}
    narrowed = Encoding(SPACE, SPACE.narrow({"family": ["tree"]}))
    spread = narrowed.spread(np.random.default_rng(0).random((400, 5)))
    assert branches(trees, spread, hopes=False) == set()


def test_a_branch_that_has_been_tried_as_a_whole_is_owed_nothing():
    encoding = Encoding(SPACE, SPACE)
    spread = encoding.spread(np.random.default_rng(0).random((400, 5)))
    tried = np.concatenate(
        [at(encoding, {"family": "plain"}, {"family": "other"}), spread[spread[:, 0] == 0.625]]
    )
    due = owed(encoding, tried, spread, hopes=False)
    assert not encoding.members(spread[due])[:, PLAIN].any()
