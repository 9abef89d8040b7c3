"""Loggers: the trials of a study in the experiment tracker of its user, `--log-to mlflow`.

    journal  ->  follower.py   reads the records after those that were logged, page by page
                 runs.py       what they say, as runs: one for each trial, below that of the study
             ->  mlflow.py, wandb.py, tensorboard.py, trackio.py: to the tracker, by its own library
             ->  position.py   how far the tracker has them, in a small file beside the study

A logger is a follower of the study's file, in a process of its own (process.py) that the driver starts, one
for each tracker. So what its library does costs the study nothing: it may be imported for seconds, wait for a
server, hang, crash or fill its memory. The driver holds nothing for it, no queue and no buffer, and trials do
not know of it; all that comes back are notices. It reads the file and not the driver's socket for the same
reason: to a reader that hangs, a socket has to be kept filled.

Laws:
- Each trial has one run. An attempt that starts anew, after a failure or in a study that was interrupted, has
  a run of its own: curves of two attempts never mix.
- A run is found again by its id, which follows from the study and the trial (runs.py). The position is
  written after the tracker has everything up to it, so a resumed study goes on in its runs, and after a crash
  the last page is logged again: trackers take what they have already as the same.
- What a tracker refuses (RefusedError) is left out, with a notice. For everything else, a server that does
  not answer or a full disk, the logger tries again, from its position, until its time is over.
- When the study has ended, or its driver has, a logger has a bounded time left. It ends by then, with all
  processes of its library. `jupyter tune log` logs the rest, and any study that was not logged before.
"""
