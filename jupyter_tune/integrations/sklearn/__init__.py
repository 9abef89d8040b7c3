"""scikit-learn: TuneSearchCV, in search.py.

search.py       the estimator: what it is given, the study that it starts, what is fitted in the end
spaces.py       ranges as scikit-learn's searches take them, as a Space of an estimator
evaluation.py   one trial: a cross-validation. Only this and stepping.py run in a trial's process, so this
                package imports nothing by itself
stepping.py     training by steps: partial_fit, or more and more trees
results.py      cv_results_ from the trials of a study
"""
