"""`jupyter_tune.sklearn`, or `jt.sklearn`: the search of hyperparameters as a scikit-learn estimator."""

from jupyter_tune.integrations.sklearn.search import TuneSearchCV

__all__ = ["TuneSearchCV"]
