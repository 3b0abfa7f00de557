"""Checks of the gateway, of the contracts it lists, and of the account behind it."""

import asyncio
from typing import Final

import msgspec

from swingbreak.adapters.certification.asking import Asker
from swingbreak.adapters.openalgo.account import OpenAlgoAccount
from swingbreak.adapters.openalgo.history import OpenAlgoHistory
from swingbreak.adapters.openalgo.reference import chosen_expiry, listed_expiries
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.bootstrap.accord import gateway_mode, wrong_mode
from swingbreak.bootstrap.comparing import Listed, TradingDays, Wanted, chain_of, claims_of
from swingbreak.bootstrap.margins import account_behind
from swingbreak.bootstrap.preflight import weighing
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.hearing import code_of_log_in
from swingbreak.bootstrap.preflight.verdicts import Group, Judgement, Verdict, ok, permanent, remark
from swingbreak.domain.instrument import OptionContract, Right, expiry_text
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.domain.session import ist_clock
from swingbreak.facts.comparison import compare
from swingbreak.risk.margin import MarginModel

__all__ = ["CHECKS"]

_REMARK, _WAIT, _NO = Verdict.REMARK, Verdict.TRANSIENT, Verdict.PERMANENT
_GATEWAY: Final = "reference/check.md#gateway"
_CONTRACTS: Final = "reference/check.md#contracts"
_ACCOUNT: Final = "reference/check.md#account"
_CHAIN_S: Final = 16.0  # a broker's chain of quotes takes long
_LAG_MINUTES: Final = 2


class _Quote(msgspec.Struct, gc=False):
    ltp: float | None = None


class _QuoteReply(msgspec.Struct, gc=False):
    data: _Quote


async def _gateway(flight: Flight) -> Judgement:
    address = there(flight.settings).gateway
    flight.said = await Asker(address.host, address.api_key, flight.http).at_once("ping")
    flight.rest = OpenAlgoRest(address.host, address.api_key, flight.http, gateway=flight.profile)
    return weighing.reached(flight.said)


async def _answers(flight: Flight) -> Judgement:
    return weighing.answers(there(flight.said))


async def _key(flight: Flight) -> Judgement:
    said, address = there(flight.said), there(flight.settings).gateway
    code = ""
    if not said.is_yes:
        try:
            async with asyncio.timeout(_CHAIN_S):
                code = await code_of_log_in(flight.http, address.ws_url, address.api_key)
        except TimeoutError:
            code = ""
    return weighing.key(said, code)


async def _mode(flight: Flight) -> Judgement:
    theirs, ours = await there(flight.rest).analyzer(), there(flight.settings).mode
    if error := wrong_mode(theirs, ours):
        return permanent(theirs.value, str(error), error=error)
    where = "its analyzer: simulated money" if ours == "paper" else "the broker: real money"
    return ok(f"orders go to {where}")


async def _broker(flight: Flight) -> Judgement:
    listing = there(flight.listing)
    name, exchange = listing.spot_symbol, listing.spot_exchange
    reply = await there(flight.rest).query("quotes", _QuoteReply, symbol=name, exchange=exchange)
    return weighing.broker(name, reply.data.ltp)


async def _agreement(flight: Flight) -> Judgement:
    settings, chain = there(flight.settings), there(flight.chain)
    rest, exchange = there(flight.rest), there(flight.listing).exchange
    days = await TradingDays.asked(rest, exchange, flight.day)
    listed = Listed(flight.expiries, chain, flight.is_today)
    claims = claims_of(settings.underlying, flight.day, listed, days)
    return weighing.agreement(compare(there(flight.facts), claims, flight.now))


async def _expiry(flight: Flight) -> Judgement:
    settings, exchange = there(flight.settings), there(flight.listing).exchange
    name, wanted = settings.underlying, Wanted.by(settings)
    flight.expiries = await listed_expiries(there(flight.rest), name, exchange)
    flight.expiry = chosen_expiry(name, flight.expiries, flight.day, wanted.expiry)
    text = f"{expiry_text(flight.expiry)}, of {len(flight.expiries)} listed"
    if flight.expiry < flight.day:
        return remark(text, f"it is past on {flight.day}")
    return ok(f"{text}, in {(flight.expiry - flight.day).days} days")


