"""The command line: `portal <word>` is `command` in `portal/cli/<word>.py`, found by its name."""

from importlib import import_module
from pkgutil import iter_modules

import click

from portal.keys import KeyProblem
from portal.settings import SettingsProblem


class Words(click.Group):
    """Commands that are files here; only the one that is used is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the words."""
        return sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of a word."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run, and say what is wrong with the settings without a trace."""
        try:
            return super().invoke(ctx)
        except SettingsProblem as problem:
            raise click.ClickException(
                "The settings have problems:\n" + "\n".join(f"  {each}" for each in problem.problems)
            ) from None
        except KeyProblem as problem:
            raise click.ClickException(str(problem)) from None


@click.group(cls=Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ordna", prog_name="portal")
def main() -> None:
    """Ordna: a request portal for IT."""
