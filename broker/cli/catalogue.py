"""`candour schema catalogue`: writes the published catalogue from schemas and policies, or checks it."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from broker.domain.identifiers import EventType
from broker.errors import EXIT_DONE, EXIT_NO, UsageError
from broker.policy.catalogue_pages import INDEX, as_of_of, catalogue_pages, stale_pages
from broker.policy.engine import find_opa
from broker.settings import shipped

FOLDER = Path("docs/catalogue")


def register_catalogue(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `schema catalogue`."""
    parser = commands.add_parser(
        "catalogue",
        help="write the catalogue: each type, who publishes it, which desk gets what, and why not",
        epilog="Exit 0 when all is up to date or written, 1 with --check where a page differs.",
    )
    parser.add_argument("types", nargs="*", metavar="EVENT_TYPE", help="only these pages; default: all")
    parser.add_argument("--out", type=Path, default=FOLDER, help=f"folder of pages; default: {FOLDER}")
    parser.add_argument("--schemas", type=Path, help="folder of schemas; as shipped when not given")
    parser.add_argument("--policies", type=Path, help="policy folder; as shipped when not given")
    parser.add_argument(
        "--as-of", metavar="DATE", help="show agreements of this day; default: as before, else today"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page differs")
    parser.set_defaults(run=run_catalogue)


def run_catalogue(arguments: argparse.Namespace) -> int:
    """Writes every page that differs, or names it; removes pages of types that are no more."""
    folder: Path = arguments.out
    schemas = arguments.schemas or shipped("schemas")
    policies = arguments.policies or shipped("policies")
    only = [EventType(one) for one in arguments.types]
    pages = catalogue_pages(policies, schemas, find_opa(), _as_of(arguments.as_of, folder), only)
    stale = list(stale_pages(folder, pages, whole=not only))
    for name, fault in stale:
        print(f"{folder / name}: {fault}")
        if not arguments.check:
            _put_right(folder / name, pages.get(name))
    if arguments.check and stale:
        print("Run `candour schema catalogue` and commit what it writes.")
        return EXIT_NO
    return EXIT_DONE


def _put_right(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _as_of(given: str | None, folder: Path) -> str:
    """The day asked for, else the one of the catalogue as it stands, else today."""
    if given is not None:
        try:
            return date.fromisoformat(given).isoformat()
        except ValueError:
            raise UsageError("--as-of takes a day as 2026-11-20.") from None
    index = folder / INDEX
    shown = as_of_of(index.read_text(encoding="utf-8")) if index.is_file() else None
    return shown or datetime.now(UTC).date().isoformat()
