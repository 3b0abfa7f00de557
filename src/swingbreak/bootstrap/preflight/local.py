"""Checks of this machine and of the settings."""

import asyncio
import importlib.util
from pathlib import Path
from typing import Final

import aiohttp

from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.bootstrap.preflight import judging
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.verdicts import (
    Group,
    Judgement,
    Verdict,
    ok,
    permanent,
    transient,
)
from swingbreak.domain.errors import ConfigError, LedgerError, SwingbreakError
from swingbreak.settings import load, require_api_key

__all__ = ["CHECKS"]

_REMARK, _NO = Verdict.REMARK, Verdict.PERMANENT
_HERE: Final = "reference/check.md"
_ANSWER_S: Final = 2.0


async def _python(flight: Flight) -> Judgement:
    return judging.python(flight.machine.python)


async def _packages(flight: Flight) -> Judgement:
    return judging.packages(await asyncio.to_thread(flight.machine.missing))


async def _console(flight: Flight) -> Judgement:
    return judging.console(flight.machine.encoding)


async def _time_zone(flight: Flight) -> Judgement:
    return judging.time_zone(flight.machine.india)


async def _settings(flight: Flight) -> Judgement:
    settings = load(flight.config, environment=flight.environment, overrides=flight.overrides)
    flight.settings = settings
    given = [entry for entry in settings.entries if entry.origin != "default"]
    origins = sorted({entry.origin.split(" ", maxsplit=1)[0] for entry in given})
    origin = f" from {', '.join(origins)}" if origins else ""
    return ok(f"mode {settings.mode}, {len(given)} keys given{origin}")


async def _state_folder(flight: Flight) -> Judgement:
    folder = there(flight.settings).state_dir
    logs = folder / "logs"
    if _is_file(logs):
        wrong: SwingbreakError = ConfigError(f"{logs} is a file; choose another state_dir")
    elif why := "it is a file" if _is_file(folder) else await _unwritable(flight, folder):
        wrong = LedgerError(f"{folder}: cannot be written ({why}); use another folder as state_dir")
    else:
        return ok(f"{folder}{'' if folder.exists() else ', which the first day makes'}")
    return permanent(str(folder), str(wrong), error=wrong)


async def _unwritable(flight: Flight, folder: Path) -> str:
    return await asyncio.to_thread(flight.machine.unwritable, folder)


def _is_file(path: Path) -> bool:
    return path.exists() and not path.is_dir()


async def _disk(flight: Flight) -> Judgement:
    folder = there(flight.settings).state_dir
    try:
        free = await asyncio.to_thread(flight.machine.free_bytes, folder)
    except OSError as error:
        return transient("unknown", f"{folder}: {error.strerror}")
    return judging.disk(free)


async def _dashboard_port(flight: Flight) -> Judgement:
    port = there(flight.settings).dashboard_port
    if not port:
        return ok("any that is free")
    why = await asyncio.to_thread(flight.machine.unusable, port)
    server = await _server_at(flight.http, port) if why else ""
    return judging.dashboard_port(port, why, server)


async def _server_at(http: aiohttp.ClientSession, port: int) -> str:
    """Return what calls itself a server on *port* of this machine; empty where nothing does."""
    try:
        async with asyncio.timeout(_ANSWER_S), http.get(f"http://127.0.0.1:{port}/") as answer:
            return answer.headers.get("Server", "")
    except (aiohttp.ClientError, OSError, TimeoutError):
        return ""


async def _api_key(flight: Flight) -> Judgement:
    key = require_api_key(there(flight.settings))
    return ok(f"set, {len(key)} characters")


async def _limits(flight: Flight) -> Judgement:
    return judging.limits(there(flight.settings).parameters)


async def _profile(flight: Flight) -> Judgement:
    settings = there(flight.settings)
    path = settings.gateway.profile
    flight.profile = load_profile(path)
    found = None if path is None else flight.profile
    return judging.profile(found, settings, flight.wall.now())


async def _order_rate(flight: Flight) -> Judgement:
    is_named = there(flight.settings).gateway.profile is not None
    return judging.order_rate(flight.profile, is_named=is_named)


