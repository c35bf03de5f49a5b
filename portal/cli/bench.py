"""`portal bench`: how quick this version is on this machine, as a report. Nothing is asserted.

How to read it:

- The first and the last line say how busy the machine was. On a machine that does other things too the same
  version varies by half or more from run to run: compare the ratio with bare Flask, since both had the same
  luck, and two versions only when measured in turn, a few times each. `ran` beside a rate is the share of the
  time in which this process had a processor (else it waited for the disk or for its turn): divide by it for a
  guess at a quiet machine.
- The rates are of one worker doing one thing after another, each in a transaction of its own on SQLite, every
  commit on the disk. An order is the account for a new employee, which has seven automatic tasks.
- Pages are asked for as somebody who has ordered much and may see everything, within one process, so without
  network and server. p95 is over all examples of a page; a page without an example in the data is named.
  Under *Server* two pages and bare Flask pages of their sizes go through real servers in turn.
- Start-up is from `portal serve` to the end of its first page, migrations looked through. Memory is what the
  operating system counts for the process (RSS), background work included.
"""

import logging
from pathlib import Path

import click

from portal.bench import machine, orders, pages, process

GOALS = {"tasks": 300, "flask": 1 / 3, "p95": 150, "memory": 125}


@click.command("bench")
@click.option("--orders", "count", default=150, show_default=True, help="How many orders are measured.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="The folder of a demo; its database is copied.",
)
@click.option("--rounds", default=10, show_default=True, help="How often each page is asked for.")
@click.option("--pages", "many", default=200, show_default=True, help="Pages between two looks at memory.")
@click.option("--scale", default=0.05, show_default=True, help="How much is seeded where there is no demo.")
def command(*, count: int, data: Path, rounds: int, many: int, scale: float) -> None:
    """Report how quick the portal is here."""
    logging.getLogger().setLevel(logging.ERROR)
    click.echo(f"Machine      {machine()}")
    _orders(count)
    with pages.demo_data(data, scale=scale) as (settings, which):
        click.echo(f"\nPages        on {which}")
        with pages.signed_in(settings) as (app, client, person):
            timed, left_out = pages.time_all(app, client, person, rounds=rounds)
        _slowest(timed, left_out)
        started = process.measure(settings, pages=many, rounds=rounds * 4)
    click.echo("\nServer       one page after another through waitress, in turn with bare Flask on waitress")
    for each in started.compared:
        click.echo(
            f"  {each.page} of {each.size / 1000:.0f} kB: {each.ours:.1f} ms, bare Flask {each.bare:.1f} ms: "
            f"{each.share:.0%} of its requests/s (goal {GOALS['flask']:.0%})"
        )
    click.echo(f"\nStart-up     {started.seconds:.1f} s from a fresh process to its first page")
    click.echo(
        f"Memory       {started.at_start:.0f} MiB after the first page, {started.after:.0f} MiB after "
        f"{started.pages} (goal {GOALS['memory']})"
    )
    click.echo(f"Machine      {machine()}")


def _orders(count: int) -> None:
    rates, came = orders.measure(count)
    click.echo(f"\nOrders       {came}")
    for rate in rates:
        goal = f" (goal {GOALS['tasks']})" if rate.what.startswith("tasks") else ""
        click.echo(f"  {rate.what}: {rate.per_second:.0f}/s{goal}, ran {rate.share:.0%}")


def _slowest(timed: list[pages.Timed], left_out: list[str]) -> None:
    within = sum(each.p95 <= GOALS["p95"] for each in timed)
    click.echo(f"  p95: {within} of {len(timed)} pages within the goal of {GOALS['p95']} ms")
    for each in timed:
        click.echo(f"  {each.p95:7.1f} ms  {each.page}")
    if left_out:
        click.echo(f"  without an example here: {', '.join(left_out)}")
