"""Ranges in places where they cannot be declared are errors, whatever is written around them."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jupyter_tune.core.parameters import Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.errors import CellError, TuneError
from jupyter_tune.notebook.cell import parse


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("for i in range(3):\n    lr: Float(0, 1)", "a for loop"),
        ("while True:\n    lr = Float(0, 1)", "a while loop"),
        ("def f():\n    if x:\n        lr: Float(0, 1)", "a function"),
        ("async def f():\n    lr: Float(0, 1)", "a function"),
        ("class C:\n    lr: Float(0, 1)", "a class"),
        ("try:\n    lr: Float(0, 1)\nfinally:\n    pass", "a try"),
        ("with a:\n    lr: Float(0, 1)", "a with block"),
        ("match a:\n    case 1:\n        lr: Float(0, 1)", "a match"),
        ("print(lr := Float(0, 1))", "a call"),
        ("if (lr := Float(0, 1)):\n    pass", "an expression"),
    ],
)
def test_ranges_are_declared_at_the_top_level_only(text, place):
    with pytest.raises(CellError, match=rf"lr \(line \d\): a range cannot be declared inside {place}"):
        parse(text)


@pytest.mark.parametrize("name", ["report", "trial"])
def test_names_that_trials_define_cannot_be_parameters(name):
    with pytest.raises(CellError, match=rf"{name} \(line 1\): every trial defines this name"):
        parse(f"{name}: Float(0, 1)")


def test_only_plain_names_can_be_parameters():
    with pytest.raises(CellError, match=r"config\.lr \(line 1\): only a plain name"):
        parse("config.lr: Float(0, 1) = 0.5")
    with pytest.raises(CellError, match=r"a \(line 1\): a range belongs to one name"):
        parse("a = b = Float(0, 1)")


DECLARED = "y: Int(1, 3) = 2\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("p = dict(lr=Float(1e-5, 1e-1, log=True))", "a call"),
        ("p = make(**{'lr': Float(0, 1)})", "a dict"),
        ("p = {'lr': Float(0, 1)}", "a dict"),
        ("p = {Float(0, 1)}", "a set"),
        ("a, b = Float(0, 1), Float(0, 1)", "a tuple"),
        ("a, *b = [Float(0, 1)]", "a list"),
        ("lr = Float(0, 1) if y > 1 else .5", "a conditional expression"),
        ("lr = [Float(0, 1) for _ in range(3)]", "a comprehension"),
        ("lr = {i: Float(0, 1) for i in 'ab'}", "a comprehension"),
        ("lr = next(Float(0, 1) for _ in range(3))", "a comprehension"),
        ("lr: Float(0, 1) | None = .5", "a union"),
        ("lr: Optional[Float(0, 1)] = .5", "a subscript"),
        ("lr: 'Float(0, 1)' = .5", "a string"),
        ("lr: Optional['Float(0, 1)'] = .5", "a string"),
        ('lr: "Annotated[float, Float(0, 1)]" = .5', "a string"),
        ("lr: Float(0, 1) | None = Float(0, 1)", "a union"),
        ("f = lambda lr=Float(0, 1): lr", "a lambda"),
        ("def f(lr: 'Float(0, 1)' = .5): pass", "a string"),
        ("def f() -> Float(0, 1): pass", "a function"),
        ("@deco(Float(0, 1))\ndef f(): pass", "a"),
        ("@dataclass\nclass C:\n    lr: float = field(default=Float(0, 1))", "a call"),
        ("lr = .5\nlr += Float(0, 1)", "an expression"),
        ("lr = 2 * Float(0, 1)", "an expression"),
        ("lr = Float(0, 1).default", "an expression"),
        ("lr = given or Float(0, 1)", "a condition"),
        ("print(f'{Float(0, 1)}')", "an f-string"),
        ("Float(0, 1)", "an expression"),
        ("lr = await Float(0, 1)", "an expression"),
        ("assert Float(0, 1)", "an expression"),
        ("for lr in Float(0, 1), 2: pass", "a tuple"),
        ("if y > 1:\n    p = {'lr': Float(0, 1)}", "a dict"),
        ("with open(Float(0, 1)) as f: pass", "a call"),
        ("import jupyter_tune as tuner\np = [tuner.Float(0, 1)]", "a list"),
        ("from jupyter_tune import Float as F\np = [F(0, 1)]", "a list"),
        ("p = [jt.Float(0, 1)]", "a list"),
    ],
)
def test_a_range_in_any_other_place_is_refused(text: str, place: str) -> None:
    with pytest.raises(
        CellError, match=rf"\(line \d\): a range cannot be declared inside {place}.*; declare"
    ):
        parse(DECLARED + text)


@pytest.mark.parametrize(
    "text", ["F = Float", "make = jt.Float", "map(Float, ends)", "lr: list[Float] = []", "lr: 'Float' = .5"]
)
def test_the_name_of_a_range_class_alone_is_refused(text: str) -> None:
    with pytest.raises(
        CellError, match=r"Float \(line 2\): has no meaning in a trial except to declare a range"
    ):
        parse(DECLARED + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cfg['lr']: Float(0, 1) = .5", r"cfg\['lr'\] \(line 2\): only a plain name can be a parameter"),
        ("cfg.lr = Float(0, 1)", r"cfg.lr \(line 2\): only a plain name can be a parameter"),
        ("a, b = Float(0, 1)", r"\(a, b\) \(line 2\): only a plain name can be a parameter"),
        ("lr: Annotated[float, Float(0, 1), Float(0, 2)] = 0", r"lr \(line 2\): has 2 ranges; keep one"),
        ("lr: Float(0, 1) = Float(0, 2)", r"lr \(line 2\): its default is another range; keep one"),
        ("lr: Float(0, 1) = 2", r"lr \(line 2\): default: 2.0 is outside 0.0 to 1.0"),
        ("y: Float(0, 1)", r"y \(line 2\): already declared on line 1"),
    ],
)
def test_malformed_declarations_are_refused(text: str, message: str) -> None:
    with pytest.raises(TuneError, match=message):
        parse(DECLARED + text)


HELD = {
    "F": Float,
    "LR": Float(0.0, 1.0),
    "CFG": {"lr": Float(0.0, 1.0), "epochs": 5, "deep": [Int(1, 3)]},
    "SPACE": Space(lr=Float(0.0, 1.0)),
    "make": partial(Float, log=True),
    "log_float": lambda low, high: Float(low, high, log=True),
}


@pytest.mark.parametrize("held", ["CFG", "CFG['deep']", "SPACE", "make"])
@pytest.mark.parametrize(
    "text", ["f(@)", "p = {'a': @}", "for r in @: pass", "x = @.get('lr')", "x = @[k]", "x: int = @"]
)
def test_a_collection_of_ranges_may_only_be_used_in_declarations(text: str, held: str) -> None:
    with pytest.raises(CellError, match=r"\(line 2\): has ranges in it, .* declare each on a line"):
        parse(DECLARED + text.replace("@", held), HELD)


def test_what_a_collection_has_beside_ranges_and_the_bounds_of_a_range_are_plain_values() -> None:
    text = "n = CFG['epochs']\nlow = LR.low\nlr: CFG['lr'] = 0.5\nm: SPACE['lr']\nk = CFG['deep'][0]\nz: LR"
    assert list(parse(DECLARED + text, HELD).space) == ["y", "lr", "m", "k", "z"]


@pytest.mark.parametrize(
    "text",
    [
        *("def f(LR): return LR", "f = lambda CFG: CFG['lr']", "x = [LR for LR in range(3)]"),
        *("LR = 3\nprint(LR)", "try:\n    pass\nexcept OSError as LR:\n    print(LR)"),
        "match y:\n    case [*LR]:\n        print(LR)",
    ],
)
def test_a_name_that_the_cell_has_for_something_else_is_no_range(text: str) -> None:
    assert list(parse(DECLARED + text, HELD).space) == ["y"]


@pytest.mark.parametrize("made", ["log_float(1e-4, 1e-1)", "make(1e-4, 1e-1)"])
def test_a_range_made_by_a_function_of_the_notebook_is_made_in_a_cell_above(made: str) -> None:
    with pytest.raises(CellError, match=r"lr \(line 2\): .* is not read as a range; make it in a cell above"):
        parse(f"{DECLARED}lr: {made} = 1e-2", HELD)


# "@" is where a range is written
WAYS = st.sampled_from(
    [
        *("f(@)", "f(k=@)", "f(*@)", "[@]", "(@, 1)", "{@}", "{'a': @}", "{@: 1}", "{**@}", "not @", "-@"),
        *("@ + 1", "@ | None", "@ if y else 1", "1 if @ else 2", "(@ or 1)", "lambda: @", "lambda a=@: a"),
        *("[@ for _ in z]", "[a for a in @]", "f'{ @ }'", "@.low", "@[0]", "z[@]", "(w := @)", "@ < 1"),
    ]
)
LINES = st.sampled_from(
    [
        *("x = @", "x: @ = 1", "x: int = @", "x += @", "x[0] = @", "a = b = @", "@", "global_(@)"),
        *("for i in @:\n    pass", "while @:\n    pass", "with @ as w:\n    pass", "if @:\n    pass"),
        *("def g(a=@):\n    pass", "def g(a: @):\n    pass", "def g():\n    return @"),
        *("class C:\n    a = @", "class C(@):\n    pass", "try:\n    a = @\nfinally:\n    pass"),
        *("match @:\n    case _:\n        pass", "if y == 1:\n    x[0] = @", "assert @", "raise @"),
    ]
)


@given(
    LINES,
    st.lists(WAYS, min_size=1, max_size=4),
    st.sampled_from(["Float(0, 1)", "jt.Int(1, 2)", "F(0, 1)", "LR", "CFG['lr']", "CFG['deep'][-1]"]),
)
def test_wherever_a_range_is_written_it_is_refused(line: str, ways: list[str], written: str) -> None:
    # the bounds of a range that the notebook holds are plain values
    assume(")" in written or ways[0] != "@.low")
    for way in ways:
        written = f"({way.replace('@', written)})"
    text = DECLARED + line.replace("@", written)
    try:
        compile(text, "", "exec", dont_inherit=True)
    except SyntaxError:
        return  # not every way fits into every other
    with pytest.raises(CellError, match=r"\(line \d\)"):
        parse(text, HELD)


@pytest.mark.parametrize(
    "kind",
    [
        'getattr(jt, "Float")',
        "vars(jt)['Float']",
        "jt.__dict__['Float']",
        "__import__('jupyter_tune').Float",
        "importlib.import_module('jupyter_tune').Float",
    ],
)
def test_a_range_class_is_recognised_however_it_is_looked_up(kind: str) -> None:
    assert parse(f"lr = {kind}(0, 2)\nn: {kind}(0, 3) = 1").space["lr"] == Float(0, 2)
    with pytest.raises(CellError, match="inside a string"):
        parse(f'x: Float(0, 1)\nlr = eval("""{kind}(0, 2)""")')
