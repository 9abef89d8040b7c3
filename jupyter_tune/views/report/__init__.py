"""A study on one page, to share: what was asked, what was found, and how to do it again.

`facts` says it once, in words; `html` and `markdown` only lay it out, each in a file that needs nothing else.
"""

from __future__ import annotations

from jupyter_tune.core.study import Study
from jupyter_tune.views.report.facts import facts_of
from jupyter_tune.views.report.html import html
from jupyter_tune.views.report.markdown import markdown
from jupyter_tune.views.saved.bundle import everything
from jupyter_tune.views.saved.panels import panels
from jupyter_tune.views.tables.messages import Landscape


def report_of(study: Study, landscape: Landscape | None = None, unseen: str = "") -> tuple[str, str]:
    """The report as html and as Markdown. Args: unseen: why there are no charts of the model."""
    shown = everything(study, landscape)
    facts = facts_of(study, shown["status"])
    return html(facts, panels(study.space, study.settings, shown), unseen), markdown(facts)
