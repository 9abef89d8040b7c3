import lightgbm as lgb
import optuna
from optuna_integration import LightGBMPruningCallback
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.2)


def objective(trial):
    leaves = trial.suggest_int("leaves", 4, 256, log=True)
    rate = trial.suggest_float("rate", 1e-3, 0.5, log=True)
    train = lgb.Dataset(X_train, y_train)
    valid = lgb.Dataset(X_test, y_test, reference=train)
    params = {"objective": "binary", "metric": "auc", "num_leaves": leaves, "learning_rate": rate}
    pruning = LightGBMPruningCallback(trial, "auc")
    model = lgb.train(params, train, 20, valid_sets=[valid], callbacks=[pruning])
    return model.best_score["valid_0"]["auc"]


study = optuna.create_study(direction="maximize", pruner=optuna.pruners.HyperbandPruner())
study.optimize(objective, n_trials=50)
