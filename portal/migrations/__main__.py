"""Run Alembic: `python -m portal.migrations` upgrades; `… new "Add a column"` writes a revision from the models."""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from portal.migrate import URL_VARIABLE


def main(arguments: list[str]) -> None:
    """Upgrade the database named in the environment, or write a new revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = os.environ[URL_VARIABLE]
    match arguments:
        case []:
            command.upgrade(config, "head")
        case ["new", message]:
            number = len(list((Path(__file__).parent / "versions").glob("*.py"))) + 1
            command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
