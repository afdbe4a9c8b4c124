"""Files that a command writes for one reader: found fit beforehand, then written for their owner only."""

import os
from pathlib import Path

from broker.errors import UsageError
from broker.registry.signed import write_private


def refuse_unwritable(path: Path, option: str) -> None:
    """Find out before an act whether a file can be written; what stands there stays as it is.

    Args:
        option: by which the file was given.

    Raises:
        UsageError: it is a folder, or what it would stand in is no folder that we may write in.
    """
    try:
        # Folders that are not there yet are made with the file.
        nearest = next(folder for folder in path.absolute().parents if folder.exists())
        fit = not path.is_dir() and nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    except OSError:
        fit = False
    if not fit:
        raise _unwritable(path, option)


def write_for_owner(path: Path, data: bytes, option: str) -> None:
    """Write a file that its owner only can read, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        write_private(path, data)
    except OSError:
        raise _unwritable(path, option) from None


def _unwritable(path: Path, option: str) -> UsageError:
    why = "it is a folder" if path.is_dir() else "its folder is none, is full, or is not yours to write in"
    return UsageError(f"{path} cannot be written: {why}. Give another with {option}.")