async def _telegram(flight: Flight) -> Judgement:
    messengers = there(flight.settings).messengers
    has_apprise = importlib.util.find_spec("apprise") is not None
    return judging.telegram(messengers, has_apprise=has_apprise)


_NEEDS = ("settings",)

CHECKS: Final = (
    Check(
        "python",
        Group.ENVIRONMENT,
        "Python is new enough",
        (_NO,),
        "install Python 3.11 or newer, then start again with it",
        f"{_HERE}#environment",
        _python,
    ),
    Check(
        "packages",
        Group.ENVIRONMENT,
        "every package can be imported",
        (_NO,),
        "delete the folder .venv and run `python3 start.py`, which installs them anew",
        f"{_HERE}#environment",
        _packages,
    ),
    Check(
        "console",
        Group.ENVIRONMENT,
        "the console shows every sign",
        (_REMARK,),
        "set PYTHONIOENCODING=utf-8, or leave it: nothing depends on it",
        f"{_HERE}#environment",
        _console,
    ),
    Check(
        "time-zone",
        Group.ENVIRONMENT,
        "the time-zone data have India right",
        (_REMARK,),
        "nothing has to be done; installing the package tzdata ends this remark",
        f"{_HERE}#environment",
        _time_zone,
    ),
    Check(
        "state-folder",
        Group.ENVIRONMENT,
        "the state folder can be written",
        (_NO,),
        "give this user write access to the folder, or name another with state_dir",
        f"{_HERE}#environment",
        _state_folder,
        needs=_NEEDS,
    ),
    Check(
        "disk",
        Group.ENVIRONMENT,
        "the disk has room",
        (_REMARK, Verdict.TRANSIENT),
        "free some space on the disk of the state folder",
        f"{_HERE}#environment",
        _disk,
        needs=_NEEDS,
    ),
    Check(
        "dashboard-port",
        Group.ENVIRONMENT,
        "the dashboard's port is free, or the dashboard has it",
        (_REMARK,),
        "end what has it, or choose another dashboard_port; 0 takes any that is free",
        f"{_HERE}#environment",
        _dashboard_port,
        needs=_NEEDS,
    ),
    Check(
        "settings",
        Group.CONFIGURATION,
        "file, environment and command line can be read, and every key is known",
        (_NO,),
        "correct each key that is named; `swingbreak config show` lists all of them",
        f"{_HERE}#configuration",
        _settings,
        is_of_run=True,
    ),
    Check(
        "api-key",
        Group.CONFIGURATION,
        "the API key is set",
        (_NO,),
        "copy the key from OpenAlgo's API Key page into OPENALGO_API_KEY",
        f"{_HERE}#configuration",
        _api_key,
        needs=_NEEDS,
    ),
    Check(
        "limits",
        Group.CONFIGURATION,
        "the limits make sense together",
        (_REMARK,),
        "look at these keys with `swingbreak config show`, and change one of them",
        f"{_HERE}#configuration",
        _limits,
        needs=_NEEDS,
    ),
    Check(
        "profile",
        Group.CONFIGURATION,
        "what the gateway does was found out not long ago",
        (_REMARK, _NO),
        "run `swingbreak certify --orders --write FILE` on paper, and name the file as "
        "gateway_profile",
        "reference/certify.md#the-profile",
        _profile,
        needs=_NEEDS,
    ),
    Check(
        "order-rate",
        Group.CONFIGURATION,
        "the gateway takes several orders at once",
        (_REMARK,),
        "raise ORDER_RATE_LIMIT in OpenAlgo's settings, then certify it again",
        "reference/certify.md#the-profile",
        _order_rate,
        needs=("profile",),
    ),
    Check(
        "telegram",
        Group.CONFIGURATION,
        "whoever expects messages gets them",
        (_REMARK,),
        "correct it, and try with `swingbreak notify --test`; or look at `status` now and then",
        f"{_HERE}#configuration",
        _telegram,
        needs=_NEEDS,
    ),
)
