"""Dated facts from TOML files: the package's own in ``swingbreak/data`` and those of the user.

A file says ``schema``, ``known_until`` and ``stale_after_days`` at its head; all else are arrays of
tables, each row with ``source``, ``confidence``, its own keys and, where it does not always hold,
``from`` and ``until``, both inclusive. A user's file has the same shape; its rows go before the
package's. It may only speak of what the package speaks of, so that a slip of the pen is found: a
table or key that no row of the package has is refused, and so is a row without a key that all of
the package's have.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from swingbreak.domain.errors import DataError
from swingbreak.facts.dated import Confidence, Dated, Facts, Source, Table

__all__ = ["load_facts", "read_rows"]

_SCHEMA = 1
_OWN_KEYS = ("from", "until", "source", "confidence")


def load_facts(own: Iterable[Path] = ()) -> Facts:
    """Return the facts that come with the package, and those of the user's *own* files.

    Raises:
        DataError: A file is not TOML of this shape, or cannot be read.
    """
    read = [read_rows(name, text, is_own=True) for name, text in _own_texts(own)]
    rows: dict[str, list[Dated]] = {}
    for source, tables in (*_package(), *read):
        for table, found in tables.items():
            if source.is_own:
                _check_own(source.name, table, found, rows)
            rows.setdefault(table, []).extend(found)
    sources = [source for source, _ in (*_package(), *read)]
    return Facts({name: Table(name, found) for name, found in rows.items()}, sources)


@cache
def _package() -> tuple[tuple[Source, Mapping[str, Sequence[Dated]]], ...]:
    """Return the package's own files, read once: they cannot change while it runs."""
    found = (files("swingbreak") / "data").iterdir()
    texts = sorted((f.name, f.read_text("utf-8")) for f in found if f.name.endswith(".toml"))
    return tuple(read_rows(name, text) for name, text in texts)


def _own_texts(own: Iterable[Path]) -> list[tuple[str, str]]:
    return sorted((str(path), _text(path)) for path in own)


def read_rows(
    name: str, text: str, *, is_own: bool = False
) -> tuple[Source, dict[str, list[Dated]]]:
    """Return the head of the file *name* and its rows by table.

    Raises:
        DataError: *text* is not TOML, or a head or a row lacks something or has it wrong.
    """
    try:
        document = tomllib.loads(text)
        source = Source(name, document["known_until"], document["stale_after_days"], is_own)
        if document["schema"] != _SCHEMA:
            raise DataError(f"{name}: schema {document['schema']} of facts is not {_SCHEMA}")
        tables = {key: value for key, value in document.items() if isinstance(value, list)}
        return source, {
            table: [_row(row, source) for row in found] for table, found in tables.items()
        }
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{name} is not TOML: {error}") from error
    except KeyError as error:
        raise DataError(f"{name}: a head or row lacks the key {error}") from error
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: a value of the wrong kind: {error}") from error


def _check_own(
    name: str, table: str, own: Iterable[Dated], rows: Mapping[str, Iterable[Dated]]
) -> None:
    ours = [row for row in rows.get(table, ()) if not row.origin.is_own]
    if not ours:
        raise DataError(f"{name}: unknown table {table!r}; there are {', '.join(sorted(rows))}")
    known = set().union(*(row.values for row in ours))
    needed = set.intersection(*(set(row.values) for row in ours))
    for row in own:
        for key in sorted(row.values.keys() - known):
            raise DataError(
                f"{name}: unknown key {key!r} in a row of {table!r}; there are "
                f"{', '.join(sorted(known))}"
            )
        for key in sorted(needed - row.values.keys()):
            raise DataError(f"{name}: a row of {table!r} from {row.since} lacks the key {key!r}")


def _row(row: Mapping[str, Any], source: Source) -> Dated:
    since, until = row.get("from", date.min), row.get("until", date.max)
    if since > until:
        raise DataError(f"{source.name}: a row from {since} ends before, on {until}")
    return Dated(
        since=since,
        until=until,
        values={key: value for key, value in row.items() if key not in _OWN_KEYS},
        source=row["source"],
        confidence=Confidence(row["confidence"]),
        origin=source,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"facts file {path} cannot be read: {error}") from error
