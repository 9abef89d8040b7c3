"""The command line `jupyter-tune`, which Jupyter also calls as `jupyter tune`.

    app.py          the commands, and how errors are shown
    run.py          `run` and `resume`: starts a study and waits for it
    space_file.py   ranges in a TOML file
    following.py    a line for each trial that ends
    log.py          `log`: a study in an experiment tracker, after its end
    screen.py       `show`: the study as a screen of text
    export.py       trials as CSV or JSON

It is a client of the study's driver like the notebook. It loads neither torch nor numpy.
"""

import sys

from jupyter_tune import refuse_windows
from jupyter_tune.errors import TuneError

try:
    # here, as the modules of this package cannot be imported there
    refuse_windows()
except TuneError as error:
    sys.exit(f"Error: {error}")