async def _symbols(flight: Flight) -> Judgement:
    settings, listing = there(flight.settings), there(flight.listing)
    chain = await chain_of(there(flight.rest), listing, there(flight.expiry), Wanted.by(settings))
    flight.chain = chain
    flight.planned = tuple(
        min(of_kind, key=lambda one: abs(one.strike - chain.atm))
        for right in (Right.CE, Right.PE)
        if (of_kind := [one for one in chain.contracts if one.right is right])
    )
    return weighing.symbols(chain, settings.strikes_each_side)


async def _size(flight: Flight) -> Judgement:
    contract, parameters = there(flight.chain).contracts[0], there(flight.settings).parameters
    flight.planned_units = weighing.planned_units(contract.lot, parameters)
    return weighing.size(contract, parameters)


async def _history(flight: Flight) -> Judgement:
    session, listing, now = there(flight.session), there(flight.listing), flight.now
    minutes = min(max(0, session.minute_of(now)), session.minutes)
    if minutes <= _LAG_MINUTES:
        opens = ist_clock(session.opens)[:5]
        return remark("not asked", f"not now: the market opens at {opens}, and has no history yet")
    exchanges = {one.symbol: one.exchange for one in flight.planned}
    exchanges[listing.spot_symbol] = listing.spot_exchange
    loaded = await OpenAlgoHistory(there(flight.rest), session, exchanges).bars_of(exchanges)
    return weighing.history(loaded.bars, loaded.failed, listing.spot_symbol, minutes)


async def _funds(flight: Flight) -> Judgement:
    expected = gateway_mode(there(flight.settings).mode)
    account = OpenAlgoAccount(there(flight.rest), (), _no_estimate, expected)
    flight.funds = await account.funds()
    return ok(f"Rs {flight.funds.free / 100:.2f} free, Rs {flight.funds.used / 100:.2f} used")


async def _margin(flight: Flight) -> Judgement:
    settings, chain = there(flight.settings), there(flight.chain)
    model = MarginModel.of(there(flight.facts), flight.day)
    account = account_behind(there(flight.rest), chain, model, gateway_mode(settings.mode))
    units, price = flight.planned_units, settings.parameters.price_max
    margins = await asyncio.gather(
        *(account.margin(_entry(one, units, price), units) for one in flight.planned)
    )
    return weighing.margin(
        weighing.Plan.of(settings.parameters),
        (margins[0], margins[-1]),
        settings.margin_headroom_bp,
        there(flight.funds),
    )


async def _orders(flight: Flight) -> Judgement:
    return weighing.leftover_orders(await there(flight.rest).order_book(), _left(flight))


async def _positions(flight: Flight) -> Judgement:
    return weighing.leftover_positions(await there(flight.rest).positions(), _left(flight))


def _left(flight: Flight) -> weighing.Left:
    settings = there(flight.settings)
    foreign = settings.parameters.foreign
    return weighing.Left(flight.own_orders, flight.own_held, settings.underlying, foreign)


def _entry(contract: OptionContract, units: int, price: Paise) -> OrderIntent:
    slot = Slot(Purpose.ENTRY, contract.right.value)
    return OrderIntent(slot, contract.symbol, Side.SELL, units, price, None, "check")


def _no_estimate(_: OptionContract, __: int) -> Paise:
    raise AssertionError("funds are counted, and never estimated")


