"""``swingbreak backup`` and ``restore``: a state folder in one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir, state_folder
from swingbreak.cli.output import print_json, print_text

if TYPE_CHECKING:
    from swingbreak.adapters.archive import Packed

__all__ = ["backup", "restore"]

_To = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", help="Default: backups/STATE_TIME.zip.")
]
_Archive = Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")]


def backup(
    to: _To = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Copy the state folder into one file; a day may be running on it."""
    from swingbreak.adapters.archive import pack  # noqa: PLC0415 - `version` is fast
    from swingbreak.adapters.clock import WallClock  # noqa: PLC0415 - as above
    from swingbreak.domain.session import IST  # noqa: PLC0415 - as above

    folder = state_folder(state_dir, config).absolute()
    stamp = f"{WallClock().now().astimezone(IST):%Y%m%d_%H%M%S}"
    archive = to or Path("backups") / f"{folder.name}_{stamp}.zip"
    _show(pack(folder, archive), archive, folder, "backed up", as_json=as_json)


def restore(
    archive: _Archive,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Put a backup into a state folder that has no state; nothing is written over."""
    from swingbreak.adapters.archive import unpack  # noqa: PLC0415 - `version` is fast

    folder = state_folder(state_dir, config).absolute()
    _show(unpack(archive, folder), archive, folder, "put back", as_json=as_json)


def _show(packed: "Packed", archive: Path, folder: Path, done: str, *, as_json: bool) -> None:
    if as_json:
        found = {"archive": str(archive), "state_dir": str(folder)}
        print_json({**found, "files": packed.files, "bytes": packed.size})
    else:
        size = f"{packed.files} files, {packed.size / 1e6:.1f} MB"
        print_text(f"{done}: {size}, {archive} and {folder}")
