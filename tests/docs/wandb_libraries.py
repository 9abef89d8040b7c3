"""The page for users of W&B Sweeps, both sides, offline. `make test-integrations` runs it, where wandb is."""

from __future__ import annotations

from tests.docs.pages import blocks, side
from tests.real_kernel import LOAD, Kernel

PAGE = "coming-from-wandb-sweeps.md"


def test_the_blocks_run_in_order(kernel: Kernel) -> None:
    kernel.run(
        f"{LOAD}\nimport os\nos.environ['WANDB_MODE'] = 'offline'\nos.environ['WANDB_SILENT'] = 'true'"
    )
    [theirs], [ours] = side(PAGE, "W&B"), side(PAGE, "jupyter_tune")
    first, second, *others = blocks(PAGE)
    assert (first, second) == (theirs, ours)
    kernel.run(theirs)
    kernel.run("train()")
    assert list((kernel.folder / "wandb").glob("offline-run-*/*.wandb"))
    kernel.run("theirs = sweep")
    kernel.run(ours)
    assert kernel.ask("jt.read_sweep(theirs).space == jt.Space(ranges)") == "True"
    for block in others:
        kernel.run(block)
    assert kernel.ask("[len(each.trials) for each in (study, again, logged)]") == "[6, 6, 2]"
    assert "wandb: 2 trials of" in kernel.ask("[text for _, text in logged.notices]")
