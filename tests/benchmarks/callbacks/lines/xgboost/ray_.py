import xgboost as xgb
from ray import tune
from ray.tune.integration.xgboost import TuneReportCheckpointCallback
from ray.tune.schedulers import ASHAScheduler
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

data = load_iris()
X_train, X_test, y_train, y_test = train_test_split(data["data"], data["target"], test_size=0.2)


def objective(config):
    train, valid = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_test, y_test)
    params = {
        "objective": "multi:softprob",
        "num_class": 3,
        "max_depth": config["depth"],
        "eta": config["eta"],
    }
    report = TuneReportCheckpointCallback(metrics=["valid-mlogloss"], frequency=0)
    xgb.train(params, train, 20, evals=[(valid, "valid")], callbacks=[report])


tuner = tune.Tuner(
    objective,
    param_space={"depth": tune.randint(1, 10), "eta": tune.loguniform(1e-3, 1.0)},
    tune_config=tune.TuneConfig(
        metric="valid-mlogloss",
        mode="min",
        num_samples=50,
        scheduler=ASHAScheduler(max_t=20),
    ),
)
results = tuner.fit()
