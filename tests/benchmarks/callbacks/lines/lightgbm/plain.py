# the simple example of LightGBM's Python guide, on scikit-learn's data
import lightgbm as lgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.2)
train = lgb.Dataset(X_train, y_train)
valid = lgb.Dataset(X_test, y_test, reference=train)
params = {"objective": "binary", "metric": "auc", "num_leaves": 31, "learning_rate": 0.05}
lgb.train(params, train, 20, valid_sets=[valid])
