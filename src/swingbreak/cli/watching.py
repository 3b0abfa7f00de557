"""``status --watch``: the screen, drawn again every second until Ctrl+C."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from swingbreak.adapters.clock import WallClock
from swingbreak.bootstrap.viewing import View, view_of
from swingbreak.cli.output import currency, print_text
from swingbreak.cli.status_screen import Row, screen

__all__ = ["print_screen", "watch"]

_EVERY_S: Final = 1.0
_COLOURS: Final = {
    "good": "\x1b[32m",
    "bad": "\x1b[31m",
    "alarm": "\x1b[1;31m",
    "head": "\x1b[1m",
}
_PLAIN: Final = "\x1b[0m"
# another screen, without a cursor, and back
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"
_TALL: Final = 60  # where standard output is no terminal


def print_screen(view: View) -> None:
    """Print the screen once."""
    for row in screen(view, currency(), _TALL):
        print_text(row.text)


def watch(folder: Path, *, as_json: bool, wait: Callable[[float], object] | None = None) -> None:
    """Show *folder* until Ctrl+C, which ends the command with 130.

    Args:
        folder: The state folder.
        as_json: Print the board once a second, an object a line; ``null`` where there is none.
        wait: Lets time pass; raises to end.
    """
    pause = wait or Event().wait
    redraws = sys.stdout.isatty() and not as_json
    with _other_screen(redraws):
        while True:
            view = view_of(folder, WallClock().now())
            if as_json:
                print_text(json.dumps(board_json(view)))
            elif redraws:
                _redraw(view)
            else:
                print_screen(view)
                print_text("")
            pause(_EVERY_S)


def board_json(view: View) -> object:
    """Return the board of *view* as plain JSON data, ``None`` where there is none."""
    import msgspec  # noqa: PLC0415 - a screen does without

    return view.board and msgspec.to_builtins(view.board)


def _redraw(view: View) -> None:
    from swingbreak.settings import wants_colours  # noqa: PLC0415 - pydantic takes 0.2 s to import

    height = shutil.get_terminal_size().lines
    rows = screen(view, currency(), height)[: height - 1]
    with_colours = wants_colours()
    drawn = "".join(f"{_drawn(row, with_colours)}{_REST_OF_LINE}\n" for row in rows)
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(f"{_HOME}{drawn.encode(encoding, 'replace').decode(encoding)}{_REST}")
    sys.stdout.flush()


def _drawn(row: Row, with_colours: bool) -> str:  # noqa: FBT001 - the only flag
    if not with_colours or not row.kind:
        return row.text
    return f"{_COLOURS[row.kind]}{row.text}{_PLAIN}"


@contextmanager
def _other_screen(redraws: bool) -> Iterator[None]:  # noqa: FBT001 - the only flag
    if not redraws:
        yield
        return
    sys.stdout.write(_ENTER)
    try:
        yield
    finally:
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()
