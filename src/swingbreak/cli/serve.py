"""The `serve` command: a simulated OpenAlgo server around one day."""

import asyncio
import json
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from swingbreak.cli.asking import day_of
from swingbreak.cli.output import ExitCode, print_facts, print_text
from swingbreak.facts.order_rules import OrderRules
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.personality import PERSONALITIES
from swingbreak.gateway.quirks import Quirks, chosen
from swingbreak.ports import DayTape
from swingbreak.risk.margin import MarginRates
from swingbreak.simulation.spot_path import Regime

__all__ = ["PersonalityName", "load_tape", "quirks_of", "serve", "speed_of"]


class PersonalityName(StrEnum):
    """Whose behaviour orders meet."""

    EXCHANGE = "exchange"
    SANDBOX = "sandbox"


_Generate = Annotated[
    int | None, typer.Option(metavar="SEED", help="Serve a made-up day of this seed.")
]
_Replay = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Serve a recorded day from this file.")
]
_Regime = Annotated[Regime | None, typer.Option(help="Kind of day to make up.")]
_Underlying = Annotated[str | None, typer.Option(help="Index of a made-up day; default: NIFTY.")]
_Date = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="Day to make up; default: one of 2026."),
]
_Speed = Annotated[
    str, typer.Option(help="Market seconds per second; 'max' goes as fast as clients keep up.")
]
_Host = Annotated[str, typer.Option(help="Address to listen on.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="HTTP port; 0 takes any free one.")]
_WsPort = Annotated[
    int, typer.Option(min=0, max=65535, help="WebSocket port; 0 takes any free one.")
]
_ApiKey = Annotated[str, typer.Option(help="Key that clients must show.")]
_Personality = Annotated[
    PersonalityName, typer.Option(help="An honest exchange, or OpenAlgo's own paper trading.")
]
_Quirks = Annotated[
    str, typer.Option(metavar="NAME[,NAME]", help="What the broker behind does differently.")
]
_Capital = Annotated[
    int | None,
    typer.Option(min=0, metavar="RUPEES", help="Cash of the account when the day begins."),
]
_Facts = Annotated[
    list[Path] | None,
    typer.Option(metavar="PATH", help="File of facts of your own; may be given repeatedly."),
]
_Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON line when ready, and nothing else.")
]
_UntilDone = Annotated[bool, typer.Option(help="Stop when the day is over and clients have left.")]
_WithParent = Annotated[
    bool, typer.Option(help="Stop when standard input ends, as it does with a parent's death.")
]


def serve(  # noqa: PLR0913 - one argument per option
    *,
    generate: _Generate = None,
    replay: _Replay = None,
    regime: _Regime = None,
    underlying: _Underlying = None,
    date_: _Date = None,
    speed: _Speed = "1",
    host: _Host = "127.0.0.1",
    port: _Port = 5000,
    ws_port: _WsPort = 8765,
    api_key: _ApiKey = DEMO_KEY,
    personality: _Personality = PersonalityName.EXCHANGE,
    quirks: _Quirks = "",
    capital: _Capital = None,
    facts: _Facts = None,
    as_json: _Json = False,
    until_done: _UntilDone = False,
    with_parent: _WithParent = False,
) -> None:
    """Serve one day of market data through OpenAlgo's REST and WebSocket protocol."""
    _refuse_for_a_recorded_day(replay, generate, regime, underlying or date_)
    if not api_key.strip():
        raise typer.BadParameter("--api-key is empty: give one that clients show, or leave it out")
    options = GatewayOptions(
        host=host,
        port=port,
        ws_port=ws_port,
        api_key=api_key,
        speed=speed_of(speed),
        personality=PERSONALITIES[personality],
        quirks=quirks_of(quirks),
        capital=None if capital is None else capital * 100,
    )
    day, own = day_of(date_, "--date"), tuple(facts or ())
    tape = load_tape(generate, replay, regime, own, underlying or "NIFTY", day)
    serving = _serve(tape, _ruled(options, tape, own), as_json=as_json, until_done=until_done)
    if code := asyncio.run(_until_signal(serving, with_parent=with_parent)):
        raise typer.Exit(code)


def _refuse_for_a_recorded_day(
    replay: Path | None, generate: int | None, regime: Regime | None, named: str | None
) -> None:
    if replay is None:
        return
    if generate is not None:
        raise typer.BadParameter("--generate and --replay exclude each other: give one")
    if regime is not None:
        raise typer.BadParameter("--regime is for a made-up day: leave it out with --replay")
    if named:
        raise typer.BadParameter("a recorded day has its own: leave --underlying and --date out")


def speed_of(text: str) -> float | None:
    """Return market seconds per second, ``None`` for ``max``.

    Raises:
        BadParameter: It is neither.
    """
    if text == "max":
        return None
    with suppress(ValueError):
        speed = float(text)
        if 0 < speed < float("inf"):
            return speed
    raise typer.BadParameter(f"--speed {text!r} is no speed: give a number above 0, or 'max'")


def quirks_of(text: str) -> Quirks:
    """Return the quirks of a list of names.

    Raises:
        ConfigError: There is no such quirk.
    """
    from swingbreak.gateway.broker_quirks import KNOWN  # noqa: PLC0415 - not needed for --help

    return chosen(filter(None, (name.strip() for name in text.split(","))), KNOWN)


def load_tape(  # noqa: PLR0913, PLR0917 - one per flag
    generate: int | None,
    replay: Path | None,
    regime: Regime | None,
    facts: Sequence[Path] = (),
    underlying: str = "NIFTY",
    day: date | None = None,
) -> DayTape:
    """Return the day to serve, recorded or made up, by the facts of its date and of files.

    A made-up one is of *day*, by default of the one that is always made up.

    Raises:
        DataError: The recorded day cannot be read, or the facts do not say how to make one up.
    """
    from swingbreak.adapters.facts_file import load_facts  # noqa: PLC0415 - only here

    known = load_facts(facts)
    if replay is not None:
        from swingbreak.adapters.dayfiles import load_day  # noqa: PLC0415 - only here

        return load_day(replay, known)
    from swingbreak.simulation.day_spec import day_spec  # noqa: PLC0415 - only here
    from swingbreak.simulation.generator import DaySpec, generate_day  # noqa: PLC0415 - only here

    usual = DaySpec()
    spec = day_spec(known, day or usual.session.day, underlying)
    seed = usual.seed if generate is None else generate
    return generate_day(replace(spec, seed=seed, regime=regime))


def _ruled(options: GatewayOptions, tape: DayTape, own: Sequence[Path]) -> GatewayOptions:
    """Return *options* with the margin and the prices that the facts have for the day of *tape*."""
    from swingbreak.adapters.facts_file import load_facts  # noqa: PLC0415 - only here

    facts, day = load_facts(own), tape.session.day
    return replace(
        options,
        margin_rates=MarginRates.of(facts, day),
        price_rules=OrderRules(facts).prices(tape.contracts[0].exchange, day),
    )


async def _serve(
    tape: DayTape, options: GatewayOptions, *, as_json: bool, until_done: bool
) -> None:
    """Serve *tape* until cancelled, or until it is over if so wished."""
    from swingbreak.gateway.server import Gateway  # noqa: PLC0415 - aiohttp is slow to import

    gateway = Gateway(tape, options)
    addresses = await gateway.start()
    ready = {"host": addresses.host, "ws_url": addresses.ws_url, "api_key": options.api_key}
    try:
        if as_json:
            print_text(json.dumps({"event": "ready"} | ready | _described(tape)))
        else:
            _announce(tape, options.speed, ready)
        await gateway.finished(and_left=until_done)
    finally:
        await gateway.stop()


def _described(tape: DayTape) -> dict[str, object]:
    return {
        "label": tape.label,
        "day": tape.session.day.isoformat(),
        "synthetic": tape.synthetic,
        "cadence_s": tape.cadence_s,
    }


def _announce(tape: DayTape, pace: float | None, ready: Mapping[str, str]) -> None:
    day = tape.session.day.isoformat()
    kind = "synthetic data" if tape.synthetic else "recorded data"
    speed = "as fast as clients keep up" if pace is None else f"{pace:g} x"
    print_text(f"Simulated OpenAlgo server, {kind}: {tape.label}, {day}, {speed}")
    print_facts(ready)
    print_text("Ctrl+C stops it.")


async def _until_signal(serving: Coroutine[None, None, None], *, with_parent: bool) -> int:
    """Run *serving* to its end or until a signal; return the exit code that goes with it."""
    task = asyncio.ensure_future(serving)
    received: list[int] = []

    def leave(code: int) -> None:
        received.append(code)
        task.cancel()

    if with_parent:
        _on_end_of_input(partial(leave, ExitCode.OK))
    for name, code in ((signal.SIGINT, _INTERRUPTED), (signal.SIGTERM, _TERMINATED)):
        with suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(name, leave, code)
    try:
        await task
    except asyncio.CancelledError:
        if not received:
            raise
    return received[0] if received else ExitCode.OK


def _on_end_of_input(then: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.buffer.read()
        with suppress(RuntimeError):  # the loop has closed
            loop.call_soon_threadsafe(then)

    # a daemon, for nothing can end its read; pipes have no asyncio reader on every platform
    threading.Thread(target=wait, daemon=True).start()


_INTERRUPTED, _TERMINATED = ExitCode.INTERRUPTED, ExitCode.TERMINATED
