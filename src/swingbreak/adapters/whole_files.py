"""Text files that are replaced as a whole: readers see the old one or the new one, never half."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from swingbreak.domain.errors import DataError

__all__ = ["csv_text", "replace_text", "replace_together"]


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV of *rows*, each as long as *columns*, under a line that names the columns."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def replace_text(path: Path, text: str) -> None:
    """Put *text* in the place of *path*, whose folder is made where there is none.

    Raises:
        DataError: It cannot be written; the old file is untouched.
    """
    replace_together(path.parent, {path.name: text})


def replace_together(folder: Path, texts: Mapping[str, str]) -> None:
    """Put files by name in the place of those in *folder* that belong together.

    The last one is their seal: it goes before the first of the others is replaced and comes after
    all of them, so that who finds it finds nothing of an older set beside it.

    Raises:
        DataError: One cannot be written. Where the disk was full the old ones are untouched; where
            it failed later the seal is missing.
    """
    drafts = {folder / name: folder / f"{name}.new" for name in texts}
    path = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(drafts, texts.values(), strict=True):
            _write(drafts[path], text)
        *others, seal = drafts
        if others:
            seal.unlink(missing_ok=True)
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        raise DataError(
            f"{path}: cannot be written ({error.strerror}); close it in other programs and see "
            "that the disk has room"
        ) from error


def _write(draft: Path, text: str) -> None:
    with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
