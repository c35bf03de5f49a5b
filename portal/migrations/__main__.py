"""Run Alembic: `python -m portal.migrations` upgrades, `… new "Add a column"` writes a revision."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config

from portal.migrate import URL_VARIABLE

HERE = Path(__file__).parent


def main(arguments: list[str]) -> None:
    """Upgrade the database that the environment names, or write the next revision."""
    match arguments:
        case []:
            command.upgrade(_config(os.environ[URL_VARIABLE]), "head")
        case ["new", message]:
            number = len(list((HERE / "versions").glob("*.py"))) + 1
            with TemporaryDirectory() as folder:
                config = _config(f"sqlite:///{folder}/scratch.db")
                command.upgrade(config, "head")
                command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        case _:
            raise SystemExit(__doc__)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    return config


if __name__ == "__main__":
    main(sys.argv[1:])
