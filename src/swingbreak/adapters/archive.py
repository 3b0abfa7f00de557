"""A state folder in one file, and back: every day's ledger, tapes, tables and words.

Rules of this file:

1. A day may be running: the database is copied as of one moment, and after the tapes, which note
   rows of it; so the copy bears out everything that was noted.
2. An archive appears whole or not at all, and says of each file what its hash is.
3. What is put back was checked first, and goes where no state is: nothing is written over.
"""

import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple

import msgspec

from swingbreak import __version__
from swingbreak.adapters.dayfolder import database_in
from swingbreak.domain.errors import DataError

__all__ = ["Packed", "pack", "unpack"]

_MANIFEST: Final = "manifest.json"
_LAYOUT: Final = 1
_CHUNK: Final = 1 << 20
# Of the process that runs, and of no use to another; the database is copied by itself.
_PASSING: Final = frozenset({"run.lock", "pulse", "live_state.db", "live_state.db-wal"})
_PASSING_ENDS: Final = ("-shm", "-journal", ".tmp", ".new")


class _Manifest(msgspec.Struct, frozen=True):
    """What an archive says of itself; ``files`` has the SHA-256 of each by name."""

    layout: int
    swingbreak: str
    files: dict[str, str]


class Packed(NamedTuple):
    """What was packed or put back."""

    files: int
    size: int


def pack(state_dir: Path, archive: Path) -> Packed:
    """Write *state_dir* into *archive*, beside a process that may be running on it.

    Raises:
        DataError: There is no state, it cannot be read or written, or *archive* is a file of
            another kind; nothing is left behind.
    """
    database = database_in(state_dir)
    if not database.exists():
        raise DataError(f"{database}: there is no state to back up; name another --state-dir")
    if archive.exists() and not zipfile.is_zipfile(archive):
        raise DataError(f"{archive}: is there and is no backup: give --to another name")
    draft, copy = archive.with_name(f"{archive.name}.new"), archive.with_name(f"{archive.name}.tmp")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            packed = _write(state_dir, database, file, copy)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(archive)
    except (OSError, sqlite3.Error) as error:
        raise DataError(f"{archive}: cannot be made of {state_dir}: {_said(error)}") from error
    finally:
        for path in (draft, copy):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return packed


def unpack(archive: Path, state_dir: Path) -> Packed:
    """Put what *archive* has into *state_dir*, where no state may be.

    Raises:
        DataError: It is no archive of ours, is damaged, or there is a state; nothing is written.
    """
    if database_in(state_dir).exists():
        raise DataError(
            f"{state_dir}: there is a state already; name another --state-dir, or move it away"
        )
    draft = state_dir.with_name(f"{state_dir.name}.new")
    try:
        with zipfile.ZipFile(archive) as packed:
            files = _manifest_of(archive, packed).files
            size = sum(_put_back(packed, name, told, draft) for name, told in files.items())
        for path in sorted(draft.rglob("*")):
            place = state_dir / path.relative_to(draft)
            if not path.is_dir():
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{archive}: cannot be put back into {state_dir}: {_said(error)}"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Packed(len(files), size)


def _said(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _write(state_dir: Path, database: Path, file: IO[bytes], copy: Path) -> Packed:
    hashes: dict[str, str] = {}
    size = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in _lasting(state_dir):
            name = path.relative_to(state_dir).as_posix()
            size += _add(packed, name, path, hashes)
        with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(copy)) as still:
            live.backup(still)
        size += _add(packed, database.name, copy, hashes)
        packed.writestr(
            _MANIFEST,
            msgspec.json.encode(_Manifest(_LAYOUT, __version__, hashes)),
        )
    return Packed(len(hashes), size)


def _lasting(state_dir: Path) -> Iterator[Path]:
    for path in sorted(state_dir.rglob("*")):
        if path.is_file() and path.name not in _PASSING and not path.name.endswith(_PASSING_ENDS):
            yield path


def _add(packed: zipfile.ZipFile, name: str, path: Path, hashes: dict[str, str]) -> int:
    whole, size = sha256(), 0
    with path.open("rb") as source, packed.open(name, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            whole.update(chunk)
            size += target.write(chunk)
    hashes[name] = whole.hexdigest()
    return size


def _manifest_of(archive: Path, packed: zipfile.ZipFile) -> _Manifest:
    try:
        manifest = msgspec.json.decode(packed.read(_MANIFEST), type=_Manifest)
    except (KeyError, ValueError) as error:  # no JSON, or no UTF-8
        raise DataError(f"{archive}: is no archive that `swingbreak backup` made") from error
    if manifest.layout != _LAYOUT:
        raise DataError(
            f"{archive}: has layout {manifest.layout}, swingbreak {__version__} reads {_LAYOUT}; "
            f"use the swingbreak {manifest.swingbreak} that made it"
        )
    return manifest


def _put_back(packed: zipfile.ZipFile, name: str, told: str, folder: Path) -> int:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or ":" in name or "\\" in name:
        raise DataError(f"{packed.filename}: {name!r} would lie outside the folder")
    path, whole = folder / place, sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with packed.open(name) as source, path.open("wb") as target:
            while chunk := source.read(_CHUNK):
                whole.update(chunk)
                target.write(chunk)
    except KeyError:
        raise DataError(f"{packed.filename}: {name} is missing") from None
    if whole.hexdigest() != told:
        raise DataError(f"{packed.filename}: {name} is not what was packed")
    return path.stat().st_size
