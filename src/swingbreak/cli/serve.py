"""The `serve` command: a simulated OpenAlgo server around one day."""

import asyncio
import json
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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

_PORT = "HTTP port; 0 takes any free one."
_WS_PORT = "WebSocket port; 0 takes any free one."


class PersonalityName(StrEnum):
    """Whose behaviour orders meet."""

    EXCHANGE = "exchange"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What was asked for on the command line."""

    host: str
    port: int
    ws_port: int
    api_key: str
    speed: float | None
    personality: PersonalityName
    as_json: bool
    until_done: bool
    facts: tuple[Path, ...]
    capital: int | None
    quirks: Quirks


def serve(  # noqa: PLR0913 - one parameter per flag
    *,
    generate: Annotated[
        int | None, typer.Option(metavar="SEED", help="Serve a made-up day of this seed.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Serve a recorded day from this file.")
    ] = None,
    regime: Annotated[Regime | None, typer.Option(help="Kind of day to make up.")] = None,
    underlying: Annotated[
        str | None, typer.Option(help="Index of a made-up day; default: NIFTY.")
    ] = None,
    date_: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="Day to make up; default: one of 2026."),
    ] = None,
    speed: Annotated[
        str, typer.Option(help="Market seconds per second; 'max' goes as fast as clients keep up.")
    ] = "1",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help=_PORT)] = 5000,
    ws_port: Annotated[int, typer.Option(min=0, max=65535, help=_WS_PORT)] = 8765,
    api_key: Annotated[str, typer.Option(help="Key that clients must show.")] = DEMO_KEY,
    personality: Annotated[
        PersonalityName, typer.Option(help="An honest exchange, or OpenAlgo's own paper trading.")
    ] = PersonalityName.EXCHANGE,
    quirks: Annotated[
        str, typer.Option(metavar="NAME[,NAME]", help="What the broker behind does differently.")
    ] = "",
    capital: Annotated[
        int | None,
        typer.Option(min=0, metavar="RUPEES", help="Cash of the account when the day begins."),
    ] = None,
    facts: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="File of facts of your own; may be given repeatedly."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON line when ready, and nothing else.")
    ] = False,
    until_done: Annotated[
        bool, typer.Option(help="Stop when the day is over and clients have left.")
    ] = False,
    with_parent: Annotated[
        bool, typer.Option(help="Stop when standard input ends, as it does with a parent's death.")
    ] = False,
) -> None:
    """Serve one day of market data through OpenAlgo's REST and WebSocket protocol."""
    if generate is not None and replay is not None:
        raise typer.BadParameter("--generate and --replay exclude each other: give one")
    if regime is not None and replay is not None:
        raise typer.BadParameter("--regime is for a made-up day: leave it out with --replay")
    if (underlying or date_) and replay is not None:
        raise typer.BadParameter("a recorded day has its own: leave --underlying and --date out")
    own = tuple(facts or ())
    wishes = _Wishes(
        host=host,
        port=port,
        ws_port=ws_port,
        api_key=api_key,
        speed=speed_of(speed),
        personality=personality,
        as_json=as_json,
        until_done=until_done,
        facts=own,
        capital=capital,
        quirks=quirks_of(quirks),
    )
    day = day_of(date_, "--date")
    tape = load_tape(generate, replay, regime, own, underlying or "NIFTY", day)
    serving = _serve(tape, wishes)
    if code := asyncio.run(_until_signal(serving, with_parent=with_parent)):
        raise typer.Exit(code)


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


async def _serve(tape: DayTape, wishes: _Wishes) -> None:
    """Serve *tape* until cancelled, or until it is over if so wished."""
    from swingbreak.adapters.facts_file import load_facts  # noqa: PLC0415 - only here
    from swingbreak.gateway.server import Gateway  # noqa: PLC0415 - aiohttp is slow to import

    facts, day = load_facts(wishes.facts), tape.session.day
    options = GatewayOptions(
        host=wishes.host,
        port=wishes.port,
        ws_port=wishes.ws_port,
        api_key=wishes.api_key,
        speed=wishes.speed,
        personality=PERSONALITIES[wishes.personality],
        quirks=wishes.quirks,
        capital=None if wishes.capital is None else wishes.capital * 100,
        margin_rates=MarginRates.of(facts, day),
        price_rules=OrderRules(facts).prices(tape.contracts[0].exchange, day),
    )
    gateway = Gateway(tape, options)
    addresses = await gateway.start()
    try:
        _announce(tape, wishes, addresses.host, addresses.ws_url)
        await gateway.finished(and_left=wishes.until_done)
    finally:
        await gateway.stop()


def _announce(tape: DayTape, wishes: _Wishes, host: str, ws_url: str) -> None:
    day = tape.session.day.isoformat()
    if wishes.as_json:
        ready = {"event": "ready", "host": host, "ws_url": ws_url, "api_key": wishes.api_key}
        about: dict[str, object] = {"label": tape.label, "day": day, "synthetic": tape.synthetic}
        about |= {"cadence_s": tape.cadence_s}
        print_text(json.dumps(ready | about))
        return
    kind = "synthetic data" if tape.synthetic else "recorded data"
    speed = "as fast as clients keep up" if wishes.speed is None else f"{wishes.speed:g} x"
    print_text(f"Simulated OpenAlgo server, {kind}: {tape.label}, {day}, {speed}")
    print_facts({"host": host, "ws_url": ws_url, "api_key": wishes.api_key})
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
