"""Creates the app (`app:app`), and is the command line without an installed script: `python app.py serve`."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Make the app when a server asks for it, not when the command line starts."""
    if name == "app":
        from portal import create_app  # the command line does not need it

        globals()["app"] = create_app()
        return globals()["app"]
    raise AttributeError(name)


if __name__ == "__main__":
    from portal.cli import main  # a server does not need it

    main(prog_name="python app.py")
