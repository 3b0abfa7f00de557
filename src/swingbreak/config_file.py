"""Every key of the configuration file: name, unit, meaning, bounds and default.

Rules of this file:

1. One key, one name, no sections; its unit is in its name. Secrets are not keys.
2. Amounts and percentages are decimal, never binary: ``3.05`` is three rupees and five paise.
3. The class below is the one list; the commented file and ``config show`` are made from it.
"""

from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from swingbreak import config_values
from swingbreak.config_values import AUTO
from swingbreak.domain.money import paise
from swingbreak.domain.parameters import EntryType, Foreign, Parameters, SwingRule

__all__ = [
    "AUTO",
    "ConfigFile",
    "basis_points",
    "bounds_of",
    "environment_names",
    "group_of",
    "parameters_of",
    "template",
    "toml_value",
    "unit_of",
]

_UNITS = {
    "_rupees": "rupees",
    "_percent": "percent",
    "_ticks": "price steps",
    "_ms": "milliseconds",
    "_s": "seconds",
    "_r": "R",
    "_ist": "time in India",
}
_MOST_RUPEES = 10_000_000
_HEAD = """\
# swingbreak: every setting, with its default unless changed below.
# A key's unit is in its name. An environment variable named beside a key overrides it.
# Secrets are read from the environment only: OPENALGO_API_KEY, TELEGRAM_BOT_TOKEN, APPRISE_URLS,
# SWINGBREAK_METRICS_TOKEN, OPENALGO_STANDBY_API_KEY.
"""


def _key(default: object, meaning: str, *, group: str = "", env: str = "", **bounds: Any) -> Any:
    extra: dict[str, JsonValue] = {"group": group, "env": env}
    return Field(default, description=meaning, json_schema_extra=extra, **bounds)


def _rupees(default: str, meaning: str, *, group: str = "", env: str = "", **bounds: Any) -> Any:
    limits = {"decimal_places": 2, "le": _MOST_RUPEES, **bounds}
    return _key(Decimal(default), meaning, group=group, env=env, **limits)


def _steps(default: str, meaning: str) -> Any:
    return _rupees(default, meaning, gt=0, multiple_of=Decimal("0.05"))


def _percent(default: str, meaning: str) -> Any:
    return _key(Decimal(default), meaning, decimal_places=2, ge=0, le=100)


_FilePath = Annotated[str, StringConstraints(min_length=1)]
_Count = Annotated[int, BeforeValidator(config_values.number)]
_Clock = Annotated[
    time, BeforeValidator(config_values.clock), AfterValidator(config_values.in_session)
]


