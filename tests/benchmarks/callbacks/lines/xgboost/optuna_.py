import optuna
import xgboost as xgb
from optuna_integration import XGBoostPruningCallback
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

data = load_iris()
X_train, X_test, y_train, y_test = train_test_split(data["data"], data["target"], test_size=0.2)


def objective(trial):
    depth = trial.suggest_int("depth", 1, 9)
    eta = trial.suggest_float("eta", 1e-3, 1.0, log=True)
    train, valid = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_test, y_test)
    params = {"objective": "multi:softprob", "num_class": 3, "max_depth": depth, "eta": eta}
    params["eval_metric"] = "mlogloss"
    found = {}
    pruning = XGBoostPruningCallback(trial, "valid-mlogloss")
    xgb.train(params, train, 20, evals=[(valid, "valid")], evals_result=found, callbacks=[pruning])
    return found["valid"]["mlogloss"][-1]


study = optuna.create_study(direction="minimize", pruner=optuna.pruners.HyperbandPruner())
study.optimize(objective, n_trials=50)
