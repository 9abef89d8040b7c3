"""Ray Tune's side of its page, in a kernel. `make test-integrations` runs it, where Ray is installed."""

from __future__ import annotations

from tests.docs.pages import side
from tests.real_kernel import Kernel

PAGE = "coming-from-ray-tune.md"

# Ray gives its own processes 30 s to start, which a busy machine may need; it can be asked again
START = """
import os
os.environ["HOME"] = {home!r}
import ray
for attempt in range(9, -1, -1):
    try:
        ray.init(num_cpus=2, include_dashboard=False)
        break
    except Exception:
        ray.shutdown()
        if not attempt:
            raise
"""


def test_rays_side_runs_and_its_space_is_read(kernel: Kernel) -> None:
    kernel.run(START.format(home=str(kernel.folder)))
    blocks = side(PAGE, "Ray Tune")
    assert len(blocks) == len(side(PAGE, "jupyter_tune"))
    kernel.run(blocks[0])
    assert kernel.ask("len(results), results.num_errors") == "(6, 0)"
    assert kernel.ask("0.0 < best.metrics['accuracy'] < 1.0") == "True"
    kernel.run("import jupyter_tune as jt")
    same = "jt.Space(lr=jt.Float(1e-4, 0.1, log=True), width=jt.Int(8, 128))"
    assert kernel.ask(f"jt.read_space(space) == {same}") == "True"
    kernel.run(blocks[1])
    assert kernel.ask("results.get_best_result().checkpoint is not None") == "True"
    kernel.run(blocks[2])
    kernel.run(blocks[3])
    assert kernel.ask("len(results), results.num_errors") == "(4, 0)"
    kernel.run("import ray; ray.shutdown()")
