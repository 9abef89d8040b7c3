"""What the journal's tests share."""

from __future__ import annotations

from jupyter_tune.core.events import StudyOpened
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space

OPENED = StudyOpened("s", Space(lr=Float(1e-4, 1e-1, log=True)), Settings("accuracy"))
