import lightning as L
import torch
from ray import tune
from ray.tune.integration.pytorch_lightning import TuneReportCallback
from ray.tune.schedulers import ASHAScheduler
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, random_split


class LitAutoEncoder(L.LightningModule):
    def __init__(self, width, lr):
        super().__init__()
        self.lr = lr
        self.encoder = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 3))
        self.decoder = nn.Sequential(nn.Linear(3, width), nn.ReLU(), nn.Linear(width, 64))

    def training_step(self, batch, batch_idx):
        return nn.functional.mse_loss(self.decoder(self.encoder(batch)), batch)

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", nn.functional.mse_loss(self.decoder(self.encoder(batch)), batch))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)


train, valid = random_split(torch.tensor(load_digits().data, dtype=torch.float32) / 16, [1500, 297])


def objective(config):
    trainer = L.Trainer(max_epochs=9, callbacks=[TuneReportCallback(["val_loss"], on="validation_end")])
    trainer.fit(LitAutoEncoder(**config), DataLoader(train, 50), DataLoader(valid, 297))


tuner = tune.Tuner(
    objective,
    param_space={"width": tune.lograndint(8, 129), "lr": tune.loguniform(1e-4, 1e-1)},
    tune_config=tune.TuneConfig(
        metric="val_loss",
        mode="min",
        num_samples=50,
        scheduler=ASHAScheduler(max_t=9),
    ),
)
results = tuner.fit()
