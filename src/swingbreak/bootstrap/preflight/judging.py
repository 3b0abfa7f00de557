"""What is made of what was found on this machine, in the settings and in the facts; pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from swingbreak.adapters.openalgo.capabilities import Capabilities
from swingbreak.alerts.delivery import Delivery, Outcome
from swingbreak.bootstrap.accord import is_far, wrong_clock
from swingbreak.bootstrap.preflight.verdicts import (
    Judgement,
    not_applicable,
    ok,
    permanent,
    remark,
    transient,
)
from swingbreak.bootstrap.viewing import DASHBOARD
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import IST, MINUTE, Session, ist_clock, ist_stamp
from swingbreak.facts.order_rules import CutOff
from swingbreak.settings import Messengers, Mode, Settings

__all__ = [
    "BURST",
    "LEAST_FREE",
    "LEAST_PYTHON",
    "bot",
    "chats",
    "clock",
    "console",
    "dashboard_port",
    "disk",
    "facts_age",
    "limits",
    "order_rate",
    "packages",
    "profile",
    "python",
    "telegram",
    "time_left",
    "time_zone",
]

LEAST_PYTHON: Final = (3, 11)
LEAST_FREE: Final = 100_000_000
_LITTLE_FREE: Final = 1_000_000_000
_OLD_PROFILE: Final = timedelta(days=30)
_SOON: Final = timedelta(minutes=15)
BURST: Final = 4  # order requests that `certify --orders` sends at once
_MILLION: Final = 1_000_000


def python(version: tuple[int, int, int]) -> Judgement:
    """Judge the version of Python."""
    text = ".".join(map(str, version))
    if version[:2] < LEAST_PYTHON:
        return permanent(text, f"Python {LEAST_PYTHON[0]}.{LEAST_PYTHON[1]} or newer is needed")
    return ok(text)


def packages(missing: Sequence[str]) -> Judgement:
    """Judge which packages cannot be imported."""
    if missing:
        return permanent(f"{len(missing)} missing", f"cannot be imported: {', '.join(missing)}")
    return ok("all can be imported")


def console(encoding: str) -> Judgement:
    """Judge the encoding of standard output."""
    if encoding.lower().replace("-", "").replace("_", "") == "utf8":
        return ok(encoding)
    return remark(
        encoding or "none", "not every sign can be shown: amounts say Rs, other signs become ?"
    )


def time_zone(india: timedelta | None) -> Judgement:
    """Judge how far Indian time is ahead by the time-zone data."""
    if india is None:
        return remark("no data", "this machine has no time-zone data; our own rule is used")
    if india != IST.utcoffset(None):
        return remark(f"UTC+{india}", "these data have Indian time wrong; our own rule is used")
    return ok("Asia/Kolkata is UTC+5:30")


def disk(free: int) -> Judgement:
    """Judge how many bytes are free where the state folder is."""
    text = f"{free // _MILLION} MB free"
    if free < LEAST_FREE:
        return transient(text, f"a day needs {LEAST_FREE // _MILLION} MB for its ledger and log")
    if free < _LITTLE_FREE:
        return remark(text, "enough for some days only")
    return ok(text)


def dashboard_port(port: int, why: str, server: str) -> Judgement:
    """Judge the dashboard's port; *why* it cannot be used now, and which *server* answers there."""
    if not why:
        return ok(f"{port} is free")
    if server == DASHBOARD:
        return ok(f"a dashboard listens on {port}")
    found = f"{port} is taken" if server else f"{port} cannot be used"
    said = f": {server}" if server else ""
    return remark(found, f"`swingbreak dashboard` would not begin: {why}{said}")


def limits(parameters: Parameters) -> Judgement:
    """Judge whether the limits make sense together; each is within its bounds already."""
    found = (
        f"{parameters.max_positions} positions, {parameters.max_per_right} of a kind, "
        f"{parameters.max_lots} lots, day {parameters.daily_stop_r:+d} to "
        f"{parameters.daily_target_r:+d} R"
    )
    doubts = "; ".join(_doubtful(parameters))
    return remark(found, doubts) if doubts else ok(found)


def _doubtful(limits_: Parameters) -> Iterator[str]:
    if limits_.max_positions > -limits_.daily_stop_r:
        yield (
            f"{limits_.max_positions} positions stopped together lose more than daily_stop_r "
            f"{limits_.daily_stop_r}"
        )
    if limits_.max_per_right > limits_.max_positions:
        yield (
            f"max_per_right {limits_.max_per_right} is above max_positions "
            f"{limits_.max_positions} and limits nothing"
        )
    if limits_.last_entry > limits_.force_exit:
        yield (
            f"last_entry_ist {limits_.last_entry:%H:%M} is after force_exit_ist "
            f"{limits_.force_exit:%H:%M}: what is entered then is exited at once"
        )


def profile(found: Capabilities | None, settings: Settings, now: datetime) -> Judgement:
    """Judge the profile that the settings name; ``None`` where they name none."""
    if found is None:
        return remark(
            "none", "the gateway's documents are believed: what its broker does is not known"
        )
    text = f"{found.broker or 'unknown broker'}, {found.mode or '?'}, {found.examined_at or '?'}"
    doubts = "; ".join(_profile_doubts(found, settings.mode, now))
    return remark(text, doubts) if doubts else ok(text)


