"""What pickle would look up by name in the notebook, in a process that has never seen it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
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
    "enum, namedtuple and dataclass": (
        "from collections import namedtuple\nfrom dataclasses import dataclass, field\n"
        "from enum import Enum\n"
        "class Colour(Enum):\n    RED = 1\nPoint = namedtuple('Point', 'x y')\n"
        "@dataclass\nclass Config:\n    n: int = 2\n    names: list = field(default_factory=list)\n"
        "it = (Colour.RED, Point(1, 2), Config())",
        "it[0] is type(it[0]).RED, it[1].y, type(it[2])(4)",
        "(True, 2, Config(n=4, names=[]))",
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
    "a protocol, a typed dict and a generic class": (
        "from typing import *\n@runtime_checkable\nclass P(Protocol):\n    def f(self): ...\n"
        "class D(TypedDict, total=False):\n    x: int\nT = TypeVar('T')\n"
        "class Box(Generic[T]):\n    def f(self): return 1\nit = (P, D, Box[int], Box())",
        "isinstance(it[3], it[0]), it[1](x=2), it[2]().f(), isinstance(it[3], it[2].__origin__)",
        "(True, {'x': 2}, 1, True)",
    ),
    "flags, str enums, a typed namedtuple and a frozen dataclass with slots": (
        "from enum import *\nfrom typing import NamedTuple\nfrom dataclasses import *\n"
        "class F(IntFlag):\n    X = 1\n    Y = 2\nclass S(StrEnum):\n    U = auto()\n"
        "@global_enum\nclass G(IntEnum):\n    A = 1\n"
        "class N(NamedTuple):\n    x: int\n    y: float = 2.0\n    def sum(self): return self.x + self.y\n"
        "@dataclass(frozen=True, slots=True)\nclass C:\n    n: int = 2\n    _: KW_ONLY\n    m: int = 3\n"
        "it = (F.X | F.Y, S.U, G.A, N(1), C(5))",
        "it[0].value, it[1] is type(it[1]).U, it[2] is type(it[2]).A, it[3].sum(), it[4]",
        "(3, True, True, 3.0, C(n=5, m=3))",
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
    "classes with a metaclass, a virtual subclass and super": (
        "import abc\nclass Meta(type):\n    def twice(cls): return cls.k * 2\n"
        "class Base(metaclass=Meta):\n    k = 2\n    def f(self): return 1\n"
        "class Own(Base):\n    def f(self): return super().f() + 1\n"
        "class Abstract(abc.ABC): pass\nAbstract.register(int)\nit = (Own(), Abstract)",
        "it[0].f(), type(it[0]).twice(), isinstance(3, it[1])",
        "(2, 4, True)",
    ),
    "a decorated closure over a cache, in a container": (
        "from functools import cache, wraps\n@cache\ndef square(x): return x * x\n"
        "def shown(f):\n    @wraps(f)\n"
        "    def inner(*a): return f'<{f(*a)}>'\n    return inner\n"
        "@shown\ndef run(x): return square(x)\nit = {'of': [run]}",
        "it['of'][0](3), it['of'][0].__name__",
        "('<9>', 'run')",
    ),
    "classes in registries of __init_subclass__, which has run once": (
        "EVERY, BY_NAME = [], {}\n"
        "class Base:\n    subs = []\n    def __init_subclass__(cls, *, key, **options):\n"
        "        super().__init_subclass__(**options)\n        assert key not in BY_NAME\n"
        "        EVERY.append(cls)\n        BY_NAME[key] = cls\n        Base.subs.append(cls)\n"
        "class A(Base, key='a'): pass\nclass B(A, key='b'): pass\n"
        "def it(): return EVERY, BY_NAME, A, B, Base",
        "[c.__name__ for c in it()[0]], list(it()[1]), it()[0] == [*it()[1].values()] == it()[4].subs == "
        "[it()[2], it()[3]], type('C', (it()[3],), {}, key='c') is it()[0][-1]",
        "(['A', 'B'], ['a', 'b'], True, True)",
    ),
    "classes of a metaclass that registers, asks for options and allows no changes": (
        "import abc\nEVERY = []\n"
        "class Meta(abc.ABCMeta):\n    made = 0\n    def __new__(kind, name, bases, space, *, flag=0):\n"
        "        made = super().__new__(kind, name, bases, dict(space, flag=flag))\n"
        "        EVERY.append(name)\n        return made\n"
        "    def __init__(cls, name, bases, space, *, flag): Meta.made += 1\n"
        "    def __setattr__(cls, name, value):\n        assert name not in ('f', 'flag')\n"
        "        super().__setattr__(name, value)\n"
        "class A(metaclass=Meta, flag=1):\n    @abc.abstractmethod\n    def f(self): ...\n"
        "class B(A, flag=2):\n    def f(self): return self.flag\n"
        "def it(): return EVERY, A, B, Meta",
        "it()[0], it()[3].made, it()[1].flag, it()[2]().f(), it()[1].__abstractmethods__",
        "(['A', 'B'], 2, 1, 2, frozenset({'f'}))",
    ),
    "descriptors that count their owners, and a class made inside a function": (
        "COUNTED = []\nclass D:\n    def __set_name__(self, owner, name): COUNTED.append(name)\n"
        "class A:\n    a, b = D(), D()\n"
        "def make():\n    class Inner:\n        def who(self): return __class__.__qualname__\n"
        "    return Inner\n"
        "Inner = make()\ndef it(): return COUNTED, A(), Inner()",
        "it()[0], it()[2].who()",
        "(['a', 'b'], 'make.<locals>.Inner')",
    ),
    "slots": (
        "from dataclasses import dataclass\n"
        "@dataclass(slots=True, weakref_slot=True)\nclass A:\n    n: int\n"
        "class B:\n    __slots__ = ('p', '__q')\n    def __init__(self): self.p, self.__q = 1, 2\n"
        "    def q(self): return self.__q\n"
        "class C(B):\n    __slots__ = '__dict__'\nc = C()\nc.more = 3\nit = (A(1), B(), c)",
        "[hasattr(each, '__dict__') for each in it], it[0], it[1].p, it[2].q(), it[2].more, "
        "__import__('weakref').ref(it[0])() is it[0]",
        "([False, False, True], A(n=1), 1, 2, 3, True)",
    ),
    "what was registered for a class with copyreg and with abstract classes": (
        "import collections.abc, copyreg, numbers\n"
        "class A:\n    def __init__(self, n): self.n = n\n"
        "def doubled(a): return A, (2 * a.n,)\ncopyreg.pickle(A, doubled)\n"
        "numbers.Number.register(A), collections.abc.Sequence.register(A)\nit = [A]",
        "isinstance(it[0](1), __import__('numbers').Number), "
        "issubclass(it[0], __import__('collections.abc').abc.Sequence), __import__('copy').copy(it[0](2)).n",
        "(True, True, 4)",
    ),
    "types that are named in annotations, as strings": (
        "from typing import *\nfrom dataclasses import dataclass\n"
        "class K: ...\nVector = list[K]\nbig = (n for n in [1])\n"
        "@dataclass\nclass A:\n    k: 'Vector'\n    of: Optional['K'] = None\n"
        "class D(TypedDict):\n    k: 'K'\n"
        "def f(k: 'dict[str, K]', big: 'big', odd: 'not python' = 0) -> 'K | None': ...\nit = (A, D, f)",
        "[*__import__('typing').get_type_hints(it[0]).values(), __import__('typing').get_type_hints(it[1])] "
        "== [list[K], __import__('typing').Optional[K], {'k': K}], 'big' in globals()",
        "(True, False)",
    ),
    "an object, a class and a function that are pickled there by their names": (
        "import pickle\nclass A:\n    def __init__(self): self.n = 1\nclass B(A): ...\ndef f(): return 2\n"
        "it = {'b': B(), 'a': [A], 'f': (f,)}",
        "[*map(type, map(__import__('pickle').loads, map(__import__('pickle').dumps, it['a'] + [it['b']])))] "
        "== [type, type(it['b'])], __import__('pickle').loads(__import__('pickle').dumps(it['f']))[0]()",
        "(True, 2)",
    ),
    "enums with what their members were made with, aliases, data types and a base of their own": (
        "from enum import *\n"
        "class Planet(Enum):\n    EARTH = 5, 6\n    MARS = 1, 2\n    HOME = 5, 6\n"
        "    def __init__(self, mass, radius): self.mass = mass\n"
        "    @property\n    def twice(self): return 2 * self.mass\n"
        "class Base(Enum):\n"
        "    def __new__(cls, word):\n        made = object.__new__(cls)\n        made._value_ = len(word)\n"
        "        made.word = word\n        return made\n"
        "class Words(Base):\n    A = 'a'\n    B = 'bb'\n"
        "class S(str, Enum):\n    U = 'u'\n    def __str__(self): return 'S' + self.value\n"
        "class F(Flag):\n    X = auto()\n    Y = auto()\n    XY = X | Y\n"
        "class T(tuple, Enum):\n    P = (1, 2)\n"
        "class N(Enum):\n    L = [1]\n    @classmethod\n    def _missing_(cls, value): return cls.L\n"
        "it = {Planet.MARS: 1}, Words.B, S.U, F.X | F.Y, T.P, N, Planet",
        "[(p.mass, p.twice) for p in it[6]], it[0][it[6].MARS], it[6].HOME is it[6].EARTH is it[6]((5, 6)), "
        "[*it[6].__members__], (it[1].word, it[1] is type(it[1])(2)), (it[2] == 'u', str(it[2]), "
        "it[2] is type(it[2])('u')), it[3] is type(it[3]).XY, type(it[3])(1) | type(it[3])(2) is it[3], "
        "it[4][1], it[5](9) is it[5].L, __import__('copy').deepcopy(it[2]) is it[2]",
        "([(5, 10), (1, 2)], 1, True, ['EARTH', 'MARS', 'HOME'], ('bb', True), (True, 'Su', True), "
        "True, True, 2, True, True)",
    ),
}

# what cannot travel; a part of what is said about it
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

TRIALS = """
import os, sys
from pathlib import Path
from jupyter_tune.payload.loading import load
from jupyter_tune.trials.program import fresh_main
for line in sys.stdin:
    path, question = line.rstrip().split(" ", 1)
    if os.fork() == 0:
        space = fresh_main().__dict__
        load(Path(path), space)
        print(repr(eval(question, space)), flush=True)
        os._exit(0)
    os.wait()
    print("END", flush=True)
