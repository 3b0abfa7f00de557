"""Checks of the state folder: its database, its locks, and what it has of today."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from swingbreak.adapters.controls import Controls
from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.pulse import Stage, pulse_in, read_pulse
from swingbreak.adapters.runlock import account_lock, folder_lock
from swingbreak.adapters.sqlite import views
from swingbreak.adapters.sqlite.binding import conflict
from swingbreak.adapters.sqlite.database import open_any
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.verdicts import (
    Group,
    Judgement,
    Verdict,
    not_applicable,
    ok,
    permanent,
    remark,
)
from swingbreak.domain.control import Control
from swingbreak.domain.errors import KillEngaged, LedgerError
from swingbreak.domain.orders import OrderStatus
from swingbreak.domain.session import ist_stamp
from swingbreak.settings import require_api_key

__all__ = ["CHECKS", "Recorded", "day_so_far", "integrity"]

_REMARK, _NO = Verdict.REMARK, Verdict.PERMANENT
_GUIDE: Final = "reference/check.md#state-folder"
_PATIENCE_S: Final = 2.0
_NO_DATABASE: Final = not_applicable("no day has been recorded here yet")


class Recorded(NamedTuple):
    """What the state folder has of a day.

    Attributes:
        held: Signed units by symbol.
        live: Orders that were working when it was last written.
        halted: Why the day ended; empty while it goes on.
    """

    orders: frozenset[str] = frozenset()
    held: Mapping[str, int] = {}
    live: int = 0
    halted: str = ""

    @classmethod
    def of(cls, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> "Recorded":
        """Return what *tables* have, as :func:`views.day_of` reads them."""
        orders, (summary,) = tables["orders"], tables["daily_summary"] or ({},)
        return cls(
            orders=frozenset(str(row["broker_order_id"]) for row in orders),
            held={row["symbol"]: row["quantity"] for row in tables["positions"]},
            live=sum(OrderStatus(row["status"]).is_live for row in orders),
            halted=summary.get("halted_reason", ""),
        )


def integrity(damage: str | None) -> Judgement:
    """Judge what is wrong inside the database; ``None`` where it is not known in time."""
    if damage is None:
        return remark("looked at in part", f"it is large: {_PATIENCE_S:g} s were not enough")
    if damage:
        text = f"the state database is damaged: {damage}; move it away and restore a copy"
        return permanent("damaged", text, error=LedgerError(text))
    return ok("whole")


def day_so_far(found: Recorded) -> Judgement:
    """Judge what is recorded of today."""
    if found.halted and not found.held and not found.live:
        return permanent(found.halted, f"the day has ended here: {found.halted}")
    if not found.orders:
        return ok("nothing recorded of today")
    return ok(f"{len(found.orders)} orders, {len(found.held)} positions open: gone on with")


async def _database(flight: Flight) -> Judgement:
    path = database_in(there(flight.settings).state_dir)
    if not path.exists():
        return ok("none yet, which the first day makes")

    def read() -> int:
        with open_any(path, busy_seconds=_PATIENCE_S) as database:
            return len(database.read("SELECT name FROM sqlite_master"))

    await asyncio.to_thread(read)
    return ok(f"{path}, {path.stat().st_size // 1000} kB")


async def _version(flight: Flight) -> Judgement:
    path = database_in(there(flight.settings).state_dir)
    if not path.exists():
        return ok("none yet")

    def due() -> int:
        with open_any(path, busy_seconds=_PATIENCE_S) as database:
            return database.migrations_due()

    count = await asyncio.to_thread(due)
    flight.has_tables = not count
    if count:
        return remark(f"{count} migrations due", "an older swingbreak made it: `run` updates it")
    return ok("up to date")


async def _integrity(flight: Flight) -> Judgement:
    path = database_in(there(flight.settings).state_dir)
    if not path.exists():
        return _NO_DATABASE

    def damage() -> str | None:
        with open_any(path, busy_seconds=_PATIENCE_S) as database:
            return database.damage(_PATIENCE_S)

    return integrity(await asyncio.to_thread(damage))


async def _binding(flight: Flight) -> Judgement:
    settings = there(flight.settings)
    if not flight.has_tables:
        return _NO_DATABASE
    key = require_api_key(settings)

    def bound_to_others() -> None:
        with open_any(database_in(settings.state_dir), busy_seconds=_PATIENCE_S) as database:
            error = conflict(database, flight.day, mode=settings.mode.value, api_key=key)
        if error is not None:
            raise error

    await asyncio.to_thread(bound_to_others)
    return ok(f"{flight.day} is free for {settings.mode} and this account")


async def _day(flight: Flight) -> Judgement:
    if not flight.has_tables:
        return _NO_DATABASE
    path = database_in(there(flight.settings).state_dir)

    def read() -> Recorded:
        with open_any(path, busy_seconds=_PATIENCE_S) as database:
            return Recorded.of(views.day_of(database, flight.day))

    found = await asyncio.to_thread(read)
    flight.own_orders, flight.own_held = found.orders, found.held
    return day_so_far(found)


async def _kill_lock(flight: Flight) -> Judgement:
    lock = Controls(there(flight.settings).state_dir).locked()
    if lock is None:
        return ok("not engaged")
    text = f"trading was killed at {ist_stamp(lock.at)} IST: {lock.reason!r}"
    return permanent("engaged", text, error=KillEngaged(text))


async def _words(flight: Flight) -> Judgement:
    waiting = list(Controls(there(flight.settings).state_dir).waiting())
    if not waiting:
        return ok("none waits")
    said = ", ".join(f"{one.control} ({one.by}, {ist_stamp(one.at)})" for one in waiting)
    begins = any(one.control is not Control.RESUME for one in waiting)
    found = f"{len(waiting)} waiting"
    return remark(found, f"`run` would begin with {said}") if begins else ok(f"{found}: {said}")


async def _other_instance(flight: Flight) -> Judgement:
    state_dir = there(flight.settings).state_dir
    lock, pulse = folder_lock(state_dir), read_pulse(pulse_in(state_dir))
    if pulse is not None and pulse.stage is Stage.WAITS and (holder := lock.holder()):
        return remark(f"process {holder} waits", "it begins the day by itself: start no other one")
    lock.look()
    return ok("nobody runs here")


async def _account_in_use(flight: Flight) -> Judgement:
    address = there(flight.settings).gateway
    account_lock(flight.locks, address.host, address.api_key, flight.day).look()
    return ok("nobody trades this account from here")


_NEEDS = ("state-folder",)

CHECKS: Final = (
    Check(
        "database",
        Group.STATE,
        "the state database can be opened",
        (_NO,),
        "close programs that hold it; else move it away and restore a copy",
        _GUIDE,
        _database,
        needs=("settings",),
        is_of_run=True,
    ),
    Check(
        "database-version",
        Group.STATE,
        "its tables are those of this version",
        (_REMARK, _NO),
        "start `run`, which brings an older one up to date; for a newer one use that swingbreak",
        _GUIDE,
        _version,
        needs=("database",),
        is_of_run=True,
    ),
    Check(
        "database-integrity",
        Group.STATE,
        "nothing in it is damaged",
        (_REMARK, _NO),
        "move it away and restore a copy; begin a new one only when flat",
        _GUIDE,
        _integrity,
        needs=("database-version",),
        is_of_run=True,
    ),
    Check(
        "binding",
        Group.STATE,
        "today belongs to this mode and account",
        (_NO,),
        "go on with the mode and key that the day began with, or choose another --state-dir",
        _GUIDE,
        _binding,
        needs=("database-integrity", "api-key"),
        after=("feed",),
    ),
    Check(
        "day",
        Group.STATE,
        "today has not ended here",
        (_NO,),
        "trade on the next day; on paper another --state-dir begins this day afresh",
        _GUIDE,
        _day,
        needs=("database-integrity",),
        after=("feed",),
    ),
    Check(
        "kill-lock",
        Group.STATE,
        "trading is not locked",
        (_NO,),
        "look at the account; when all is well, `swingbreak kill --reset REASON`",
        _GUIDE,
        _kill_lock,
        needs=_NEEDS,
    ),
    Check(
        "words",
        Group.STATE,
        "no word of a person waits",
        (_REMARK,),
        "delete its file in the folder controls, unless it is meant for today",
        _GUIDE,
        _words,
        needs=_NEEDS,
    ),
    Check(
        "other-instance",
        Group.STATE,
        "nobody else uses the state folder",
        (_REMARK, _NO),
        "it is running already: see `swingbreak status`; or end the process that is named",
        _GUIDE,
        _other_instance,
        needs=_NEEDS,
    ),
    Check(
        "account-in-use",
        Group.STATE,
        "no process of this machine trades the account",
        (_NO,),
        "end the process that is named: it uses another state folder",
        _GUIDE,
        _account_in_use,
        needs=("api-key",),
        after=("feed",),
    ),
)