def _profile_doubts(found: Capabilities, mode: Mode, now: datetime) -> Iterator[str]:
    theirs = "analyze" if mode is Mode.PAPER else "live"
    if found.mode != theirs:
        yield f"it was made in {found.mode or 'an unknown'} mode"
    if not found.with_orders:
        yield "no orders were sent to find out what becomes of them"
    try:
        made = datetime.strptime(found.examined_at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=IST)
    except ValueError:
        yield "it does not say when it was made"
        return
    if now - made > _OLD_PROFILE:
        yield f"it is {(now - made).days} days old"


def order_rate(found: Capabilities, *, is_named: bool) -> Judgement:
    """Judge how many order requests the gateway let through when it was examined."""
    if not is_named or not found.with_orders:
        return not_applicable("no profile that was made with orders")
    text = f"{found.orders_per_s} of {BURST} at once were let through"
    if found.orders_per_s < BURST:
        return remark(text, "exits of several positions would wait for each other")
    return ok(text)


def telegram(messengers: Messengers, *, has_apprise: bool) -> Judgement:
    """Judge whether whoever expects messages is set up to get them."""
    token, chats, urls = messengers.bot_token, messengers.chats, messengers.apprise_urls
    text = f"{len(chats)} chats, {len(urls)} other services"
    if urls and not has_apprise:
        return remark(text, "APPRISE_URLS is set and apprise is not installed: none is reached")
    if messengers.telegram_enabled:
        why = "TELEGRAM_BOT_TOKEN is not set: no message is sent by Telegram"
        return ok(text) if token else remark(text, why)
    if token or chats:
        return remark(text, "Telegram is set up, and telegram_enabled is false: it is not used")
    return ok(text) if urls else not_applicable("neither Telegram nor another service is set up")


def bot(name: str, delivery: Delivery) -> Judgement:
    """Judge whether the bot's token is taken; its *name* is empty where it is not."""
    if delivery.outcome is Outcome.DELIVERED:
        return ok(f"the bot is @{name}")
    if delivery.outcome in {Outcome.BARRED, Outcome.REFUSED}:
        return permanent("refused", delivery.why, error=ConfigError(delivery.why))
    return remark("no answer", delivery.why)


def chats(deliveries: Sequence[Delivery]) -> Judgement:
    """Judge whether the bot may write to each chat."""
    text = f"{sum(one.outcome is Outcome.DELIVERED for one in deliveries)} of {len(deliveries)}"
    barred = {one.why for one in deliveries if one.outcome in {Outcome.BARRED, Outcome.REFUSED}}
    late = {one.why for one in deliveries if one.outcome in {Outcome.NOT_SENT, Outcome.UNSURE}}
    if barred:
        why = "; ".join(sorted(barred))
        return permanent(text, why, error=ConfigError(why))
    return remark(text, "; ".join(sorted(late))) if late else ok(text)


def facts_age(stale: Sequence[str], day: date) -> Judgement:
    """Judge what is said of files that have grown old on *day*."""
    return remark(f"{len(stale)} old", "; ".join(stale)) if stale else ok(f"fresh on {day}")


def clock(off: timedelta, mode: Mode) -> Judgement:
    """Judge clocks that differ by *off*, the gateway's being ahead."""
    text = f"the gateway's is {off.total_seconds():+.1f} s off"
    if error := wrong_clock(off, mode):
        return permanent(text, str(error), error=error)
    if is_far(off):
        return remark(text, "it serves another time, as a simulated day does, and is followed")
    return ok(text)


def time_left(
    session: Session, now: datetime, parameters: Parameters, cut_offs: Sequence[CutOff]
) -> Judgement:
    """Judge what is left of the day at *now*."""
    last, out = session.at(parameters.last_entry), session.at(parameters.force_exit)
    text = _ahead(session, now, last, out)
    doubts = []
    if now >= last:
        doubts.append(f"nothing is entered after {ist_clock(last)[:5]}")
    elif now >= session.opens and last - now < _SOON:
        doubts.append(f"{(last - now) // MINUTE} minutes are left to enter")
    early = [one.broker for one in cut_offs if one.is_documented and session.at(one.at) < out]
    if early:
        doubts.append(
            f"these brokers close intraday positions before force_exit: {', '.join(early)}"
        )
    return remark(text, "; ".join(doubts)) if doubts else ok(text)


def _ahead(session: Session, now: datetime, last: datetime, out: datetime) -> str:
    times = (("opens", session.opens), ("last entry", last), ("force exit", out))
    ahead = [f"{name} {_in(at - now)}" for name, at in times if at > now]
    return f"{ist_stamp(now)[11:16]} in India; {', '.join(ahead) or 'all moments are past'}"


def _in(left: timedelta) -> str:
    hours, minutes = divmod(left // MINUTE, 60)
    return f"in {hours} h {minutes} min" if hours else f"in {minutes} min"
