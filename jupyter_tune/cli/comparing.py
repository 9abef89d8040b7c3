"""The command that puts studies beside each other."""

from __future__ import annotations

import json

import click

from jupyter_tune.launch.comparing import compare as compared
from jupyter_tune.views.tables.progress import BY, By


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--dir", metavar="DIR", help="folder of the studies")
@click.option("--by", type=click.Choice(BY), default=BY[0], help="what the chart is over (default: trials)")
@click.option("--label", metavar="TAG", help="studies with the same value of this tag are repeats")
@click.option("--target", metavar="METRIC", help="with several metrics, which of them (default: the first)")
@click.option("--html", metavar="FILE", help="write the chart and the table to this .html file too")
@click.option("--json", "is_json", is_flag=True, help="print JSON")
def compare(
    names: tuple[str, ...],
    dir: str | None,
    by: By,
    label: str | None,
    target: str | None,
    html: str | None,
    is_json: bool,
) -> None:
    """Compare studies of one metric: what each has found and spent, the best first."""
    found = compared(names, by, label=label, dir=dir, target=target)
    if html is not None:
        found.save(html)
    click.echo(json.dumps(found.to_json(), indent=1) if is_json else repr(found))
    if html is not None:
        click.echo(f"The chart is in {html}.", err=True)
