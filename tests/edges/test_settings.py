"""Settings from every source: defaults, file, environment, overrides, and what is refused."""

from dataclasses import fields, replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from swingbreak.config_file import ConfigFile, parameters_of, template, toml_value, unit_of
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.parameters import EntryType, Foreign, Parameters, SwingRule
from swingbreak.settings import CONFIG_NAME, Mode, load
from tests.settings_files import KEY, refusal, settings, written

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

ROOT = Path(__file__).parents[2]


def test_without_a_file_everything_is_at_its_default() -> None:
    found = load(environment={})
    assert found.parameters == Parameters()
    assert (found.mode, found.underlying, found.expiry, found.atm) == (
        Mode.PAPER,
        "NIFTY",
        None,
        None,
    )
    assert (found.strikes_each_side, found.state_dir) == (10, Path("swingbreak-state"))
    assert (found.gateway.host, found.gateway.ws_url, found.gateway.api_key) == (
        "http://127.0.0.1:5000",
        "ws://127.0.0.1:8765",
        "",
    )
    assert {entry.origin for entry in found.entries} == {"default"}


# One changed value for every key that becomes a parameter, and what it becomes.
CHANGES: dict[str, tuple[str, str, Any]] = {
    "price_min_rupees": ("120.05", "price_min", 120_05),
    "price_max_rupees": ('"280"', "price_max", 280_00),
    "vwap_premium_min_percent": ("4.25", "vwap_premium_min_bp", 425),
    "stop_buffer_rupees": ("0.35", "stop_buffer", 35),
    "stop_min_percent": ("2.57", "stop_min_bp", 257),
    "stop_max_percent": ("9", "stop_max_bp", 900),
    "target_points_rupees": ("12.50", "target_points", 12_50),
    "prefer_round_strike": ("true", "prefer_round_strike", True),
    "round_strike_rupees": ("500", "round_strike", 500_00),
    "r_value_rupees": ("5000.01", "r_value", 5000_01),
    "max_lots_per_position": ("3", "max_lots", 3),
    "entry_type": ('"limit"', "entry_type", EntryType.LIMIT),
    "entry_offset_ticks": ("2", "entry_offset_ticks", 2),
    "entry_limit_buffer_rupees": ("2.95", "entry_limit_buffer", 2_95),
    "entry_fill_s": ("30", "entry_fill_s", 30),
    "last_entry_ist": ("14:45:00", "last_entry", time(14, 45)),
    "max_positions": ("4", "max_positions", 4),
    "max_per_right": ("2", "max_per_right", 2),
    "stop_limit_buffer_rupees": ("4.00", "stop_limit_buffer", 4_00),
    "chase_after_s": ("3", "chase_after_s", 3),
    "unprotected_limit_s": ("20", "unprotected_limit_s", 20),
    "chase_step_rupees": ("1.00", "chase_step", 1_00),
    "daily_target_r": ("4", "daily_target_r", 4),
    "daily_stop_r": ("-3", "daily_stop_r", -3),
    "force_exit_ist": ('"15:10"', "force_exit", time(15, 10)),
    "swing_rule": ('"watch2-alternating"', "swing_rule", SwingRule.WATCH2_ALTERNATING),
    "foreign": ('"adopt"', "foreign", Foreign.ADOPT),
    "bar_grace_ms": ("1000", "bar_grace_ms", 1000),
    "stale_after_s": ("20", "stale_after_s", 20),
    "feed_stale_after_s": ("15", "feed_stale_after_s", 15),
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_key_changes_its_parameter_and_no_other(key: str) -> None:
    text, name, value = CHANGES[key]
    expected = replace(Parameters(), **{name: value})
    assert expected != Parameters()
    assert settings(f"{key} = {text}").parameters == expected


def test_every_parameter_has_exactly_one_key() -> None:
    assert sorted(name for _, name, _ in CHANGES.values()) == sorted(
        field.name for field in fields(Parameters)
    )
    other = ConfigFile.model_fields.keys() - CHANGES.keys()
    assert other == {
        "mode",
        "underlying",
        "expiry",
        "atm",
        "strikes_each_side",
        "dashboard_port",
        "standby_ws_url",
        "standby_after_s",
        "standby_back_after_s",
        "recentre_after_strikes",
        "brokerage_per_order_rupees",
        "margin_headroom_percent",
        "state_dir",
        "facts_files",
        "log_name",
        "gateway_profile",
        "openalgo_host",
        "openalgo_ws_url",
        "telegram_enabled",
        "telegram_chat_id",
        "telegram_api_url",
    }


def test_the_defaults_are_those_of_the_domain() -> None:
    assert parameters_of(ConfigFile()) == Parameters()


@pytest.mark.parametrize(
    ("name", "mode"),
    [("config/paper.toml", "paper"), ("config/live.example.toml", "live")],
)
def test_the_files_in_the_repository_are_the_written_ones(name: str, mode: str) -> None:
    path = ROOT / name
    assert path.read_text(encoding="utf-8") == template({"mode": mode})
    found = load(path, environment={})
    assert (found.mode, found.parameters) == (mode, Parameters())


def test_the_written_file_says_meaning_unit_and_default_of_every_key() -> None:
    text = template()
    for key, field in ConfigFile.model_fields.items():
        assert field.description
        assert f"# {field.description}\n" in text
        default = toml_value(field.default)
        assert f"# Default {f'{default} {unit_of(key)}'.strip()}" in text
        assert f"\n{key} = {default}\n" in text


PRECEDENCE = [
    pytest.param("", {}, {}, "6500.00", "default", id="default"),
    pytest.param("r_value_rupees = 5000", {}, {}, "5000", "my.toml", id="file"),
    pytest.param(
        "r_value_rupees = 5000", {"R_VALUE": "4000"}, {}, "4000", "environment R_VALUE", id="env"
    ),
    pytest.param(
        "r_value_rupees = 5000",
        {"R_VALUE": "4000"},
        {"r_value_rupees": "3000"},
        "3000",
        "command line",
        id="command-line",
    ),
    pytest.param(
        "r_value_rupees = 5000",
        {"R_VALUE": " "},
        {"r_value_rupees": None},
        "5000",
        "my.toml",
        id="empty-is-not-given",
    ),
]


@pytest.mark.parametrize(("text", "environment", "overrides", "value", "origin"), PRECEDENCE)
def test_the_nearest_source_wins_and_is_named(
    text: str, environment: dict[str, str], overrides: dict[str, object], value: str, origin: str
) -> None:
    found = load(written(text), environment=environment, overrides=overrides)
    (entry,) = (entry for entry in found.entries if entry.key == "r_value_rupees")
    assert (entry.value, entry.unit, entry.origin) == (value, "rupees", origin)


@pytest.mark.parametrize(
    ("environment", "host", "ws_url"),
    [
        pytest.param(
            {
                "OPENALGO_HOST": "http://10.0.0.5:5000/",
                "HOST_SERVER": "http://other:1",
                "OPENALGO_WS_URL": "ws://10.0.0.5:8765",
                "WEBSOCKET_URL": "ws://other:2",
            },
            "http://10.0.0.5:5000",
            "ws://10.0.0.5:8765",
            id="ours-first",
        ),
        pytest.param(
            {"HOST_SERVER": "https://trade.example", "WEBSOCKET_URL": "wss://trade.example/ws"},
            "https://trade.example",
            "wss://trade.example/ws",
            id="the-strategy-host's",
        ),
    ],
)
def test_familiar_addresses_are_found(environment: dict[str, str], host: str, ws_url: str) -> None:
    found = settings("", **environment)
    assert (found.gateway.host, found.gateway.ws_url) == (host, ws_url)


def test_familiar_limits_are_found() -> None:
    found = settings("", MAX_POSITIONS="3", MAX_LOTS_PER_POSITION="2", R_VALUE="5000").parameters
    assert (found.max_positions, found.max_lots, found.r_value) == (3, 2, 5000_00)


@pytest.mark.parametrize(
    ("said", "mode"),
    [("true", "paper"), ("TRUE", "paper"), ("1", "paper"), ("false", "live"), ("no", "live")],
)
def test_the_familiar_paper_switch_sets_the_mode(said: str, mode: str) -> None:
    assert settings("", PAPER_TRADING=said).mode == mode


def test_expiry_and_strike_are_exact() -> None:
    found = settings('expiry = "26dec24"\natm = 24200')
    assert (found.expiry, found.atm) == (date(2024, 12, 26), 24200_00)
    assert settings('expiry = "auto"\natm = "auto"').atm is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("r_valu_rupees = 1", ("my.toml", "mean r_value_rupees"), id="typo"),
        pytest.param("R_VALUE = 1", ("R_VALUE", "r_value_rupees"), id="spelling"),
        pytest.param("max_lots = 5", ("did you mean max_lots_per_position",), id="short"),
        pytest.param("zzz = 5", ("zzz", "config show"), id="like-nothing"),
        pytest.param("[risk]\nmax_positions = 3", ("[risk]", "no sections"), id="section"),
        pytest.param(f'openalgo_api_key = "{KEY}"', ("OPENALGO_API_KEY",), id="secret"),
        pytest.param("max_positions = 0", ("max_positions = 0", "greater than"), id="low"),
        pytest.param("max_positions = true", ("should be a number",), id="bool-for-number"),
        pytest.param("max_positions = 2.5", ("max_positions = 2.5",), id="fraction"),
        pytest.param("max_positions = [1]", ("max_positions = list",), id="list"),
        pytest.param("r_value_rupees = 0", ("r_value_rupees = 0",), id="no-risk"),
        pytest.param("r_value_rupees = nan", ("r_value_rupees = NaN",), id="nan"),
        pytest.param("r_value_rupees = 0.005", ("2 decimal places",), id="half-a-paisa"),
        pytest.param('r_value_rupees = "6,500"', ("r_value_rupees = 6,500",), id="comma"),
        pytest.param("stop_buffer_rupees = 0.03", ("multiple of 0.05",), id="off-the-tick"),
        pytest.param("vwap_premium_min_percent = 4.001", ("2 decimal places",), id="percent"),
        pytest.param("daily_stop_r = 5", ("daily_stop_r = 5",), id="sign"),
        pytest.param("force_exit_ist = 1515", ('a time like "15:15"',), id="clock-number"),
        pytest.param('force_exit_ist = "16:00"', ("15:40",), id="after-the-close"),
        pytest.param('force_exit_ist = "15:15Z"', ("without zone",), id="zone"),
        pytest.param('expiry = "next"', ("expiry = next", "26DEC24"), id="expiry"),
        pytest.param('expiry = "31FEB25"', ("calendar",), id="no-such-day"),
        pytest.param('atm = "near"', ("atm = near", "24200"), id="atm"),
        pytest.param("atm = -5", ("atm = -5",), id="atm-negative"),
        pytest.param('openalgo_host = "localhost:5000"', ("http://127.0.0.1",), id="host"),
        pytest.param('openalgo_host = "http://x:port"', ("openalgo_host",), id="port"),
        pytest.param('openalgo_ws_url = "http://x:1"', ("ws://127.0.0.1",), id="ws"),
        pytest.param('swing_rule = "watch3"', ("watch2-alternating",), id="rule"),
        pytest.param('mode = "demo"', ("'paper' or 'live'",), id="mode"),
        pytest.param('mode = "live"\nentry_type = "limit"', ("stop_limit",), id="live-limit"),
        pytest.param(
            "price_min_rupees = 301", ("price_min_rupees is above",), id="empty-price-range"
        ),
        pytest.param("stop_min_percent = 11", ("stop_min_percent is above",), id="no-stop-range"),
        pytest.param("telegram_enabled = true", ("telegram_chat_id is empty",), id="telegram"),
        pytest.param('telegram_chat_id = "@me"', ("(hidden)", "numbers"), id="chat"),
        pytest.param('telegram_api_url = "http://x.in"', ("https",), id="open-api"),
        pytest.param("r_value_rupees 5", ("my.toml", "not TOML", "line 1"), id="not-toml"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_the_remedy(
    text: str, parts: tuple[str, ...]
) -> None:
    message = refusal(text)
    for part in parts:
        assert part in message
    assert KEY not in message


def test_a_wrong_variable_is_named() -> None:
    message = refusal("", PAPER_TRADING="maybe", R_VALUE="lots")
    assert "environment PAPER_TRADING: mode = maybe" in message
    assert "environment R_VALUE: r_value_rupees = lots" in message


def test_everything_that_is_wrong_is_reported_at_once() -> None:
    lines = refusal("max_position = 3\nchase_after_s = 0\nbar_grace_ms = -1").splitlines()
    assert [line.split(": ")[1].split(" = ")[0] for line in lines] == [
        "max_position",
        "chase_after_s",
        "bar_grace_ms",
    ]


def test_an_unknown_override_is_an_error() -> None:
    with pytest.raises(ConfigError, match="command line: strike: unknown key"):
        load(environment={}, overrides={"strike": 5})


def test_the_file_of_the_current_folder_is_found_by_itself() -> None:
    Path(CONFIG_NAME).write_text("max_positions = 2")
    assert load(environment={}).parameters.max_positions == 2


@pytest.mark.parametrize(
    ("make", "match"),
    [
        pytest.param(lambda _: None, "config init", id="missing"),
        pytest.param(Path.mkdir, "cannot be read", id="a-folder"),
        pytest.param(lambda p: p.write_bytes(b"\xff\xfem\0"), "save it as UTF-8", id="utf-16"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(make: Any, match: str) -> None:
    path = Path("mine.toml")
    make(path)
    with pytest.raises(ConfigError, match=match):
        load(path, environment={})


def test_a_byte_order_mark_does_no_harm() -> None:
    assert settings("\ufeffmax_positions = 2").parameters.max_positions == 2


def test_files_of_facts_are_named_in_a_list() -> None:
    assert settings().facts_files == ()
    found = settings('facts_files = ["mine.toml", "more/lots.toml"]')
    assert found.facts_files == (Path("mine.toml"), Path("more/lots.toml"))
    entry = next(entry for entry in found.entries if entry.key == "facts_files")
    assert entry.value == '["mine.toml", "more/lots.toml"]'
    assert template({"facts_files": ("mine.toml",)}).count('\nfacts_files = ["mine.toml"]\n') == 1


@pytest.mark.parametrize("value", ['"mine.toml"', "[3, []]", '[""]'])
def test_files_of_facts_are_nothing_else(value: str) -> None:
    assert "facts_files = " in refusal(f"facts_files = {value}")
