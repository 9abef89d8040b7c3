"""Lightning's epochs as the steps of a trial: `Trainer(callbacks=[TuneCallback()])`.

For trainers of `pytorch_lightning`; `lightning.pytorch` has the module `lightning`.
"""

from __future__ import annotations

from pytorch_lightning import Callback

from jupyter_tune.integrations.callbacks.lightning import LightningHooks

__all__ = ["TuneCallback"]


class TuneCallback(LightningHooks, Callback):
    __doc__ = LightningHooks.__doc__
