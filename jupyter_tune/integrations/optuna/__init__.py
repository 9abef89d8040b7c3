"""Optuna, both ways. `jupyter_tune.optuna` has the public names.

objective      an unchanged `objective(trial)` as a function to tune; needs no Optuna
trial          what such an objective is given in a trial
ranges         the ranges that `trial.suggest_...` ask for
reading/       finds these ranges in the objective's source
sampler        the search here as a sampler of Optuna
distributions  Optuna's distributions and the ranges here, one as the other
loading        a study of Optuna as a study here
exporting      a study here as a study of Optuna
"""
