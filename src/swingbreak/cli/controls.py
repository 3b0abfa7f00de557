"""``pause``, ``resume``, ``flatten``, ``stop``, ``kill``: a person's word to the running day."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir, state_folder
from swingbreak.cli.output import ExitCode, print_json, print_text
from swingbreak.domain.control import Control
from swingbreak.domain.errors import ConfigError, SessionLocked

if TYPE_CHECKING:
    from swingbreak.adapters.controls import Answer, Controls, Given

__all__ = ["flatten", "kill", "pause", "resume", "stop"]

_PATIENCE_S, _LOOK_S = 5.0, 0.05

_Reason = Annotated[str, typer.Option(help="Why, for the record.")]


def _word(control: Control, meaning: str) -> Callable[..., None]:
    """Return the command that says *control*; *meaning* is its help."""

    def command(
        reason: _Reason = "",
        state_dir: StateDir = None,
        config: Config = None,
        as_json: Json = False,  # noqa: FBT002 - an option
    ) -> None:
        _tell(control, reason, state_folder(state_dir, config), as_json=as_json)

    command.__doc__ = meaning
    return command


pause = _word(
    Control.PAUSE,
    "Take no entries from now on and cancel those that rest; positions keep their stops.",
)
resume = _word(Control.RESUME, "End a pause.")
flatten = _word(Control.FLATTEN, "Exit everything now; the day is over.")
stop = _word(
    Control.STOP,
    "End the process; entries are cancelled, stops stay at the exchange, the day can go on.",
)


def kill(
    reason: Annotated[str, typer.Option(help="Why; needed.")] = "",
    reset: Annotated[
        str, typer.Option(metavar="REASON", help="Take the lock away instead, and say why.")
    ] = "",
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Exit everything now, and let no day begin until `kill --reset REASON`."""
    from swingbreak.adapters.clock import WallClock  # noqa: PLC0415 - as in _controls
    from swingbreak.adapters.controls import KillLock  # noqa: PLC0415 - as in _controls

    folder = state_folder(state_dir, config)
    controls, now = _controls(folder), WallClock().now()
    if reset.strip():
        if controls.locked() is None:
            raise ConfigError(f"no kill lock in {folder}: there is nothing to take away")
        controls.unlock(reset, now)
        _show({"control": "kill", "done": True, "text": "the lock is gone"}, as_json=as_json)
        return
    if not reason.strip():
        raise ConfigError("kill needs --reason TEXT; to take the lock away give --reset TEXT")
    # the lock first: if all else fails no new day begins
    controls.lock(KillLock(now, reason, "cli"))
    if not _runs(folder):
        text = (
            "locked; nobody runs here, so nothing was exited: if positions are open, `run` with "
            "the same settings exits them and ends"
        )
        _show({"control": "kill", "done": True, "text": text}, as_json=as_json)
        return
    _tell(Control.KILL, reason, folder, as_json=as_json)


def _tell(control: Control, reason: str, folder: Path, *, as_json: bool) -> None:
    from swingbreak.adapters.clock import WallClock  # noqa: PLC0415 - as in _controls

    if not _runs(folder):
        raise ConfigError(
            f"nobody runs in {folder}: there is nobody to {control}; name another --state-dir, or "
            "start `run`"
        )
    controls = _controls(folder)
    given = controls.give(control, reason, by="cli", at=WallClock().now())
    answer = _wait(controls, given, time.monotonic)
    if answer is None:
        controls.withdraw(given)
        _show(
            {
                "control": control.value,
                "done": False,
                "text": f"no answer in {_PATIENCE_S:g} s; the word was taken back: is it hanging?",
            },
            as_json=as_json,
        )
        raise typer.Exit(ExitCode.UNEXPECTED)
    _show(
        {"control": control.value, "done": answer.done, "text": answer.text},
        as_json=as_json,
    )
    if not answer.done:
        raise typer.Exit(ExitCode.CONFIGURATION)


def _wait(controls: "Controls", given: "Given", clock: Callable[[], float]) -> "Answer | None":
    from threading import Event  # noqa: PLC0415 - only to wait

    until, pause_between = clock() + _PATIENCE_S, Event()
    while (answer := controls.answered(given)) is None and clock() < until:
        pause_between.wait(_LOOK_S)
    return answer


def _runs(folder: Path) -> bool:
    from swingbreak.adapters.runlock import folder_lock  # noqa: PLC0415 - as in _controls

    try:
        folder_lock(folder).look()
    except SessionLocked:
        return True
    return False


def _controls(folder: Path) -> "Controls":
    from swingbreak.adapters.controls import Controls  # noqa: PLC0415 - `version` is fast

    return Controls(folder)


def _show(found: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        print_text(f"{found['control']}: {found['text']}")
