"""``swingbreak watchdog``: sees from outside that a day hangs or is gone, and acts."""

import json
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir, state_folder
from swingbreak.cli.output import print_text
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import ist_stamp

if TYPE_CHECKING:
    from types import FrameType

    from swingbreak.bootstrap.watching import Alarm

__all__ = ["watchdog"]

_LOOK_S = 0.25

_Policy = Annotated[
    str, typer.Option(help="alarm, restart, or flatten: begin the day again to exit what is open.")
]
_AlarmAfter = Annotated[
    float, typer.Option(metavar="SECONDS", min=1, max=5, help="Silence that is too long.")
]
_ActAfter = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=2, help="Silence after which the policy is followed."),
]
_Exec = Annotated[
    str,
    typer.Option("--exec", metavar="COMMAND", help="Run with every alarm, as the last argument."),
]
_RunArguments = Annotated[
    list[str] | None, typer.Argument(metavar="[-- RUN OPTIONS]", help="Options of `run`.")
]


def watchdog(  # noqa: PLR0913, PLR0917 - one argument per option
    policy: _Policy = "alarm",
    alarm_after: _AlarmAfter = 3.0,
    act_after: _ActAfter = 10.0,
    command: _Exec = "",
    run_arguments: _RunArguments = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Watch the day of a state folder, until stopped; what follows `--` begins it again.

    Alarms are lines on standard output, JSON with --json, and are kept in watchdog.jsonl.
    """
    from swingbreak.bootstrap.watching import Policy, Watch  # noqa: PLC0415 - `version` is fast
    from swingbreak.runtime.vigil import Vigil  # noqa: PLC0415 - as above

    if policy not in set(Policy):
        raise ConfigError(f"--policy {policy!r}: there are {', '.join(Policy)}")
    if act_after < alarm_after:
        raise ConfigError(f"--act-after {act_after:g} s is before --alarm-after {alarm_after:g} s")
    folder = state_folder(state_dir, config).absolute()
    settings = ["--config", str(config)] if config else []
    arguments = [*settings, "--state-dir", str(folder), *(run_arguments or ())]
    tell = _teller(folder / "watchdog.jsonl", shlex.split(command), as_json=as_json)
    watch = Watch(folder, Policy(policy), arguments, Vigil(alarm_after, act_after), tell)
    raise typer.Exit(_watch(watch.look))


def _watch(look: Callable[[], object]) -> int:
    ended, by = threading.Event(), [0]

    def end(number: int, _: "FrameType | None") -> None:
        by[0] = number
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not ended.is_set():
        look()
        ended.wait(_LOOK_S)
    return 128 + by[0]


def _teller(path: Path, command: list[str], *, as_json: bool) -> "Callable[[Alarm], None]":
    started: list[subprocess.Popen[bytes]] = []

    def tell(alarm: "Alarm") -> None:
        line = f"{ist_stamp(alarm.at)} {alarm.severity}: {alarm.text}"
        row = json.dumps(
            {"at": alarm.at.isoformat(), "severity": alarm.severity.value, "text": alarm.text}
        )
        print_text(row if as_json else line)
        _keep(path, row)
        started[:] = [each for each in started if each.poll() is None]
        if command:
            started.extend(_started([*command, line]))

    return tell


def _keep(path: Path, row: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{row}\n")
    except OSError as error:  # the watch goes on
        print_text(f"{path}: cannot be written: {error.strerror}")


def _started(words: list[str]) -> "list[subprocess.Popen[bytes]]":
    try:
        return [subprocess.Popen(words, stdin=subprocess.DEVNULL)]  # noqa: S603 - the user's own
    except OSError as error:
        print_text(f"--exec {words[0]}: cannot be run: {error.strerror}")
        return []
