"""What pickle would look up by name in the notebook, in a process that has never seen it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tune.errors import PayloadError
from jupyter_tune.executors.payload import pack
from tests.executors.lab import cell

# what the cells define; the question that a trial is asked about `it`; its answer
KINDS = {
    "lru_cache with its parameters and a global": (
        "from functools import lru_cache\nRATE = 3\n"
        "@lru_cache(maxsize=7, typed=True)\ndef it(x): return RATE * x",
        "it(2), it.cache_parameters(), it.cache_info().currsize",
        "(6, {'maxsize': 7, 'typed': True}, 1)",
    ),
    "cache that calls itself": (
        "from functools import cache\n@cache\ndef it(n): return n if n < 2 else it(n - 1) + it(n - 2)",
        "it(30), it.cache_info().misses",
        "(832040, 31)",
    ),
    "singledispatch": (
        "from functools import singledispatch\n@singledispatch\ndef it(x): return 'any'\n"
        "class Own: pass\n@it.register\ndef _(x: int): return 'int'\n"
        "@it.register\ndef _(x: Own): return 'own'\nit = (it, Own())",
        "it[0](1), it[0](''), it[0](it[1])",
        "('int', 'any', 'own')",
    ),
    "singledispatchmethod": (
        "from functools import singledispatchmethod\nclass A:\n    @singledispatchmethod\n"
        "    def of(self, x): return 'any'\n"
        "    @of.register\n    def _(self, x: int): return 'int'\nit = A()",
        "it.of(1), it.of('')",
        "('int', 'any')",
    ),
    "a partial of a cached function": (
        "from functools import cache, partial\n@cache\ndef add(a, b): return a + b\nit = partial(add, 2)",
        "it(3)",
        "5",
    ),
    "partialmethod, cached_property and a cached method": (
        "from functools import cache, cached_property, partialmethod\nclass A:\n"
        "    @cache\n    def add(self, a, b): return a + b\n    two = partialmethod(add, 2)\n"
        "    @cached_property\n    def ten(self): return 10\nit = A()",
        "it.add(1, 2), it.ten, it.ten",
        "(3, 10, 10)",
    ),
    "a bound method of an object with a cache": (
        "from functools import lru_cache\nclass A:\n"
        "    def __init__(self): self.f = lru_cache(None)(lambda x: x + 1)\n"
        "    def go(self, x): return self.f(x)\nit = A().go",
        "it(1)",
        "2",
    ),
    "NewType, TypeVar and ParamSpec": (
        "from typing import NewType, ParamSpec, TypeVar\n"
        "it = (NewType('Id', int), TypeVar('T', bound=int), ParamSpec('P'))",
        "it[0](4), it[0].__supertype__, it[1].__bound__, it[2].__name__",
        "(4, <class 'int'>, <class 'int'>, 'P')",
    ),
    "a ContextVar with its value": (
        "from contextvars import ContextVar\nit = ContextVar('depth')\nit.set(3)",
        "it.name, it.get()",
        "('depth', 3)",
    ),
    "a sentinel that is compared by identity": (
        "import dataclasses\nit = [dataclasses.MISSING]",
        "it[0] is __import__('dataclasses').MISSING",
        "True",
    ),
    "an object whose __reduce__ gives its name": (
        "class Flag:\n    def __init__(self, n): self.n = n\n"
        "    def __reduce__(self): return 'it'\nit = Flag(5)",
        "it.n",
        "5",
    ),
    "enum, namedtuple and dataclass": (
        "from collections import namedtuple\nfrom dataclasses import dataclass, field\n"
        "from enum import Enum\n"
        "class Colour(Enum):\n    RED = 1\nPoint = namedtuple('Point', 'x y')\n"
        "@dataclass\nclass Config:\n    n: int = 2\n    names: list = field(default_factory=list)\n"
        "it = (Colour.RED, Point(1, 2), Config())",
        "it[0] is type(it[0]).RED, it[1].y, type(it[2])(4)",
        "(True, 2, Config(n=4, names=[]))",
    ),
    "a decorated closure over a cache, in a container": (
        "from functools import cache, wraps\n@cache\ndef square(x): return x * x\n"
        "def shown(f):\n    @wraps(f)\n"
        "    def inner(*a): return f'<{f(*a)}>'\n    return inner\n"
        "@shown\ndef run(x): return square(x)\nit = {'of': [run]}",
        "it['of'][0](3), it['of'][0].__name__",
        "('<9>', 'run')",
    ),
}

TRIAL = """
import sys
from pathlib import Path
from jupyter_tune.executors.payload import load
it = load(Path(sys.argv[1]))["names"]["it"]
print(repr(eval(sys.argv[2])))
"""


@pytest.fixture
def space() -> Iterator[dict[str, object]]:
    main = sys.modules["__main__"]
    before = dict(main.__dict__)
    yield main.__dict__
    main.__dict__.clear()
    main.__dict__.update(before)


@pytest.mark.parametrize("kind", KINDS)
def test_it_works_where_the_notebook_is_not(tmp_path: Path, space: dict[str, object], kind: str) -> None:
    source, question, answer = KINDS[kind]
    exec(source, space)
    packed = pack(cell(names={"it": space["it"]}), tmp_path)
    asked = [sys.executable, "-c", TRIAL, str(packed.path), question]
    trial = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (trial.stdout.strip(), trial.returncode) == (answer, 0), trial.stderr


def test_a_name_that_no_trial_can_look_up_is_refused(tmp_path: Path, space: dict[str, object]) -> None:
    exec("class Flag:\n    __slots__ = ()\n    def __reduce__(self): return 'it'\nit = Flag()", space)
    with pytest.raises(PayloadError, match=r"it\b.*the name 'it'"):
        pack(cell(names={"it": space["it"]}), tmp_path)
