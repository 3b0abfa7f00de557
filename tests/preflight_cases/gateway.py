"""Gateways that fail a check over REST."""

from dataclasses import replace

from swingbreak.bootstrap.preflight.checks import CHECKS
from tests.openalgo_fakes import order_row
from tests.preflight_cases.case import BAD_KEY, NO, NOWHERE, REMARK, WAIT, Case, hang, on
from tests.preflight_rig import OPTIONS, Scene, Socket, candles, chain, data, opening, refusal

GATEWAY = {
    "holidays that hang": Case(
        "agreement",
        WAIT,
        ("nothing came",),
        replace(
            on(market__holidays=hang),
            checks=tuple(
                replace(check, seconds=0.1) if check.check_id == "agreement" else check
                for check in CHECKS
            ),
        ),
    ),
    "expiries that are refused": Case(
        "expiry", WAIT, ("HTTP 500",), on(expiry=(500, refusal("no")))
    ),
    "no gateway": Case(
        "gateway",
        WAIT,
        ("no answer", "start OpenAlgo"),
        Scene(config={"openalgo_host": f"http://{NOWHERE}"}),
    ),
    "something else at its port": Case(
        "answers", NO, ("no OpenAlgo", "openalgo_host"), on(ping=(200, "<html>hello</html>"))
    ),
    "a gateway that is broken": Case(
        "answers", WAIT, ("bad gateway",), on(ping=(502, "bad gateway"))
    ),
    "a gateway that is busy": Case(
        "answers", WAIT, ("50 per 1 second",), on(ping=(429, {"message": "50 per 1 second"}))
    ),
    "a wrong key": Case(
        "key",
        NO,
        ("knows no such key", "copy the API key"),
        replace(on(ping=BAD_KEY), socket=Socket(code="AUTHENTICATION_ERROR")),
    ),
    "no broker session": Case(
        "key",
        WAIT,
        ("no broker session", "log in to the broker"),
        replace(on(ping=BAD_KEY), socket=Socket(code="BROKER_ERROR")),
    ),
    "a key that REST alone refuses": Case(
        "key", WAIT, ("the key is known", "log in to the broker"), on(ping=BAD_KEY)
    ),
    "a refusal without a witness": Case(
        "key",
        WAIT,
        ("is mute", "only if that does not help"),
        replace(on(ping=BAD_KEY), config={"openalgo_ws_url": f"ws://{NOWHERE}"}),
        more=("feed",),
    ),
    "another refusal": Case("key", WAIT, ("refuses to say",), on(ping=(400, refusal("no")))),
    "a broker that is down": Case(
        "broker", WAIT, ("HTTP 500", "log in"), on(quotes=(500, refusal("token expired")))
    ),
    "a broker without a price": Case(
        "broker", WAIT, ("no price",), on(quotes=(200, data({"ltp": 0})))
    ),
    "the other mode": Case(
        "mode",
        NO,
        ("'paper'", "'live'", "switch"),
        on(analyzer=(200, data({"analyze_mode": False}))),
    ),
    "a mode that is not told": Case("mode", WAIT, ("analyzer",), on(analyzer=(200, data({})))),
    "another close": Case(
        "agreement",
        REMARK,
        ("session of 2026-11-20", "contracts --host"),
        on(market__timings=(200, data([opening("15:30")]))),
    ),
    "an expiry that is not listed": Case(
        "expiry", NO, ("08DEC27", "not listed"), Scene(config={"expiry": "08DEC27"})
    ),
    "no master contracts": Case("expiry", NO, ("master contracts",), on(expiry=(200, data([])))),
    "an expiry that is past": Case(
        "expiry",
        REMARK,
        ("past",),
        replace(
            on(expiry=(200, data(["17-NOV-26", "23-NOV-26", "01-DEC-26"]))),
            config={"expiry": "17NOV26"},
        ),
    ),
    "a strike that is not listed": Case(
        "symbols", NO, ("24210.00", "nearest"), Scene(config={"atm": "24210"})
    ),
    "a chain without a price": Case(
        "symbols", WAIT, ("broker session",), on(optionchain=(200, chain(())))
    ),
    "no freeze quantity": Case(
        "symbols",
        NO,
        ("qtyfreeze.csv",),
        on(symbol=(200, data({"lotsize": 65, "tick_size": 0.05, "freeze_qty": 1}))),
    ),
    "a chain that ends": Case(
        "symbols", REMARK, ("6 were wanted",), on(optionchain=(200, chain((24150, 24200))))
    ),
    "a risk that is too small": Case(
        "size",
        NO,
        ("r_value_rupees 100.00", "no position could be sized"),
        Scene(config={"r_value_rupees": "100"}),
    ),
    "a risk that is small": Case(
        "size", REMARK, ("loses more than one R",), Scene(config={"r_value_rupees": "600"})
    ),
    "no history": Case(
        "history", WAIT, ("no bar of", "wait a minute"), on(history=(200, data([])))
    ),
    "history that is refused": Case(
        "history", WAIT, ("history",), on(history=(400, refusal("no such interval")))
    ),
    "history with a hole": Case(
        "history",
        WAIT,
        ("10 minutes of NIFTY", "minute 0"),
        on(history=(200, data(candles(31, 10)))),
    ),
    "money that is not told": Case("funds", WAIT, ("no cash",), on(funds=(200, data({})))),
    "money of the other mode": Case(
        "funds",
        NO,
        ("live mode now",),
        Scene(
            answers={
                "funds": (200, data({"availablecash": 1.0})),
                # asked twice: by the check of the mode, and for an answer that does not say
                "analyzer": [
                    (200, data({"analyze_mode": True})),
                    (200, data({"analyze_mode": False})),
                ],
            }
        ),
    ),
    "no money": Case(
        "margin",
        WAIT,
        ("no entry can be carried", "add money"),
        on(funds=(200, data({"availablecash": "1000.00"}) | {"mode": "analyze"})),
    ),
    "money for some": Case(
        "margin",
        REMARK,
        ("about 2 of 5",),
        on(funds=(200, data({"availablecash": "3000000.00"}) | {"mode": "analyze"})),
    ),
    "a margin that is none": Case(
        "margin", WAIT, ("0.0 rupees",), on(margin=(200, data({"total_margin_required": 0.0})))
    ),
    "an order left over": Case(
        "orders",
        WAIT,
        ("not ours, in options of NIFTY", "SELL 650 NIFTY01DEC2624500CE", "foreign"),
        on(orderbook=(200, data({"orders": [order_row()]}))),
    ),
    "an order elsewhere": Case(
        "orders",
        REMARK,
        ("not ours: SELL 650 INFY",),
        on(orderbook=(200, data({"orders": [order_row(symbol="INFY")]}))),
    ),
    "an order that is to be cancelled": Case(
        "orders",
        REMARK,
        ("not ours: SELL",),
        replace(
            on(orderbook=(200, data({"orders": [order_row()]}))), config={"foreign": "flatten"}
        ),
    ),
    "an order that cannot be read": Case(
        "orders", REMARK, ("may be anything",), on(orderbook=(200, data({"orders": [{"a": 1}]})))
    ),
    "a position left over": Case(
        "positions",
        WAIT,
        ("NIFTY01DEC2624200CE -65", "close it"),
        on(positionbook=(200, data([{"symbol": OPTIONS[2], "quantity": -65}]))),
    ),
    "a position elsewhere": Case(
        "positions",
        REMARK,
        ("not ours: INFY +5",),
        on(positionbook=(200, data([{"symbol": "INFY", "quantity": 5}]))),
    ),
    "a position without a name": Case(
        "positions", WAIT, ("not named",), on(positionbook=(200, data([{"quantity": 65}])))
    ),
    "positions that cannot be read": Case(
        "positions", WAIT, ("position",), on(positionbook=(200, data([{"symbol": "X"}])))
    ),
}
