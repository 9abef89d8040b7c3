import lightgbm as lgb
from ray import tune
from ray.tune.integration.lightgbm import TuneReportCheckpointCallback
from ray.tune.schedulers import ASHAScheduler
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.2)


def objective(config):
    train = lgb.Dataset(X_train, y_train)
    valid = lgb.Dataset(X_test, y_test, reference=train)
    params = {"objective": "binary", "metric": "auc", **config}
    report = TuneReportCheckpointCallback(metrics=["valid_0-auc"], frequency=0)
    lgb.train(params, train, 20, valid_sets=[valid], callbacks=[report])


tuner = tune.Tuner(
    objective,
    param_space={"num_leaves": tune.lograndint(4, 257), "learning_rate": tune.loguniform(1e-3, 0.5)},
    tune_config=tune.TuneConfig(
        metric="valid_0-auc",
        mode="max",
        num_samples=50,
        scheduler=ASHAScheduler(max_t=20),
    ),
)
results = tuner.fit()
