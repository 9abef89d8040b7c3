"""What the callbacks of all libraries have in common: progress.py reports, steps and checkpoints.

The callbacks themselves are in the modules named after their libraries, one folder up. They know a trial
only by `jupyter_tune.trials.report`.
"""
