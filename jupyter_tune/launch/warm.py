"""A driver that is started before it is needed, so that a study does not wait for imports.

There is at most one; the next study takes it.
"""

from __future__ import annotations

import sys

from jupyter_tune.client.driver_process import DriverProcess
from jupyter_tune.payload.preloads import PRELOADED
from jupyter_tune.registry import DEFAULT_SAMPLER
from jupyter_tune.wire.requests import Warm

_driver: DriverProcess | None = None


def loaded_libraries() -> list[str]:
    """The preloadable libraries that this process has imported."""
    return [name for name in PRELOADED if name in sys.modules]


def warm_up() -> None:
    """Start a driver that imports the big libraries of this process. Returns at once.

    If one is waiting already, it imports the libraries that were imported here since.
    """
    global _driver
    if _driver is None or not _driver.is_alive:
        _driver = DriverProcess()
    _driver.connection.send(Warm(loaded_libraries(), DEFAULT_SAMPLER))


def has_driver() -> bool:
    """Whether a driver is waiting for a study."""
    return _driver is not None and _driver.is_alive


def cool_down() -> None:
    """End the warm driver, if there is one."""
    global _driver
    if _driver is not None:
        _driver.end()
        _driver = None


def take_driver() -> DriverProcess:
    """The warm driver, which is the caller's from now on; a new one if there is none."""
    global _driver
    driver, _driver = _driver, None
    return driver if driver is not None and driver.is_alive else DriverProcess()


def return_driver(driver: DriverProcess) -> None:
    """Keep a driver without a study for the next one."""
    global _driver
    if _driver is None and driver.is_alive:
        _driver = driver
    else:
        driver.end()
