"""WebSockets that fail a check."""

from tests.preflight_cases.case import NO, NOWHERE, REMARK, WAIT, Case
from tests.preflight_rig import OPTIONS, Scene, Socket

FEED = {
    "no WebSocket": Case(
        "feed",
        WAIT,
        ("no OpenAlgo WebSocket answers", "openalgo_ws_url"),
        Scene(config={"openalgo_ws_url": f"ws://{NOWHERE}"}),
    ),
    "another WebSocket": Case(
        "feed", WAIT, ("no OpenAlgo WebSocket",), Scene(socket=Socket(is_json=False))
    ),
    "a feed that refuses the key": Case(
        "feed-log-in",
        NO,
        ("AUTHENTICATION_ERROR", "copy the API key"),
        Scene(socket=Socket(code="AUTHENTICATION_ERROR")),
    ),
    "a feed without a broker": Case(
        "feed-log-in",
        WAIT,
        ("BROKER_ERROR", "log in to the broker"),
        Scene(socket=Socket(code="BROKER_ERROR")),
    ),
    "a feed that hangs up": Case(
        "feed-log-in", WAIT, ("closed",), Scene(socket=Socket(hangs_up="authenticate"))
    ),
    "a feed that does not stay": Case(
        "feed-log-in",
        WAIT,
        ("closed", "log in"),
        Scene(socket=Socket(hangs_up="subscribe", silent=frozenset({OPTIONS[0]})), ticks_s=10.0),
    ),
    "a symbol that is not taken": Case(
        "subscriptions",
        REMARK,
        (OPTIONS[0], "no token", "master contracts"),
        Scene(socket=Socket(missing=frozenset({OPTIONS[0]}))),
        more=("option-ticks",),
    ),
    "an index that is not taken": Case(
        "subscriptions",
        WAIT,
        ("NIFTY: no token",),
        Scene(socket=Socket(missing=frozenset({"NIFTY"}))),
        more=("index-ticks",),
    ),
    "an index that is mute": Case(
        "index-ticks",
        WAIT,
        ("NIFTY is mute", "in again"),
        Scene(socket=Socket(silent=frozenset({"NIFTY"}))),
    ),
    "options that are mute": Case(
        "option-ticks",
        WAIT,
        ("mute", "in again"),
        Scene(socket=Socket(silent=frozenset(OPTIONS))),
    ),
    "an option that is mute": Case(
        "option-ticks",
        REMARK,
        (f"silent so far: {OPTIONS[3]}",),
        Scene(socket=Socket(silent=frozenset({OPTIONS[3]}))),
    ),
    "a standby that is not there": Case(
        "standby",
        REMARK,
        ("no OpenAlgo WebSocket answers", "standby_ws_url empty"),
        Scene(
            config={"standby_ws_url": f"ws://{NOWHERE}"},
            environment={"OPENALGO_STANDBY_API_KEY": "x"},
        ),
    ),
    "a standby without a key": Case(
        "standby",
        NO,
        ("OPENALGO_STANDBY_API_KEY is not",),
        Scene(config={"standby_ws_url": f"ws://{NOWHERE}"}),
    ),
    "no order updates": Case(
        "order-stream",
        REMARK,
        ("every second", "ORDER_UPDATES_ENABLED"),
        Scene(socket=Socket(has_stream=False)),
    ),
}
