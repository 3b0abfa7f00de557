"""``pause``, ``resume``, ``flatten``, ``stop``, ``kill``: a person's word to the running day."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir, state_folder
from swingbreak.cli.output import ExitCode, print_json, print_text
from swingbreak.domain.control import Control
from swingbreak.domain.errors import ConfigError

if TYPE_CHECKING:
    from swingbreak.bootstrap.giving import Said

__all__ = ["flatten", "kill", "pause", "resume", "stop"]

_Reason = Annotated[str, typer.Option(help="Why, for the record.")]


def _word(control: Control, meaning: str) -> Callable[..., None]:
    """Return the command that says *control*; *meaning* is its help."""

    def command(
        reason: _Reason = "",
        state_dir: StateDir = None,
        config: Config = None,
        as_json: Json = False,  # noqa: FBT002 - an option
    ) -> None:
        from swingbreak.bootstrap.giving import give  # noqa: PLC0415 - `version` is fast

        folder = state_folder(state_dir, config)
        _report(give(folder, control, reason, by="cli"), as_json=as_json)

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
    from swingbreak.adapters.clock import WallClock  # noqa: PLC0415 - `version` is fast
    from swingbreak.adapters.controls import Controls  # noqa: PLC0415 - as above
    from swingbreak.bootstrap.giving import Said, give_kill  # noqa: PLC0415 - as above

    folder = state_folder(state_dir, config)
    if not reset.strip():
        _report(give_kill(folder, reason, by="cli"), as_json=as_json)
        return
    controls = Controls(folder)
    if controls.locked() is None:
        raise ConfigError(f"no kill lock in {folder}: there is nothing to take away")
    controls.unlock(reset, WallClock().now())
    _report(Said(Control.KILL, done=True, text="the lock is gone"), as_json=as_json)


def _report(said: "Said", *, as_json: bool) -> None:
    if as_json:
        print_json({"control": said.control.value, "done": said.done, "text": said.text})
    else:
        print_text(f"{said.control}: {said.text}")
    if not said.answered:
        raise typer.Exit(ExitCode.UNEXPECTED)
    if not said.done:
        raise typer.Exit(ExitCode.CONFIGURATION)
