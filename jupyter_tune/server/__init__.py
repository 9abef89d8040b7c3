"""The Jupyter server extension: the studies under the server's root, for pages of any kernel or of none.

    GET    jupyter-tune/api/studies                   how each study stands
    GET    jupyter-tune/api/studies/PATH              the dashboard of one, read from its file
    GET    jupyter-tune/api/studies/PATH/model        what the model says of it, drawn by a driver
    POST   jupyter-tune/api/studies/PATH/requests     a request to its driver, such as {"type": "stop"}
    DELETE jupyter-tune/api/studies/PATH              delete it, with its files
    GET    jupyter-tune/api/compare?path=A&path=B     several in one chart
    events https://schema.jupyter-tune.org/study/v1   what changes, by the server's event bus

Laws:
- Nothing outside the server's root is read, and nothing that a study's file holds is run.
- A handler never waits on the server's loop: files and drivers are asked on threads, and whole journals are
  read in a process of their own (reading.py).
- The extension is loaded by every server that has this package, so loading it imports next to nothing.
"""

from __future__ import annotations

from typing import Any


def _load_jupyter_server_extension(app: Any) -> None:
    # here, not above: reading.py is run as a program and needs no server
    from jupyter_tune.server.extension import load

    load(app)
