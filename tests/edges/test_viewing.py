"""A state folder as it is seen from outside, on a screen of 80 columns, whatever has happened."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from swingbreak.adapters.board import Board, board_in
from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.adapters.log_tail import tail
from swingbreak.adapters.runlock import folder_lock
from swingbreak.bootstrap.viewing import Life, age_text, view_of
from swingbreak.cli.status_screen import WIDTH, _folded, screen
from swingbreak.cli.watching import print_screen, watch
from swingbreak.settings import wants_colours
from tests.boards import lay_out
from tests.engine_bench import short

NOW = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)


def seconds_ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@contextmanager
def lock_held(folder: Path, *, held: bool) -> Iterator[None]:
    if not held:
        yield
        return
    with folder_lock(folder):
        yield


@pytest.mark.parametrize(
    ("age", "ended", "runs", "life", "said"),
    [
        (None, False, False, Life.NONE, "no engine runs"),
        (None, False, True, Life.STARTING, "has not published"),
        (1, False, True, Life.RUNNING, "running"),
        (1, False, False, Life.RUNNING, "running"),
        (90, False, True, Life.SILENT, "nothing for 1 min 30 s: is it hanging?"),
        (7_500, False, False, Life.GONE, "NOBODY RUNS: the process ended 2 h 5 min ago"),
        (90, True, False, Life.ENDED, "ended 1 min 30 s ago: the process was told to leave"),
        (90, True, True, Life.STARTING, "has not published"),
    ],
)
def test_how_a_process_is(
    tmp_path: Path, age: float | None, ended: bool, runs: bool, life: Life, said: str
) -> None:
    if age is not None:
        lay_out(tmp_path, seconds_ago(age), ended=ended)
    with lock_held(tmp_path, held=runs):
        view = view_of(tmp_path, NOW)
    assert view.life is life
    assert said in view.headline
    assert said.split(":", maxsplit=1)[0] in "\n".join(row.text for row in screen(view, "Rs", 40))


def test_a_board_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ("state-of-a-long-name-" * 3) / ("and-another-" * 8)
    folder.mkdir(parents=True)
    board_in(folder).write_text("{")
    view = view_of(folder, NOW)
    assert str(board_in(folder)) in view.headline
    rows = [row.text for row in screen(view, "Rs", 40)]
    assert max(map(len, rows)) <= WIDTH
    assert str(board_in(folder)) in "".join(rows)  # whole, if over several lines
    assert "the next `run` replaces it" in " ".join(rows)


FOLDER = "/srv/of/somebody/with/many/folders/below/each/other/and/no/end/of/them/in/sight"
LONG = 97


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("running", ["running"]),
        ("", []),
        ("a " * 50, [("a " * 40).strip(), ("a " * 10).strip()]),
        ("x" * WIDTH, ["x" * WIDTH]),
        ("x" * LONG, ["x" * WIDTH, "x" * (LONG - WIDTH)]),
        ("in x" + "y" * LONG + " it", ["in", "x" + "y" * 79, "y" * 18 + " it"]),
        (f"{FOLDER}/board.json: damaged", [f"{FOLDER}/", "board.json: damaged"]),
        (f"C:\\{'d' * 70}\\{'e' * 70}", [f"C:\\{'d' * 70}\\", "e" * 70]),
        ("/" + "x" * LONG, ["/" + "x" * (WIDTH - 1), "x" * (LONG - WIDTH + 1)]),
    ],
)
def test_what_is_longer_than_a_line_goes_on_in_the_next(text: str, lines: list[str]) -> None:
    assert list(_folded(text)) == lines


def test_figures_go_on_below_themselves(tmp_path: Path) -> None:
    def crowded(shown: Board) -> Board:
        held = msgspec.structs.replace(shown.positions[0], unprotected=650, unprotected_s=7.0)
        process = msgspec.structs.replace(shown.process, label=f"replay of {FOLDER}/day.csv")
        return msgspec.structs.replace(shown, positions=(held,) * 4, process=process)

    lay_out(tmp_path, seconds_ago(1), change=crowded)
    rows = screen(view_of(tmp_path, NOW), "Rs", 40)
    assert max(len(row.text) for row in rows) <= WIDTH
    assert not any("~" in row.text for row in rows if row.kind == "alarm")
    texts = [row.text for row in rows]
    assert texts[1:4] == ["replay of", f"{FOLDER}/", "day.csv"]
    place = next(n for n, text in enumerate(texts) if text.startswith("stops     NO STOP: "))
    assert texts[place + 1].startswith(" " * 10 + "NIFTY")
    assert {rows[place].kind, rows[place + 1].kind} == {"alarm"}
    assert " ".join(texts[place : place + 4]).count(" 7.0 s") == 4


def test_a_lock_that_cannot_be_read_is_a_lock(tmp_path: Path) -> None:
    (tmp_path / "KILLED.json").write_text("{")
    assert "KILLED.json" in view_of(tmp_path, NOW).lock_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min"), (185, "3 min 5 s"), (90_000, "1 d 1 h")],
)
def test_ages_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


def test_the_log_ends_with_what_is_worth_telling(tmp_path: Path) -> None:
    path = tmp_path / "day.log"
    assert tail(path, 5) == ()
    rows = [
        {"at": f"2026-11-20T09:2{n}:00+05:30", "level": "info", "event": f"e{n}"} for n in (1, 2)
    ]
    debug = {"at": "2026-11-20T09:23:00+05:30", "level": "debug", "event": "noise"}
    text = "".join(json.dumps(row) + "\n" for row in [*rows, debug])
    path.write_text("cut}\n[1]\n" + text + '{"at": "not whole')
    assert [(line.clock, line.event) for line in tail(path, 5)] == [
        ("09:21:00", "e1"),
        ("09:22:00", "e2"),
    ]
    assert [line.event for line in tail(path, 1)] == ["e2"]


def test_the_screen_has_everything_in_80_columns_of_ascii(tmp_path: Path) -> None:
    Controls(tmp_path).lock(KillLock(seconds_ago(60), "enough", "cli"))
    lay_out(tmp_path, seconds_ago(1))
    rows = screen(view_of(tmp_path, NOW), "Rs", 50)
    text = "\n".join(row.text for row in rows)
    assert text.isascii()
    assert max(len(row.text) for row in rows) <= WIDTH
    for part in (
        "running, written 1 s ago",
        "killed at",
        "-5 [",
        "places all 3/5, CE 2/3, PE 1/3",
        "every position has one",
        "/100 a minute",
        "BEST: is sold under",
        "filled",
        "last trouble: 09:22:01 feed.lost",
    ):
        assert part in text, part


def test_a_position_without_a_stop_is_an_alarm(tmp_path: Path) -> None:
    lay_out(tmp_path, seconds_ago(1), bench=short())
    alarms = [row.text for row in screen(view_of(tmp_path, NOW), "Rs", 50) if row.kind == "alarm"]
    assert any("NO STOP" in text for text in alarms)


@pytest.mark.parametrize("height", [10, 24, 60])
def test_lists_are_cut_to_the_terminal(tmp_path: Path, height: int) -> None:
    lay_out(tmp_path, seconds_ago(1))
    rows = screen(view_of(tmp_path, NOW), "Rs", height)
    assert len(rows) <= max(height, 36)


def test_absurd_numbers_stay_within_the_columns(tmp_path: Path) -> None:
    def absurd(shown: Board) -> Board:
        huge = 10**15
        account = msgspec.structs.replace(shown.account, net=-huge, r=-huge / 650_000, open=huge)
        feed = msgspec.structs.replace(shown.feed, age_s=None, symbols=())
        return msgspec.structs.replace(shown, account=account, feed=feed)

    lay_out(tmp_path, seconds_ago(1), change=absurd)
    rows = screen(view_of(tmp_path, NOW), "Rs", 50)
    assert max(len(row.text) for row in rows) <= WIDTH
    assert any("last tick never" in row.text for row in rows)


def test_a_standby_that_leads_is_overlooked_by_nobody(tmp_path: Path) -> None:
    def on_standby(shown: Board) -> Board:
        feed = msgspec.structs.replace(shown.feed, age_s=1.0, leads="standby", turns=1)
        return msgspec.structs.replace(shown, feed=feed)

    lay_out(tmp_path, seconds_ago(1), change=on_standby)
    rows = screen(view_of(tmp_path, NOW), "Rs", 50)
    (row,) = (row for row in rows if row.text.startswith("STANDBY   last tick"))
    assert row.kind == "alarm"


def rounds(count: int) -> object:
    left = iter(range(count))

    def wait(_: float) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return wait


def test_watching_draws_again_until_ctrl_c(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, seconds_ago(1))
    with pytest.raises(KeyboardInterrupt):
        watch(tmp_path, as_json=False, wait=rounds(2))  # type: ignore[arg-type]
    shown = capsys.readouterr().out
    assert shown.count("POSITIONS") == 3
    assert "\x1b" not in shown


def test_watching_prints_an_object_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        watch(tmp_path, as_json=True, wait=rounds(0))  # type: ignore[arg-type]
    assert capsys.readouterr().out == "null\n"
    shown = lay_out(tmp_path, seconds_ago(1))
    with pytest.raises(KeyboardInterrupt):
        watch(tmp_path, as_json=True, wait=rounds(1))  # type: ignore[arg-type]
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["account"]["net"] for line in lines] == [shown.account.net] * 2


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_is_drawn_over_and_left_as_it_was(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    no_color: str,
    coloured: bool,
) -> None:
    lay_out(tmp_path, seconds_ago(1))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(KeyboardInterrupt):
        watch(tmp_path, as_json=False, wait=rounds(0))  # type: ignore[arg-type]
    shown = capsys.readouterr().out
    assert shown.startswith("\x1b[?1049h")
    assert shown.endswith("\x1b[?1049l")
    assert ("\x1b[1m" in shown) is coloured


def test_colours_can_be_refused() -> None:
    assert wants_colours({})
    assert not wants_colours({"NO_COLOR": "1"})
    assert not wants_colours({"TERM": "dumb"})


def test_a_screen_is_printed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_screen(view_of(tmp_path, NOW))
    assert "no engine runs in" in capsys.readouterr().out