class ConfigFile(BaseModel):
    """The file's contents, in the file's units."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    mode: Literal["paper", "live"] = _key(
        "paper",
        '"paper" trades simulated money. "live" also needs --live on the command line.',
        group="What runs",
        env="PAPER_TRADING",
    )
    underlying: str = _key("NIFTY", "The index whose options are traded.", pattern=r"^[A-Z0-9]+$")
    expiry: Annotated[str, AfterValidator(config_values.expiry)] = _key(
        AUTO, '"auto" for the nearest expiry, or a date like "26DEC24".'
    )
    atm: Annotated[str, BeforeValidator(config_values.atm)] = _key(
        AUTO, '"auto" for the strike nearest the index, or a strike in rupees, which stays.'
    )
    strikes_each_side: _Count = _key(
        10, "Strikes watched above and below the money, calls and puts of each.", ge=1, le=50
    )
    recentre_after_strikes: _Count = _key(
        4,
        "With atm auto: how many strikes the index may be from the middle of those watched before "
        "they are moved to it. 0 for any number.",
        ge=0,
        le=50,
    )
    state_dir: str = _key(
        "swingbreak-state",
        "Folder of the state database, logs and CSVs; relative to where swingbreak is started.",
        min_length=1,
    )
    facts_files: tuple[_FilePath, ...] = _key(
        (),
        'Files of facts of your own, like ["facts.toml"]: a holiday, a lot, a charge.',
    )
    log_name: str = _key(
        "swingbreak", "First part of the names of log files.", pattern=r"^[A-Za-z0-9_-]+$"
    )

    openalgo_host: Annotated[str, AfterValidator(config_values.http_address)] = _key(
        "http://127.0.0.1:5000",
        "Address of the OpenAlgo server.",
        group="OpenAlgo",
        env="OPENALGO_HOST HOST_SERVER",
    )
    openalgo_ws_url: Annotated[str, AfterValidator(config_values.ws_address)] = _key(
        "ws://127.0.0.1:8765",
        "Address of its WebSocket.",
        env="OPENALGO_WS_URL WEBSOCKET_URL",
    )
    gateway_profile: str = _key(
        "", "File that `swingbreak certify --write` made of this server; empty for none."
    )
    standby_ws_url: Annotated[str, AfterValidator(config_values.ws_address_or_none)] = _key(
        "",
        "WebSocket of a second OpenAlgo, for ticks while the first is silent; empty for none.",
        group="Standby feed",
        env="OPENALGO_STANDBY_WS_URL",
    )
    standby_after_s: _Count = _key(
        5, "Silence of the first, while the standby ticks, after which it leads.", ge=1, le=300
    )
    standby_back_after_s: _Count = _key(
        60,
        "How long the first has to tick before it leads again; twice as long each next time.",
        ge=10,
        le=3600,
    )

    telegram_enabled: bool = _key(
        False,
        "Whether `swingbreak notify` sends messages by Telegram and takes commands there.",
        group="Telegram",
        env="TELEGRAM_ENABLED",
    )
    telegram_chat_id: Annotated[str, AfterValidator(config_values.chats)] = _key(
        "",
        "Chats that get messages and may give commands, by number, the owner's first.",
        env="TELEGRAM_CHAT_ID",
    )
    telegram_api_url: Annotated[str, AfterValidator(config_values.sealed_address)] = _key(
        "https://api.telegram.org",
        "Address of the Bot API; http only on this machine, for the address contains the token.",
    )

    dashboard_port: _Count = _key(
        8710,
        "Port of this machine that `swingbreak dashboard` listens on; 0 for any that is free.",
        group="Dashboard",
        ge=0,
        le=65_535,
    )

    swing_rule: SwingRule = _key(
        SwingRule.WATCH2,
        'How swings are confirmed: "watch2" or "watch2-alternating".',
        group="Levels: which swing lows qualify",
    )
    price_min_rupees: Decimal = _rupees("100.00", "Lowest swing price, inclusive.", gt=0)
    price_max_rupees: Decimal = _rupees("300.00", "Highest swing price, inclusive.", gt=0)
    vwap_premium_min_percent: Decimal = _percent(
        "4.00", "Least distance of the swing price above the session VWAP, inclusive."
    )
    stop_buffer_rupees: Decimal = _steps("1.00", "Stop above the highest high since the swing.")
    stop_min_percent: Decimal = _percent("2.00", "Least stop points over swing price, inclusive.")
    stop_max_percent: Decimal = _percent("10.00", "Most stop points over swing price, inclusive.")

    target_points_rupees: Decimal = _rupees(
        "10.00", "Stop points that rank best.", group="Selection and size", gt=0
    )
    prefer_round_strike: bool = _key(False, "Whether a round strike breaks a tie.")
    round_strike_rupees: Decimal = _rupees("100.00", "A strike is round at multiples of.", gt=0)
    r_value_rupees: Decimal = _rupees(
        "6500.00", "One R: what a trade that is stopped loses.", env="R_VALUE", gt=0
    )
    max_lots_per_position: _Count = _key(
        10, "Most lots in one position.", env="MAX_LOTS_PER_POSITION", ge=1, le=1000
    )

    entry_type: EntryType = _key(
        EntryType.STOP_LIMIT,
        'How an entry rests. "limit" sells at once, before any break; paper study only.',
        group="Entries",
    )
    entry_offset_ticks: _Count = _key(1, "Trigger below the swing low.", ge=1, le=100)
    entry_limit_buffer_rupees: Decimal = _steps("3.00", "Entry limit below its trigger.")
    entry_fill_s: _Count = _key(60, "How long a triggered entry may stay unfilled.", ge=1, le=3600)
    last_entry_ist: _Clock = _key(time(15, 15), "After this no entry rests.")
    max_positions: _Count = _key(
        5, "Positions and live entries together.", env="MAX_POSITIONS", ge=1, le=100
    )
    max_per_right: _Count = _key(3, "The same, for calls and for puts.", ge=1, le=100)
    margin_headroom_percent: Decimal = _percent(
        "10.00", "What must be free beyond the margin that the broker asks for an entry."
    )

    stop_limit_buffer_rupees: Decimal = _steps("3.00", "Limit of a stop above its trigger.")
    chase_after_s: _Count = _key(
        1, "How long a triggered stop may stay unfilled before its limit steps up.", ge=1, le=60
    )
    chase_step_rupees: Decimal = _steps("3.00", "How far an exit's limit stands above the offer.")
    unprotected_limit_s: _Count = _key(
        30,
        "How long a position may be without a stop at the exchange; then nothing is entered, and "
        "it is exited if no stop could be sent.",
        ge=5,
        le=600,
    )
    daily_target_r: _Count = _key(5, "R of the account that ends the day, at or above.", ge=1)
    daily_stop_r: _Count = _key(-5, "R of the account that ends the day, at or below.", le=-1)
    force_exit_ist: _Clock = _key(time(15, 15), "When everything is closed.")
    foreign: Foreign = _key(
        Foreign.REPORT,
        'What others trade in symbols we follow: "report" tells and enters nothing there, "adopt" '
        'protects their shorts as ours, "flatten" exits them and cancels their orders.',
    )

    brokerage_per_order_rupees: Decimal = _rupees(
        "20.00",
        "What the broker asks for each order that trades, in however many parts.",
        group="Charges",
        ge=0,
    )

    bar_grace_ms: _Count = _key(
        1500, "How long after its minute a bar closes.", group="Market data", ge=0, le=30_000
    )
    stale_after_s: _Count = _key(
        30, "Silence after which a symbol with an order or position is stale.", ge=1, le=3600
    )
    feed_stale_after_s: _Count = _key(
        10, "Silence of the whole feed after which nothing may be entered.", ge=1, le=3600
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if contradictions := "; ".join(self._contradictions()):
            raise ValueError(contradictions)
        return self

    def _contradictions(self) -> Iterator[str]:
        if self.price_min_rupees > self.price_max_rupees:
            yield "price_min_rupees is above price_max_rupees"
        if self.stop_min_percent > self.stop_max_percent:
            yield "stop_min_percent is above stop_max_percent"
        if self.standby_ws_url == self.openalgo_ws_url:
            yield "standby_ws_url is openalgo_ws_url: a standby is a second server"
        if self.mode == "live" and self.entry_type is EntryType.LIMIT:
            yield 'entry_type "limit" is for paper only; with mode "live" use "stop_limit"'
        if self.telegram_enabled and not self.telegram_chat_id:
            yield (
                "telegram_enabled is true and telegram_chat_id is empty; without telegram_enabled "
                "`swingbreak notify --test` shows which chats have written to the bot"
            )


def parameters_of(file: ConfigFile) -> Parameters:
    """Return the strategy's parameters, amounts in paise and percentages in basis points."""
    return Parameters(
        price_min=paise(file.price_min_rupees),
        price_max=paise(file.price_max_rupees),
        vwap_premium_min_bp=basis_points(file.vwap_premium_min_percent),
        stop_buffer=paise(file.stop_buffer_rupees),
        stop_min_bp=basis_points(file.stop_min_percent),
        stop_max_bp=basis_points(file.stop_max_percent),
        target_points=paise(file.target_points_rupees),
        prefer_round_strike=file.prefer_round_strike,
        round_strike=paise(file.round_strike_rupees),
        r_value=paise(file.r_value_rupees),
        max_lots=file.max_lots_per_position,
        entry_type=file.entry_type,
        entry_offset_ticks=file.entry_offset_ticks,
        entry_limit_buffer=paise(file.entry_limit_buffer_rupees),
        entry_fill_s=file.entry_fill_s,
        max_positions=file.max_positions,
        max_per_right=file.max_per_right,
        stop_limit_buffer=paise(file.stop_limit_buffer_rupees),
        chase_after_s=file.chase_after_s,
        chase_step=paise(file.chase_step_rupees),
        unprotected_limit_s=file.unprotected_limit_s,
        daily_target_r=file.daily_target_r,
        daily_stop_r=file.daily_stop_r,
        force_exit=file.force_exit_ist,
        last_entry=file.last_entry_ist,
        swing_rule=file.swing_rule,
        foreign=file.foreign,
        bar_grace_ms=file.bar_grace_ms,
        stale_after_s=file.stale_after_s,
        feed_stale_after_s=file.feed_stale_after_s,
    )


