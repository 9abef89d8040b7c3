"""One thread for small matrices.

At n = 30 the threads of BLAS and OpenMP cost more than they bring: measured on two busy
cores, a suggestion took 60 ms of CPU with one thread and 150 to 400 ms with two. The limit
holds for as long as a suggestion is being made and is then lifted, because the process may be
the user's own notebook.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


def one_thread() -> AbstractContextManager[object]:
    """A context in which BLAS and OpenMP use the calling thread alone."""
    context: AbstractContextManager[object] = _controller().limit(limits=1)
    return context


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    # looks at every library loaded, so once: by now torch and scipy are
    return ThreadpoolController()
