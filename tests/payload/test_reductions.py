"""What pickle would look up by name in the notebook, in a process that has never seen it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.packing import pack
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook")

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
    "what was put on cached and dispatched functions": (
        "from functools import cache, lru_cache, singledispatch\nRATE = 3\ndef times(x): return RATE * x\n"
        "@cache\ndef one(x):\n    one.calls += 1\n    return one.by(x)\none.calls, one.by = 0, times\n"
        "@singledispatch\ndef two(x): return two.unit\ntwo.unit = 'm'\n"
        "class A:\n    @lru_cache(maxsize=4)\n    def three(self): return 3\n    three.tag = 't'\n"
        "it = (one, two, A)",
        "it[0](2), it[0](2), it[0].calls, it[1](0), it[2]().three(), it[2].three.tag",
        "(6, 6, 1, 'm', 3, 't')",
    ),
    "a cache in a closure that calls itself by its attribute": (
        "from functools import cache\ndef make():\n    @cache\n"
        "    def f(n): return n if n < 2 else f(n - 1) + f.k\n"
        "    f.k = 2\n    return f\nit = make()",
        "it(5), it.cache_info().misses",
        "(9, 5)",
    ),
    "cached class methods and static methods": (
        "from functools import cache\nclass A:\n    k = 2\n    @classmethod\n    @cache\n"
        "    def f(cls, x): return x + cls.k\n    @staticmethod\n    @cache\n"
        "    def g(x): return x * 2\nit = A",
        "it.f(1), it.g(3), it().f(2)",
        "(3, 6, 4)",
    ),
    "the bounds and variance of type variables": (
        "from typing import Generic, ParamSpec, TypeVar, TypeVarTuple\n"
        "P, Q, T = ParamSpec('P', bound=int), ParamSpec('Q', contravariant=True), TypeVar('T', "
        "covariant=True)\n"
        "class F(Generic[P, T]): pass\nit = (P, Q, F, TypeVarTuple('Ts'))",
        "it[0].__bound__, it[1].__contravariant__, it[2].__parameters__[0] is it[0], it[3].__module__",
        "(<class 'int'>, True, True, '__main__')",
    ),
    "an object whose __reduce_ex__ gives its name": (
        "class Flag:\n    def __init__(self, n): self.n = n\n"
        "    def __reduce_ex__(self, protocol): return 'FIVE'\nFIVE = Flag(5)\nit = [FIVE, FIVE]",
        "it[0].n, it[0] is it[1]",
        "(5, True)",
    ),
    "weak references": (
        "import weakref\nclass N:\n    every = weakref.WeakSet()\n    def __init__(self, parent=None):\n"
        "        self.parent, self.children = parent and weakref.ref(parent), []\n        N.every.add(self)\n"
        "    def name(self): return 'n'\n"
        "root, gone = N(), weakref.ref(N())\nchild = N(root)\nroot.children.append(child)\n"
        "it = (child, weakref.WeakMethod(root.name), gone, weakref.WeakValueDictionary(r=root), "
        "weakref.WeakKeyDictionary({root: 1}))",
        "it[0].parent().children[0] is it[0], it[1]()(), it[2](), len(it[3]), len(it[4]), "
        "len(type(it[0]).every)",
        "(True, 'n', None, 1, 1, 2)",
    ),
    "modules, also one that was made here, and the process's own environment": (
        "import json, os, types\nmade = types.ModuleType('made')\nexec('K = 4\\n"
        "def f(): return K', vars(made))\n"
        "it = (json, made, os.environ)",
        "it[0].dumps(1), it[1].f(), it[2] is __import__('os').environ",
        "('1', 4, True)",
    ),
    "a decorated closure over a cache, in a container": (
        "from functools import cache, wraps\n@cache\ndef square(x): return x * x\n"
        "def shown(f):\n    @wraps(f)\n"
        "    def inner(*a): return f'<{f(*a)}>'\n    return inner\n"
        "@shown\ndef run(x): return square(x)\nit = {'of': [run]}",
        "it['of'][0](3), it['of'][0].__name__",
        "('<9>', 'run')",
    ),
    "an object, a class and a function that are pickled there by their names": (
        "import pickle\nclass A:\n    def __init__(self): self.n = 1\nclass B(A): ...\ndef f(): return 2\n"
        "it = {'b': B(), 'a': [A], 'f': (f,)}",
        "[*map(type, map(__import__('pickle').loads, map(__import__('pickle').dumps, it['a'] + [it['b']])))] "
        "== [type, type(it['b'])], __import__('pickle').loads(__import__('pickle').dumps(it['f']))[0]()",
        "(True, 2)",
    ),
}

# what cannot be pickled; a part of the error
REFUSED = {
    "a lock": ("import threading\nit = threading.Lock()", "_thread.lock"),
    "an object with a lock": (
        "import threading\nclass A:\n    def __init__(self): self.lock = threading.Lock()\nit = A()",
        r"\.lock: .*_thread.lock",
    ),
    "a lock on a cached function": (
        "import functools, threading\n@functools.cache\ndef it(): ...\nit.lock = threading.Lock()",
        "_thread.lock",
    ),
    "a thread": ("import threading\nit = threading.Thread()", r"_started"),
    "a thread's own data": ("import threading\nit = threading.local()", "_thread._local"),
    "a queue": ("import queue\nit = queue.Queue()", r"\.mutex"),
    "a pool": ("from concurrent.futures import *\nit = ThreadPoolExecutor(1)", r"\._work_queue"),
    "an open file": ("it = open('/dev/null')", "the open file '/dev/null'"),
    "an open binary file": ("it = open('/dev/null', 'rb')", "BufferedReader"),
    "a socket": ("import socket\nit = socket.socket()", "socket"),
    "a database": ("import sqlite3\nit = sqlite3.connect(':memory:')", "sqlite3.Connection"),
    "a generator": ("it = (n for n in [1])", "generator"),
    "a context": ("import contextvars\nit = contextvars.copy_context()", "_contextvars.Context"),
    "a token": ("import contextvars\nit = contextvars.ContextVar('v').set(1)", "_contextvars.Token"),
    "a weak reference with a callback": (
        "import weakref\nclass A: ...\nkept = A()\nit = weakref.ref(kept, print)",
        "a weak reference with a callback",
    ),
    "a name that no trial can look up": (
        "class Flag:\n    __slots__ = ()\n    def __reduce__(self): return 'it'\nit = Flag()",
        "the name 'it'",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_works_in_a_process_without_the_notebook(recreated: Callable[[str, str], str], kind: str) -> None:
    source, question, answer = KINDS[kind]
    assert recreated(source, question) == answer


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_pickled_is_refused_by_name(
    tmp_path: Path, space: dict[str, object], kind: str
) -> None:
    source, said = REFUSED[kind]
    exec(source, space)
    with pytest.raises(PayloadError, match=rf"^it\b.*{said}.*; create it inside the cell$"):
        pack(cell(names={"it": space["it"]}), tmp_path)