"""


@pytest.fixture(scope="module")
def trials() -> Iterator[subprocess.Popen[str]]:
    """Answers lines of a payload's path and a question, each in a process that has seen neither."""
    command = [sys.executable, "-c", TRIALS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


@pytest.fixture
def space() -> Iterator[dict[str, object]]:
    main = sys.modules["__main__"]
    before = dict(main.__dict__)
    yield main.__dict__
    if hasattr(made := main.__dict__.get("it"), "close"):
        made.close()
    main.__dict__.clear()
    main.__dict__.update(before)


@pytest.mark.parametrize("kind", KINDS)
def test_it_works_where_the_notebook_is_not(
    tmp_path: Path, space: dict[str, object], trials: subprocess.Popen[str], kind: str
) -> None:
    source, question, answer = KINDS[kind]
    exec(source, space)
    packed = pack(cell(names={"it": space["it"]}), tmp_path)
    assert trials.stdin is not None
    assert trials.stdout is not None
    print(packed.path, question, file=trials.stdin, flush=True)
    assert "".join(iter(trials.stdout.readline, "END\n")).strip() == answer


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_travel_is_refused_by_name(tmp_path: Path, space: dict[str, object], kind: str) -> None:
    source, said = REFUSED[kind]
    exec(source, space)
    with pytest.raises(PayloadError, match=rf"^it\b.*{said}.*; create it inside the cell$"):
        pack(cell(names={"it": space["it"]}), tmp_path)
