import lightning as L
import optuna
import torch
from optuna_integration import PyTorchLightningPruningCallback
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


def objective(trial):
    width = trial.suggest_int("width", 8, 128, log=True)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    pruning = PyTorchLightningPruningCallback(trial, monitor="val_loss")
    trainer = L.Trainer(max_epochs=9, callbacks=[pruning])
    trainer.fit(LitAutoEncoder(width, lr), DataLoader(train, 50), DataLoader(valid, 297))
    return trainer.callback_metrics["val_loss"].item()


study = optuna.create_study(direction="minimize", pruner=optuna.pruners.HyperbandPruner())
study.optimize(objective, n_trials=50)
