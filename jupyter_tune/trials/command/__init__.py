"""Runs a command as a trial, and reads its metrics.

running.py      starts the program, stops it, and says how it ended
handing_over.py the trial's values: arguments, environment, file of parameters
scraper.py      lines of output to reports
log_file.py     follows a file that the program writes
scripts.py      reports that the program sends itself, by jupyter_tune.report
"""