def basis_points(percent: Decimal) -> int:
    """Return *percent* as basis points; it has two places at most."""
    return int(percent * 100)


def unit_of(key: str) -> str:
    """Return the unit that *key* carries in its name, empty where it has none."""
    return next((unit for suffix, unit in _UNITS.items() if key.endswith(suffix)), "")


def environment_names(key: str) -> tuple[str, ...]:
    """Return the environment variables that override *key*, the first one that is set wins."""
    return tuple(str(_extra(key)["env"]).split())


def toml_value(value: object) -> str:
    """Return *value* as the file writes it."""
    match value:
        case bool():
            return str(value).lower()
        case time():
            return f'"{value:%H:%M}"' if value.second == 0 else f'"{value:%H:%M:%S}"'
        case tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case _:
            return str(value)


def template(changes: Mapping[str, object] | None = None) -> str:
    """Return the commented file with every key at its default, except *changes*."""
    values = {**ConfigFile().model_dump(), **(changes or {})}
    lines = [_HEAD]
    for key, field in ConfigFile.model_fields.items():
        if group := group_of(key):
            lines.append(f"\n# {group}\n")
        lines.append(f"# {field.description}")
        names = " or ".join(environment_names(key))
        facts = [f"Default {toml_value(field.default)}", unit_of(key)]
        lines.append(f"# {' '.join(facts).strip()}{f'; environment {names}' if names else ''}.")
        lines.append(f"{key} = {toml_value(values[key])}\n")
    return "\n".join(lines)


def group_of(key: str) -> str:
    """Return the heading that *key* begins, empty where it stands under the one before."""
    return str(_extra(key)["group"])


def bounds_of(key: str) -> str:
    """Return what values *key* takes besides those of its kind, in a few words; perhaps nothing."""
    schema = ConfigFile.model_json_schema()["properties"][key]
    kinds = [schema, *schema.get("anyOf", ())]
    least = next((each["minimum"] for each in kinds if "minimum" in each), None)
    most = next((each["maximum"] for each in kinds if "maximum" in each), None)
    above = next((each["exclusiveMinimum"] for each in kinds if "exclusiveMinimum" in each), None)
    words = [
        f"above {above:g}" if above is not None else "",
        f"from {least:g}" if least is not None else "",
        f"to {most:g}" if most is not None else "",
    ]
    return " ".join(filter(None, words))


def _extra(key: str) -> dict[str, Any]:
    extra = ConfigFile.model_fields[key].json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}