CHECKS: Final = (
    Check(
        "gateway",
        Group.GATEWAY,
        "the gateway can be reached",
        (_WAIT,),
        "start OpenAlgo, or correct openalgo_host",
        _GATEWAY,
        _gateway,
        needs=("settings",),
        after=("profile",),
        is_remote=True,
    ),
    Check(
        "answers",
        Group.GATEWAY,
        "it answers as OpenAlgo does",
        (_WAIT, _NO),
        "look at OpenAlgo's log; correct openalgo_host where something else answers",
        _GATEWAY,
        _answers,
        needs=("gateway",),
        is_remote=True,
    ),
    Check(
        "key",
        Group.GATEWAY,
        "it takes the API key",
        (_WAIT, _NO),
        "log in to the broker in OpenAlgo; copy the API key again where it is not known",
        _GATEWAY,
        _key,
        needs=("answers", "api-key"),
        seconds=_CHAIN_S + 1,
        is_remote=True,
    ),
    Check(
        "broker",
        Group.GATEWAY,
        "the broker behind it answers",
        (_WAIT,),
        "log in to the broker in OpenAlgo, where the session ends every night",
        _GATEWAY,
        _broker,
        needs=("key", "underlying"),
        is_remote=True,
    ),
    Check(
        "mode",
        Group.GATEWAY,
        "orders go where the mode says",
        (_WAIT, _NO),
        "switch OpenAlgo's analyzer: on for paper, off for live; or correct mode",
        _GATEWAY,
        _mode,
        needs=("key",),
        is_remote=True,
    ),
    Check(
        "agreement",
        Group.FACTS,
        "gateway and facts agree on lots, expiries, holidays and hours",
        (_WAIT, _REMARK),
        "compare `swingbreak contracts --host ADDRESS` with your broker; correct facts that are "
        "wrong in a file of your own",
        "reference/facts-files.md#facts-files",
        _agreement,
        needs=("symbols",),
        seconds=8.0,
        is_remote=True,
    ),
    Check(
        "expiry",
        Group.CONTRACTS,
        "the expiry is listed",
        (_REMARK, _WAIT, _NO),
        "correct expiry, or have OpenAlgo download today's master contracts",
        _CONTRACTS,
        _expiry,
        needs=("key", "underlying"),
        is_remote=True,
    ),
    Check(
        "symbols",
        Group.CONTRACTS,
        "every contract around the money is listed",
        (_REMARK, _WAIT, _NO),
        "correct atm or strikes_each_side, or have OpenAlgo download today's master contracts",
        _CONTRACTS,
        _symbols,
        needs=("expiry",),
        seconds=_CHAIN_S,
        is_remote=True,
    ),
    Check(
        "size",
        Group.CONTRACTS,
        "a position of at least one lot can be sized",
        (_REMARK, _NO),
        "raise r_value_rupees, or lower target_points_rupees",
        _CONTRACTS,
        _size,
        needs=("symbols",),
    ),
    Check(
        "history",
        Group.CONTRACTS,
        "history has the minutes so far",
        (_REMARK, _WAIT),
        "wait a minute and check again; then look at the broker's session in OpenAlgo",
        _CONTRACTS,
        _history,
        needs=("symbols", "broker", "session"),
        seconds=_CHAIN_S,
        is_remote=True,
    ),
    Check(
        "funds",
        Group.ACCOUNT,
        "the gateway says what money is free",
        (_WAIT, _NO),
        "log in to the broker in OpenAlgo",
        _ACCOUNT,
        _funds,
        needs=("mode",),
        is_remote=True,
    ),
    Check(
        "margin",
        Group.ACCOUNT,
        "the money carries the planned positions",
        (_REMARK, _WAIT),
        "free or add money, or lower r_value_rupees, max_lots_per_position or max_positions",
        _ACCOUNT,
        _margin,
        needs=("funds", "size"),
        seconds=8.0,
        is_remote=True,
    ),
    Check(
        "orders",
        Group.ACCOUNT,
        "no order works in the account that is not ours",
        (_REMARK, _WAIT),
        "cancel it at the broker, or say with foreign what is to be done about it",
        _ACCOUNT,
        _orders,
        needs=("mode", "symbols"),
        after=("day",),
        is_remote=True,
    ),
    Check(
        "positions",
        Group.ACCOUNT,
        "nothing is open in the account that is not ours",
        (_REMARK, _WAIT),
        "close it at the broker, or say with foreign what is to be done about it",
        _ACCOUNT,
        _positions,
        needs=("mode", "symbols"),
        after=("day",),
        is_remote=True,
    ),
)
