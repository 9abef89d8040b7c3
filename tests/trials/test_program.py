"""How trials run and end: cells, functions, crashes, output."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")


@pytest.mark.parametrize(
    ("source", "reason", "error"),
    [
        ("raise ValueError('boom')", "ValueError: boom", "raise ValueError('boom')"),
        ("import sys\nsys.exit(3)", "exited with code 3", ""),
        ("import sys\nsys.exit('enough')", "exited with code 1", "enough"),
        ("import os\nos._exit(7)", "exited with code 7", ""),
        ("import ctypes\nctypes.string_at(0)", "killed by SIGSEGV", ""),
        ("import os\nos.kill(os.getpid(), 9)", "killed by SIGKILL", ""),
        ("import os\nos.closerange(3, 256)\nreport(accuracy=1)", "channel lost", ""),
        ("import os, time\nos.closerange(3, 256)\ntime.sleep(600)", "channel lost", ""),
        ("raise MemoryError", "memory", "MemoryError"),
        ("try:\n    1 / 0\nexcept Exception as error:\n    raise error from error", "ZeroDivisionError", ""),
        ("1 +", "SyntaxError: invalid syntax", "<%%tune test>"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'", ""),
        ("other = 1", "no metric", "call report(accuracy=...) or set accuracy in the cell"),
        ("accuracy = 'high'", "no metric", "must be a number, got str"),
        ("report(accuracy='high')", "ReportError: accuracy: a metric must be a number, got str", ""),
    ],
)
async def test_a_failure_says_what_happened(lab: Lab, source: str, reason: str, error: str) -> None:
    ended = await lab.run(source)
    assert ended.state == "failed"
    assert ended.reason.startswith(reason)
    assert error in ended.error
    assert ended.error


async def test_a_descriptor_that_became_the_user_s_file_is_not_written_to(lab: Lab) -> None:
    ended = await lab.run(
        "import os\nos.closerange(3, 256)\n"
        "files = [open('mine', 'w')] + [open(os.devnull) for _ in range(20)]\nreport(accuracy=1)"
    )
    assert ended.reason == "channel lost"
    assert (lab.folder / "mine").read_text() == ""


async def test_a_traceback_shows_the_user_s_lines_only(lab: Lab) -> None:
    shown = "lr: Float(0, 1) = .5\n1 / 0  # as typed"
    await lab.open("lr = trial.params['lr']\n1 / 0", shown=shown)
    lab.launch(lr=0.1)
    error = (await lab.ended()).error
    assert 'File "<%%tune test>", line 2' in error
    assert "1 / 0  # as typed" in error
    assert "executors" not in error


@pytest.mark.parametrize("ending", ["sys.exit()", "sys.exit(0)", "raise SystemExit"])
async def test_a_normal_exit_is_complete(lab: Lab, ending: str) -> None:
    ended = await lab.run(f"import sys\nreport(accuracy=1)\n{ending}")
    assert ended.state == "complete"


async def test_100_mb_of_output_are_capped_and_no_report_is_lost(lab: Lab) -> None:
    ended = await lab.run(
        "print('the very first line')\nline = 'x' * 999\n"
        "for k in range(100_000):\n    print(line)\n    if k % 20_000 == 0: report(accuracy=k)\n"
        "print('the very last line')"
    )
    text = lab.log()
    assert (ended.state, len(lab.reports())) == ("complete", 5)
    assert text.startswith("the very first line\n")
    assert text.endswith("the very last line\n")
    assert 7_000_000 < len(text) <= 10_000_000
    assert "bytes left out" in text


async def test_output_is_there_while_the_trial_runs(lab: Lab) -> None:
    await lab.open(
        "import os, time\nprint('hé')\nos.system('echo from a child')\nreport(accuracy=1)\ntime.sleep(600)"
    )
    lab.launch()
    await lab.reported()
    assert lab.log() == "hé\nfrom a child\n"


async def test_a_trial_has_its_working_directory_path_and_environment(lab: Lab) -> None:
    lab.options.update(sys_path=[str(lab.folder)], env={"MINE": "yes"}, threads=1)
    (lab.folder / "my_module.py").write_text("x = 4")
    ended = await lab.run(
        "import os, sys, my_module\n"
        "assert os.environ['JUPYTER_TUNE_TRIAL'] == '0' and os.environ['MINE'] == 'yes'\n"
        "assert __name__ == '__main__' and sys.modules['__main__'].__dict__ is globals()\n"
        "assert os.getcwd() == os.path.realpath(sys.path[0]), os.getcwd()\n"
        "assert sys.argv == ['<%%tune test>'] and sys.stdin.read() == ''\n"
        "accuracy = my_module.x"
    )
    assert (ended.error, ended.value) == ("", 4)


async def test_random_generators_are_seeded_with_the_trial_s_seed(lab: Lab) -> None:
    lab.options["preload"] = ["torch"]
    await lab.run(
        "import random, torch\nimport numpy as np\n"
        "report(python=random.random(), numpy=np.random.rand(), torch=torch.rand(()), seed=trial.seed,"
        " accuracy=torch.get_num_threads())"
    )
    import torch

    metrics = lab.reports()[0].metrics
    random_state = random.Random(1000)
    assert metrics["seed"] == 1000
    assert metrics["python"] == random_state.random()
    assert metrics["numpy"] == np.random.RandomState(1000).rand()
    generator = torch.Generator()
    generator.manual_seed(1000)
    assert metrics["torch"] == torch.rand((), generator=generator).item()
    assert metrics["accuracy"] >= 1


async def test_numbers_of_numpy_and_torch_are_reported_as_floats(lab: Lab) -> None:
    await lab.run(
        "import numpy as np, torch\n"
        "report(accuracy=np.float32(.5), a=np.int64(2), b=np.array(3.), c=torch.tensor(4), d=True)\n"
        "for bad in (np.zeros(1), torch.zeros(2), 1j, None, np.complex64(1)):\n"
        "    try:\n        report(accuracy=bad)\n"
        "    except TypeError as error:\n        print(error)\n"
        "    else:\n        raise AssertionError(bad)"
    )
    assert lab.reports()[0].metrics == {"accuracy": 0.5, "a": 2, "b": 3, "c": 4, "d": 1}
    assert "got numpy.ndarray of shape (1,)" in lab.log()
    assert len(lab.reports()) == 1


async def test_a_cell_may_await_and_call_asyncio_run(lab: Lab) -> None:
    ended = await lab.run(
        "import asyncio\n"
        "async def train():\n    await asyncio.sleep(0)\n    return .5\n"
        "async def outer():\n    return asyncio.run(train())\n"
        "accuracy = await train() + await outer()"
    )
    assert (ended.error, ended.value) == ("", 1.0)


async def test_a_cell_without_await_may_call_asyncio_run(lab: Lab) -> None:
    ended = await lab.run("import asyncio\nasync def f(): return 2\naccuracy = asyncio.run(f())")
    assert ended.value == 2.0


async def test_a_halt_passes_through_awaits(lab: Lab) -> None:
    lab.on_report = lambda fact: lab.halt(state="pruned")
    ended = await lab.run("import asyncio\nawait asyncio.sleep(0)\nwhile True:\n    report(accuracy=1)")
    assert ended.state == "pruned"


@pytest.mark.parametrize(
    ("body", "value", "metrics"),
    [
        ("report(accuracy=lr); return None", None, {}),
        ("return lr * 2", 0.5, {}),
        ("return {'accuracy': lr, 'loss': 3}", 0.25, {"accuracy": 0.25, "loss": 3.0}),
    ],
)
async def test_a_function_s_return_value(lab: Lab, body: str, value: float | None, metrics: object) -> None:
    space: dict[str, object] = {}
    exec(f"from jupyter_tune.trials.report import report\ndef train(lr): {body}", space)
    await lab.open(kind="function", function=space["train"])
    lab.launch(lr=0.25)
    ended = await lab.ended()
    assert (ended.state, ended.value, ended.metrics) == ("complete", value, metrics), ended.error


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda: None, "call report(accuracy=...) or return accuracy"),
        (lambda: {"loss": 1}, "the returned dict has no 'accuracy'"),
        (lambda: "good", "must be a number, got str"),
    ],
)
async def test_a_function_without_a_result_fails(lab: Lab, function: object, error: str) -> None:
    await lab.open(kind="function", function=function)
    lab.launch()
    ended = await lab.ended()
    assert (ended.state, ended.reason) == ("failed", "no metric")
    assert error in ended.error


async def test_worker_processes_inside_a_trial_work_and_may_be_terminated(lab: Lab) -> None:
    ended = await lab.run(
        "import multiprocessing, time\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    total = sum(pool.map(abs, [-1, -2]))\n"
        "worker = multiprocessing.get_context('fork').Process(target=time.sleep, args=(600,))\n"
        "worker.start(); worker.terminate(); worker.join()\n"
        "assert worker.exitcode == -15, worker.exitcode\naccuracy = total"
    )
    assert (ended.error, ended.value) == ("", 3)


async def test_a_report_from_a_forked_process_is_refused(lab: Lab) -> None:
    await lab.run(
        "import os\nif os.fork() == 0:\n"
        "    try:\n        report(accuracy=1)\n"
        "    except Exception as error:\n        print(error, flush=True)\n"
        "    os._exit(0)\nos.wait()\naccuracy = 1"
    )
    assert "in a child process of the trial" in lab.log()


async def test_files_left_open_are_flushed_and_exit_handlers_run(lab: Lab) -> None:
    await lab.run(
        "import atexit\nf = open('x', 'w')\nf.write('all')\natexit.register(print, 'bye')\naccuracy = 1"
    )
    assert (lab.folder / "x").read_text() == "all"
    assert "bye" in lab.log()


async def test_an_exit_handler_that_hangs_does_not_change_the_end(lab: Lab) -> None:
    ended = await lab.run("import atexit, time\natexit.register(time.sleep, 600)\naccuracy = 1")
    assert (ended.state, ended.value) == ("complete", 1)


async def test_torch_trains_in_forked_trials_with_threads_and_loader_workers(lab: Lab) -> None:
    lab.options.update(preload=["torch", "torch.utils.data"], threads=2)
    await lab.open(
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "data = TensorDataset(torch.randn(256, 64), torch.randn(256, 1))\n"
        "model = torch.nn.Sequential(torch.nn.Linear(64, 512), torch.nn.ReLU(), torch.nn.Linear(512, 1))\n"
        "for x, y in DataLoader(data, batch_size=64, num_workers=1):\n"
        "    loss = torch.nn.functional.mse_loss(model(x), y)\n    loss.backward()\n"
        "accuracy = loss"
    )
    for number in range(2):
        lab.launch(number)
    for number in range(2):
        assert (await lab.ended(number)).error == ""


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), 9)", "time.sleep(600)"])
async def test_shared_memory_that_a_trial_leaves_is_removed(lab: Lab, end: str) -> None:
    lab.on_report = lambda fact: lab.halt() if "sleep" in end else None
    await lab.run(
        "import os, signal, time\nfrom multiprocessing import get_context, shared_memory\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "memory = shared_memory.SharedMemory(create=True, size=1000)\n"
        # a worker holds on to what the tracker watches
        "get_context('fork').Process(target=time.sleep, args=(600,), daemon=True).start()\n"
        "print(memory.name, flush=True)\n"
        f"try: report(accuracy=1)\nexcept BaseException: pass\n{end}"
    )
    name = lab.log().split()[0]
    assert name.startswith("psm_")
    assert not Path("/dev/shm", name).exists()
