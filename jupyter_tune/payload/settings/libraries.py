"""Settings of numpy, torch, pandas, scikit-learn and matplotlib that trials inherit.

They are read if the notebook has loaded the library; a trial imports it to apply them.
"""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from jupyter_tune.payload.settings.setting import Setting

_TORCH_SWITCHES = (
    "backends.cudnn.enabled",
    "backends.cudnn.benchmark",
    "backends.cudnn.deterministic",
    "backends.cudnn.allow_tf32",
    "backends.cuda.matmul.allow_tf32",
    "backends.mkldnn.enabled",
)


def _read_numpy(numpy: Any) -> dict[str, Any]:
    return {
        "errstate": numpy.geterr(),
        "errcall": numpy.geterrcall(),
        "buffer size": numpy.getbufsize(),
        **{f"print {option}": value for option, value in numpy.get_printoptions().items()},
    }


def _write_numpy(numpy: Any, found: dict[str, Any]) -> None:
    own = _read_numpy(numpy)
    changed = {name: value for name, value in found.items() if name not in own or own[name] != value}
    if "errstate" in changed:
        numpy.seterr(**changed["errstate"])
    if "errcall" in changed:
        numpy.seterrcall(changed["errcall"])
    if "buffer size" in changed:
        numpy.setbufsize(changed["buffer size"])
    options = {name.removeprefix("print "): changed[name] for name in changed if name.startswith("print ")}
    if options:
        numpy.set_printoptions(**options)


def _read_torch(torch: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "default dtype": torch.get_default_dtype(),
        "default device": str(torch.get_default_device()),
        "grad": torch.is_grad_enabled(),
        "deterministic": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        "anomaly": (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        "matmul precision": torch.get_float32_matmul_precision(),
        "sharing": torch.multiprocessing.get_sharing_strategy(),
        "print": dict(vars(torch._tensor_str.PRINT_OPTS)),
    }
    for switch in _TORCH_SWITCHES:
        try:
            found[switch] = attrgetter(switch)(torch)
        except (AttributeError, RuntimeError):
            # missing in this version, or set through the newer of torch's two interfaces
            continue
    return found


def _write_torch(torch: Any, found: dict[str, Any]) -> None:
    torch.set_default_dtype(found["default dtype"])
    # setting a default device, even the CPU, slows down every call that creates a tensor
    if str(torch.get_default_device()) != found["default device"]:
        torch.set_default_device(found["default device"])
    torch.set_grad_enabled(found["grad"])
    if found["deterministic"] != (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    ):
        enabled, warn_only = found["deterministic"]
        torch.use_deterministic_algorithms(enabled, warn_only=warn_only)
    enabled, check_nan = found["anomaly"]
    torch.autograd.set_detect_anomaly(enabled, check_nan)
    if torch.get_float32_matmul_precision() != found["matmul precision"]:
        torch.set_float32_matmul_precision(found["matmul precision"])
    torch.multiprocessing.set_sharing_strategy(found["sharing"])
    torch.set_printoptions(**found["print"])
    for switch in _TORCH_SWITCHES:
        if switch in found and attrgetter(switch)(torch) != found[switch]:
            place, _, name = switch.rpartition(".")
            setattr(attrgetter(place)(torch), name, found[switch])


def _read_pandas(pandas: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # reading a deprecated option warns
        return dict(_pandas_options(pandas.options, ""))


def _pandas_options(level: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name in dir(level):
        value = getattr(level, name)
        if type(value) is type(level):
            yield from _pandas_options(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _write_pandas(pandas: Any, found: dict[str, Any]) -> None:
    own = _read_pandas(pandas)
    for option, value in found.items():
        if option in own and own[option] != value:
            pandas.set_option(option, value)


def _write_sklearn(sklearn: Any, found: dict[str, Any]) -> None:
    sklearn.set_config(**{name: found[name] for name in found.keys() & sklearn.get_config().keys()})


def _read_matplotlib(matplotlib: Any) -> dict[str, Any]:
    # not the backend: MPLBACKEND or the trial chooses it, and reading it would load it
    before = matplotlib.rcParamsOrig
    return {
        name: value
        for name, value in dict.items(matplotlib.rcParams)
        if "backend" not in name and (name not in before or dict.__getitem__(before, name) != value)
    }


def _write_matplotlib(matplotlib: Any, found: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matplotlib.rcParams.update(found)


def _read(library: str, read: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    module = sys.modules.get(library)
    return {} if module is None else read(module)


def _write(library: str, write: Callable[[Any, dict[str, Any]], None], found: dict[str, Any]) -> None:
    try:
        module = importlib.import_module(library)
    except ImportError:
        return  # the training code cannot import it either
    write(module, found)


_LIBRARIES: dict[str, tuple[Callable[[Any], dict[str, Any]], Callable[[Any, dict[str, Any]], None]]] = {
    "numpy": (_read_numpy, _write_numpy),
    "torch": (_read_torch, _write_torch),
    "pandas": (_read_pandas, _write_pandas),
    "sklearn": (lambda sklearn: dict(sklearn.get_config()), _write_sklearn),
    "matplotlib": (_read_matplotlib, _write_matplotlib),
}

SETTINGS = tuple(
    Setting(library, functools.partial(_read, library, read), functools.partial(_write, library, write))
    for library, (read, write) in _LIBRARIES.items()
)
