"""Probes that only read: identity, books, market data, reference, pace."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from swingbreak.adapters.certification.asking import Asker, Said
from swingbreak.adapters.certification.notes import Notes, Verdict
from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import OrderState
from swingbreak.domain.errors import DataError, GatewayUnreachable
from swingbreak.domain.instrument import expiry_text, parse_expiry
from swingbreak.domain.session import IST

__all__ = ["Leg", "Market", "Reading"]

_OTHER_TIMES: Final = (
    "%Y-%m-%dT%H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%H:%M:%S %d-%m-%Y",
)
_SAMPLES: Final = 8  # further calls per class, for the latency
_REST: Final = "check the OpenAlgo server and its log"
_SESSION: Final = "log in to the broker in OpenAlgo; then copy the API key again if that fails"


@dataclass(frozen=True, slots=True)
class Market:
    """What is traded, and where it is quoted."""

    underlying: str
    spot_symbol: str
    spot_exchange: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Leg:
    """An option near the money, as the chain shows it; rupees."""

    symbol: str
    lot: int
    tick: float
    last: float


class Reading:
    """Asks everything that changes nothing.

    Attributes:
        broker: The gateway's name of its broker.
        analyzing: Whether orders go to its sandbox; ``None`` where it does not say.
        legs: Call and put at the money, where they could be had.
    """

    def __init__(self, asker: Asker, notes: Notes, market: Market) -> None:
        self.broker = ""
        self.analyzing: bool | None = None
        self.legs: tuple[Leg, ...] = ()
        self._asker = asker
        self._notes = notes
        self._market = market
        self._expiry: date | None = None

    async def identity(self) -> bool:
        """Ask who it is; return whether it is worth asking on.

        Raises:
            GatewayUnreachable: Nothing answers.
        """
        said = await self._asker.ask("ping")
        if not said.status:
            raise GatewayUnreachable(f"{said}: start OpenAlgo, or correct --host")
        if not said.is_yes:
            self._add("ping", Verdict.MISSING, str(said), "nothing can be traded", _SESSION)
            return False
        self.broker = str(said.fields.get("broker", ""))
        self._add("ping", Verdict.OK, f"broker {self.broker}", "the key and the session are good")
        said = await self._asker.ask("analyzer")
        mode = said.fields.get("analyze_mode")
        if not isinstance(mode, bool):
            meaning = "where orders go cannot be known: refused at start"
            self._add("mode", Verdict.MISSING, str(said), meaning, _REST)
        else:
            self.analyzing = mode
            where = "the sandbox: paper" if mode else "the broker: real money"
            self._add("mode", Verdict.OK, "analyze" if mode else "live", f"orders go to {where}")
            self._notes.learn(mode="analyze" if mode else "live")
        self._notes.learn(broker=self.broker)
        return True

    async def wrong_key(self) -> None:
        """Ask with a wrong key, once."""
        wrong = Asker(self._asker.host, "0" * 64, self._asker.session, self._asker.sleep)
        said = await wrong.ask("ping")
        if said.status in {401, 403}:
            self._add("wrong key", Verdict.OK, str(said), "a lost session is told from silence")
        else:
            meaning = "a lost broker session may look like any other error"
            self._add("wrong key", Verdict.HANDLED, str(said), meaning)

    async def money(self) -> None:
        """Ask for the funds."""
        said = await self._asker.ask("funds")
        cash = said.fields.get("availablecash")
        if cash is None:
            meaning = "entries wait: what is free is not known"
            self._add("funds", Verdict.MISSING, str(said) or "no cash in it", meaning, _SESSION)
        else:
            kind = "text" if isinstance(cash, str) else "numbers"
            self._add("funds", Verdict.OK, f"{cash} free, as {kind}", "entries are checked by it")

    async def books(self, seen: Sequence[dict[str, Any]] = ()) -> None:
        """Read order, trade and position book; *seen* are order rows seen before."""
        orders = await self._book("orderbook")
        if orders is not None:
            self._judge_orders([*orders, *seen])
        await self._book("tradebook")
        rows = await self._book("positionbook") or []
        own = {str(row.get("product")) for row in rows} - {"MIS", "NRML", "CNC"}
        if own:
            found = f"products {', '.join(sorted(own))}"
            self._add("products", Verdict.HANDLED, found, "counted as ours, lest flat be assumed")

    def _judge_orders(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            found, meaning = "the order book is empty", "its form is not known yet"
            self._add("order rows", Verdict.UNCLEAR, found, meaning, "certify --orders")
            return
        self._judge_words(rows)
        self._judge_form(rows[0])

    async def reference(self) -> None:
        """Ask which options there are."""
        market = self._market
        said = await self._asker.ask(
            "expiry",
            symbol=market.underlying,
            exchange=market.exchange,
            instrumenttype="options",
        )
        try:
            self._expiry = min(map(parse_expiry, map(str, said.body.get("data") or ())))
        except (DataError, TypeError, ValueError):
            remedy = "download master contracts in OpenAlgo"
            found = str(said) or f"no expiry of {market.underlying}"
            self._add("expiry", Verdict.MISSING, found, "nothing to trade", remedy)
            return
        self._add("expiry", Verdict.OK, f"next {expiry_text(self._expiry)}", "options are listed")
        await self._chain(self._expiry)
        if self.legs:
            await self._symbol(self.legs[0])

    async def data(self) -> None:
        """Ask for quotes, history, intervals and the margin of an option."""
        if not self.legs:
            return
        leg, exchange = self.legs[0], self._market.exchange
        said = await self._asker.ask("quotes", symbol=leg.symbol, exchange=exchange)
        quoted = {"ltp", "bid", "ask"} <= said.fields.keys()
        self._needed("quotes", said, quoted, "prices can be asked for", "no price without a feed")
        said = await self._asker.ask("intervals")
        ok = "1m" in (said.fields.get("minutes") or ())
        self._needed("intervals", said, ok, "minute bars are offered", "no bars of the day so far")
        await self._history(leg)
        await self._margin(leg)

    async def pace(self) -> None:
        """Ask some things again and again, to learn how long answers take."""
        for _ in range(_SAMPLES):
            await self._asker.ask("orderbook")
            await self._asker.ask("positionbook")

    def tell_pace(self) -> None:
        """Say how long answers took."""
        latency = self._asker.latency()
        self._notes.learn(latency=latency)
        for kind, took in latency.items():
            found = f"p50 {took.p50_ms:g} ms, p99 {took.p99_ms:g} ms, calls: {took.calls}"
            patience = getattr(self._notes.profile.timeouts, f"{kind}_s")
            self._add(f"latency {kind}", Verdict.OK, found, f"waits up to {patience:g} s")

    async def _book(self, name: str) -> list[dict[str, Any]] | None:
        said = await self._asker.ask(name)
        ok = said.rows is not None
        self._needed(name, said, ok, "can be reconciled", "what is held or open is not known")
        return said.rows

    def _judge_words(self, rows: Sequence[dict[str, Any]]) -> None:
        words = sorted({str(row.get("order_status", "")) for row in rows})
        unknown = [word for word in words if wire.state_of(word) is OrderState.OTHER]
        found = ", ".join(words)
        if unknown:
            remedy = f"say in status_words of the profile what {', '.join(unknown)} means"
            meaning = "an unknown word is no end; the trade book decides"
            self._add("status words", Verdict.HANDLED, found, meaning, remedy)
        else:
            self._add("status words", Verdict.OK, found, "all are known")

    def _judge_form(self, row: dict[str, Any]) -> None:
        fills = "filled_quantity" in row
        text = isinstance(row.get("quantity"), str) or isinstance(row.get("price"), str)
        times = _pattern_of(str(row.get("timestamp", "")))
        self._notes.learn(book_has_fills=fills, numbers_are_text=text, book_times=times)
        meaning = "fills are told by it" if fills else "fills are told by stream and trade book"
        found = f"filled quantity {'told' if fills else 'not told'}"
        self._add("order rows", Verdict.OK if fills else Verdict.HANDLED, found, meaning)
        if text:
            self._add("numbers", Verdict.HANDLED, "as text", "read as numbers")
        verdict = Verdict.OK if times else Verdict.HANDLED
        meaning = "tells lost orders apart" if times else "lost orders are told apart without it"
        self._add("book times", verdict, str(row.get("timestamp")), meaning)

    async def _chain(self, expiry: date) -> None:
        said = await self._asker.ask(
            "optionchain",
            "chain",
            underlying=self._market.underlying,
            exchange=self._market.spot_exchange,
            expiry_date=expiry_text(expiry),
            strike_count=2,
        )
        rows = said.body.get("chain") or []
        legs = [row.get(right) for row in rows[len(rows) // 2 :][:1] for right in ("ce", "pe")]
        self.legs = tuple(_leg(each) for each in legs if each)
        ok = bool(self.legs)
        self._needed("option chain", said, ok, "the money is found", "no contracts to trade")

    async def _symbol(self, leg: Leg) -> None:
        said = await self._asker.ask("symbol", symbol=leg.symbol, exchange=self._market.exchange)
        freeze = int(said.fields.get("freeze_qty") or 0)
        if freeze >= leg.lot:
            found = f"lot {leg.lot}, freeze {freeze}"
            self._add("symbol", Verdict.OK, found, "large orders are cut below the freeze quantity")
        else:
            remedy = "add the underlying to OpenAlgo's data/qtyfreeze.csv, refresh the contracts"
            found = str(said) if not said.is_yes else f"freeze quantity {freeze}"
            self._add("symbol", Verdict.MISSING, found, "large orders cannot be cut", remedy)

    async def _history(self, leg: Leg) -> None:
        day = self._notes.profile.examined_at[:10]
        said = await self._asker.ask(
            "history",
            "history",
            symbol=leg.symbol,
            exchange=self._market.exchange,
            interval="1m",
            start_date=day,
            end_date=day,
        )
        ok = said.rows is not None
        found = str(said) if said.rows is None else f"{len(said.rows)} minutes of today"
        self._judge("history", found, ok, "a late start is made up for", "no start after 09:15")

    async def _margin(self, leg: Leg) -> None:
        position = {
            "symbol": leg.symbol,
            "exchange": self._market.exchange,
            "action": "SELL",
            "quantity": str(leg.lot),
            "product": "MIS",
            "pricetype": "LIMIT",
            "price": f"{leg.last:.2f}",
        }
        said = await self._asker.ask("margin", positions=[position])
        total = said.fields.get("total_margin_required")
        if total is None:
            self._add("margin", Verdict.HANDLED, str(said), "our own estimate is used")
        else:
            self._add("margin", Verdict.OK, f"{total} for one lot", "entries are checked by it")

    def _needed(self, probe: str, said: Said, ok: bool, good: str, bad: str) -> None:  # noqa: FBT001 - the test's outcome
        self._judge(probe, str(said), ok, good, bad)

    def _judge(self, probe: str, found: str, ok: bool, good: str, bad: str) -> None:  # noqa: FBT001 - as above
        if ok:
            self._add(probe, Verdict.OK, found, good)
        else:
            self._add(probe, Verdict.MISSING, found, bad, _REST)

    def _add(
        self, probe: str, verdict: Verdict, found: str, meaning: str, remedy: str = ""
    ) -> None:
        self._notes.add(probe, verdict, found, meaning, remedy)


def _leg(row: dict[str, Any]) -> Leg:
    numbers = (row.get("tick_size"), row.get("ltp"))
    tick, last = (float(number or 0.0) for number in numbers)
    return Leg(str(row.get("symbol")), int(row.get("lotsize") or 0), tick, last)


def _pattern_of(text: str) -> str:
    for pattern in (*wire.BOOK_TIMES, *_OTHER_TIMES):
        with suppress(ValueError):
            datetime.strptime(text, pattern).replace(tzinfo=IST)
            return pattern
    return ""
