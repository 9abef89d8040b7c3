"""What users show to others: `study.report()`, `study.to_csv()`."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.views.tables.export import as_csv

_HEIGHT = 720


@dataclass(frozen=True)
class Report:
    """A study on one page: `html` and `markdown`, each a text that needs nothing else.

    A notebook shows it; `save("report.html")` or `save("report.md")` writes it.
    """

    name: str
    html: str
    markdown: str

    def __repr__(self) -> str:
        return f"<Report on {self.name}: save('report.html') or save('report.md') writes it>"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to `path`, by its suffix as html or Markdown. Raises OptionError, TuneError."""
        target = Path(path)
        text = {".html": self.html, ".htm": self.html, ".md": self.markdown}.get(target.suffix.lower())
        if text is None:
            raise OptionError(f"report: {str(path)!r} ends in neither .html nor .md; give it one of them")
        return write(target, text)

    def _repr_html_(self) -> str:
        # in a frame: the page's style is not the notebook's
        frame = f'style="width: 100%; height: {_HEIGHT}px; border: 0" sandbox=""'
        return f'<iframe title="Report on {escape(self.name)}" {frame} srcdoc="{escape(self.html)}"></iframe>'

    def _repr_markdown_(self) -> str:
        return self.markdown


def write(path: Path, text: str) -> Path:
    """Write `text` to `path`, as a whole or not at all. Raises TuneError with the reason."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise TuneError(f"{path}: {error.strerror}; give another file") from None
    return path


class StudyReports(ABC):
    """A study as others get it."""

    @abstractmethod
    def snapshot(self) -> Study: ...

    @abstractmethod
    def landscape(self) -> dict[str, Any]: ...

    def report(self, path: str | os.PathLike[str] | None = None, *, model: bool = True) -> Report:
        """The study on one page: what was asked and found, why it ended, charts, and how to do it again.

        Args:
            path:  a file to write it to, .html or .md; default: none.
            model: with the charts of the sampler's model, for which a driver may have to be started.

        Raises: OptionError for another suffix, TuneError if the file cannot be written.
        """
        # drawing and its libraries are imported when the first report is asked for
        from jupyter_tune.views.report import report_of

        landscape, unseen = None, ""
        if model:
            try:
                landscape = self.landscape()
            except TuneError as error:
                unseen = f"Without charts of the model: {error}"
        study = self.snapshot()
        report = Report(study.name, *report_of(study, landscape, unseen))
        if path is not None:
            report.save(path)
        return report

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """The trials as CSV, with the columns of `trials_dataframe()`; written to `path` if it is given."""
        text = as_csv(self.snapshot())
        if path is not None:
            write(Path(path), text)
        return text
