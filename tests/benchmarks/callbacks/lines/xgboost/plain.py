# the example of XGBoost's "Get started" page, with a part of the data to validate on
import xgboost as xgb
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

data = load_iris()
X_train, X_test, y_train, y_test = train_test_split(data["data"], data["target"], test_size=0.2)
train, valid = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_test, y_test)
params = {"objective": "multi:softprob", "num_class": 3, "max_depth": 2, "eta": 1.0}
xgb.train(params, train, 20, evals=[(valid, "valid")])
