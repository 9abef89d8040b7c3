"""Classes and enums of the notebook, in a process that has never seen it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.usefixtures("bare_notebook")

# what the cells define; the question that a trial is asked about `it`; its answer
KINDS = {
    "enum, namedtuple and dataclass": (
        "from collections import namedtuple\nfrom dataclasses import dataclass, field\n"
        "from enum import Enum\n"
        "class Colour(Enum):\n    RED = 1\nPoint = namedtuple('Point', 'x y')\n"
        "@dataclass\nclass Config:\n    n: int = 2\n    names: list = field(default_factory=list)\n"
        "it = (Colour.RED, Point(1, 2), Config())",
        "it[0] is type(it[0]).RED, it[1].y, type(it[2])(4)",
        "(True, 2, Config(n=4, names=[]))",
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
    "classes with a metaclass, a virtual subclass and super": (
        "import abc\nclass Meta(type):\n    def twice(cls): return cls.k * 2\n"
        "class Base(metaclass=Meta):\n    k = 2\n    def f(self): return 1\n"
        "class Own(Base):\n    def f(self): return super().f() + 1\n"
        "class Abstract(abc.ABC): pass\nAbstract.register(int)\nit = (Own(), Abstract)",
        "it[0].f(), type(it[0]).twice(), isinstance(3, it[1])",
        "(2, 4, True)",
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


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_as_they_are_in_the_notebook(recreated: Callable[[str, str], str], kind: str) -> None:
    source, question, answer = KINDS[kind]
    assert recreated(source, question) == answer
