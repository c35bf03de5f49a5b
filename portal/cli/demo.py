"""`portal demo`: the portal with an invented organisation, a directory of its own, a mailbox and a clock."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="The network address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="The folder that everything is kept in.",
)
@click.option("--reset", is_flag=True, help="Throw away what an earlier demo has left, and start afresh.")
def command(*, host: str, port: int, data: Path, reset: bool) -> None:
    """Try the portal with an invented organisation."""
    if find_spec("ldaptor") is None:
        raise click.ClickException("The demo needs more than the portal: pip install 'ordna[demo]'")
    from portal.demo.house import House, NotOurs  # only who tries the demo needs any of it

    house = House(data.absolute(), host, port)
    house.data.mkdir(parents=True, exist_ok=True)
    with _alone(house.data):
        try:
            house.check(reset=reset)
        except NotOurs as problem:
            raise click.ClickException(str(problem)) from None
        house.run()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep a second demo off the same folder."""
    with (data / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.ClickException(
                f"A demo is running on {data} already. End it first, or choose another folder: DATA=…"
            ) from None
        yield
