"""Lightning's epochs as the steps of a trial: `Trainer(callbacks=[TuneCallback()])`.

For trainers of `lightning.pytorch`; `pytorch_lightning` has a module of its own name.
"""

from __future__ import annotations

from lightning.pytorch import Callback

from jupyter_tune.integrations.callbacks.lightning import LightningHooks

__all__ = ["TuneCallback"]


class TuneCallback(LightningHooks, Callback):
    __doc__ = LightningHooks.__doc__
