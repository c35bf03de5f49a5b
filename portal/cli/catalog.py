"""`portal catalog`: items as files: checked, loaded, given back, compared."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli._catalog import File, differences, load_list, read_files, tell
from portal.cli._open import opened, writing
from portal.domain import items, loading
from portal.models.item import CatalogItem

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@click.group("catalog")
def command() -> None:
    """Work with the catalog as files. A folder means all the YAML files in it."""


@command.command("check")
@FILES
def check(files: tuple[Path, ...]) -> None:
    """Read FILES and print every problem with its place. Nothing is written."""
    with opened() as (_settings, database), database.read_session() as session:
        found, lists = read_files(session, files)
    tell(problem for each in found for problem in each.parsed.problems)
    wrong = sum(len(each.errors) for each in found)
    if wrong:
        click.echo(f"{wrong} problems in {sum(bool(each.errors) for each in found)} of {len(found)} items.")
        raise click.exceptions.Exit(1)
    click.echo(f"{len(found)} items and {len(lists)} lists: nothing is wrong.")


@command.command("load")
@FILES
@click.option("--publish", is_flag=True, help="Publish what has changed, not only keep it as a draft.")
@click.option("--replace", is_flag=True, help="Also write over what was changed in the browser.")
@click.option(
    "--reason", default="Loaded from files.", show_default=True, help="What changed, for the history."
)
def load(files: tuple[Path, ...], publish: bool, replace: bool, reason: str) -> None:
    """Take FILES into the catalog as drafts, all of them or none."""
    with writing() as session:
        found, lists = read_files(session, files)
        _refuse(session, found, publish=publish, replace=replace)
        for _, text in lists:
            click.echo(f"{load_list(session, text)}: the list is loaded.")
        changed = [each for each in found if _take(session, each)]
        for each in changed if publish else ():
            version = items.publish(session, each.key, actor=None, reason=reason)
            click.echo(f"{each.key}: version {version.number} is published.")
        for each in found:
            entry = session.get_one(CatalogItem, each.key)
            loading.mark_in_step(entry)


def _take(session: Session, file: File) -> bool:
    """Keep a file as a draft if it says something new, and tell what."""
    entry = session.get(CatalogItem, file.key)
    fresh = entry is not None and loading.fingerprint(file.text) == loading.fingerprint(items.text_of(entry))
    if fresh and entry is not None and (entry.draft is None or entry.version is None):
        click.echo(f"{file.key}: nothing has changed.")
        return entry.version is None
    click.echo(f"{file.key}:")
    for line in differences(session, file):
        click.echo(f"  {line}")
    items.save_draft(session, file.key, file.text, actor=None)
    return True


def _refuse(session: Session, found: list[File], *, publish: bool, replace: bool) -> None:
    """Stop before anything is written if one of the files cannot be taken."""
    reasons = []
    for file in found:
        entry = session.get(CatalogItem, file.key) if file.key else None
        if not file.key:
            reasons.append(f"{file.path}: it has no id.")
        elif publish and file.errors:
            reasons.append(f"{file.path}: it has problems and cannot be published.")
        elif entry is not None and not replace and _is_elsewhere(entry, file):
            reasons.append(
                f"{file.path}: {file.key} was changed in the browser since its last export. "
                "Export it first, or write over it with --replace."
            )
    tell(problem for each in found for problem in each.parsed.problems)
    if reasons:
        raise click.ClickException("Nothing was loaded.\n" + "\n".join(reasons))


def _is_elsewhere(entry: CatalogItem, file: File) -> bool:
    """Tell whether the database holds something that this file would write over and no file has."""
    differs = loading.fingerprint(file.text) != loading.fingerprint(items.text_of(entry))
    return differs and loading.changed_in_browser(entry)


@command.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("keys", nargs=-1)
def export(folder: Path, keys: tuple[str, ...]) -> None:
    """Write items (all, or those named by KEYS) into FOLDER, one file each, in their canonical form."""
    with writing() as session:
        query = select(CatalogItem).order_by(CatalogItem.key)
        entries = list(session.scalars(query.where(CatalogItem.key.in_(keys)) if keys else query))
        missing = set(keys) - {each.key for each in entries}
        if missing:
            raise click.ClickException(f"There is no item called {', '.join(sorted(missing))}.")
        for entry in entries:
            file = folder / (entry.category or "drafts") / items.file_of(entry.key)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(items.text_of(entry), "utf-8")
            loading.mark_in_step(entry)
            click.echo(str(file))


@command.command("diff")
@FILES
def diff(files: tuple[Path, ...]) -> None:
    """Say what FILES would change in the catalog. Nothing is written."""
    with opened() as (_settings, database), database.read_session() as session:
        found, _lists = read_files(session, files)
        for file in found:
            lines = list(differences(session, file))
            click.echo(f"{file.key or file.path}: {'' if lines else 'nothing is different.'}".rstrip())
            for line in lines:
                click.echo(f"  {line}")
