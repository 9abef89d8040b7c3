"""Serves the repository, and the parameters and chart templates of a study as Python writes them now.

Run `python labextension/dev/serve.py [PORT]`, then open /labextension/dev/index.html: the built dashboard
over a made-up study.
"""

import json
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jupyter_tune as jt
from jupyter_tune.views.charts import templates
from jupyter_tune.views.tables.tables import parameters

ROOT = Path(__file__).parents[2]


def study(hostile: bool) -> dict[str, Any]:
    """What the page gets as traits; the study's trials fake_model.mjs makes up."""
    space = jt.Space(
        lr=jt.Float(1e-4, 1e-1, log=True),
        momentum=jt.Float(0, 0.99, reverse_log=True),
        width=jt.Int(10, 1000, log=True),
        dropout=jt.Float(0, 0.5, step=0.05),
        act=jt.Categorical(["relu", "<img src=x onerror=alert(1)>" if hostile else "tanh", "gelu"]),
        nesterov=jt.Categorical([True, False]),
    )
    return {"templates": templates(space), "parameters": parameters(space)}


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if "/study.json" not in self.path:
            return super().do_GET()
        body = json.dumps(study("hostile" in self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    print(f"http://127.0.0.1:{port}/labextension/dev/index.html?trials=60&live")
    ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=ROOT)).serve_forever()
