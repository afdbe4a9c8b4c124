"""Folders on the command line: how one is read, and the option that names an exchange's."""

import argparse
from pathlib import Path

from broker.settings import default_folder


def named_folder(text: str) -> Path:
    """A folder as somebody types it: `~` is unfolded, and it stays the same wherever a process goes."""
    return Path(text).expanduser().absolute()


def add_dir(parser: argparse.ArgumentParser) -> None:
    """Adds `--dir`, the folder of the exchange that a command is about."""
    parser.add_argument(
        "--dir", type=named_folder, default=default_folder(), help="the exchange's folder (%(default)s)"
    )
