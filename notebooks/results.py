"""What a study has found, in a few lines, and whether it went as its notebook expects."""

from __future__ import annotations

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, PRUNED


def summary(study: Study) -> list[str]:
    """The results of the study in a few lines."""
    counts, settings = study.counts, study.settings
    lines = []
    if (best := study.best_trial) is not None:
        lines.append(f"best {settings.metric}  {best.value:.4f} (trial {best.number})")
        first = study.trials.get(0)
        if first is not None and first is not best and first.source == "default" and first.value is not None:
            lines[-1] += f"; the defaults: {first.value:.4f}"
        wide = max(map(len, best.params))
        lines += [f"  {name:{wide}}  {_short(value)}" for name, value in best.params.items()]
    states = (COMPLETE, PRUNED, FAILED, CANCELLED)
    lines.append("trials         " + ", ".join(f"{counts[state]} {state}" for state in states))
    if settings.trials and settings.max_steps:
        full = settings.trials * settings.max_steps
        lines.append(
            f"steps          {study.steps_done}, where {settings.trials} full trainings take {full}: "
            f"{study.steps_done / full:.0%}"
        )
    if study.ended_at is not None:
        lines.append(f"study          {study.ended_at - study.opened_at:.1f} s; ended: {study.end_reason}")
    return lines


def shortcoming(study: Study) -> str | None:
    """Why the study is not as the notebook expects it; None if it is."""
    if not study.is_ended:
        return "the study has not ended"
    if study.best_trial is None:
        return "no trial is complete"
    if study.counts[FAILED]:
        failed = study.in_state(FAILED)[0]
        return f"{study.counts[FAILED]} trials failed; trial {failed.number}: {failed.error or failed.reason}"
    done = study.counts[COMPLETE] + study.counts[PRUNED]
    if study.settings.trials is not None and done < study.settings.trials:
        return f"only {done} of {study.settings.trials} trials have a result: {study.end_reason}"
    return None


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
