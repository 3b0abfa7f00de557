"""Settings that are secret, or go with one: keys, tokens, who gets messages, real money."""

import pytest

from swingbreak.domain.errors import ConfigError
from swingbreak.settings import (
    load,
    metrics_token,
    require_api_key,
    require_live,
    require_standby_key,
    secrets_of,
)
from tests.settings_files import KEY, refusal, settings

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


@pytest.mark.parametrize(
    ("mode", "flag", "match"),
    [
        pytest.param("live", False, "add --live", id="setting-alone"),
        pytest.param("paper", True, 'set mode = "live"', id="flag-alone"),
    ],
)
def test_live_needs_both_its_keys(mode: str, flag: bool, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        require_live(settings(f'mode = "{mode}"'), live_flag=flag)


@pytest.mark.parametrize(("mode", "flag"), [("live", True), ("paper", False)])
def test_both_keys_or_neither_are_accepted(mode: str, flag: bool) -> None:
    found = settings(f'mode = "{mode}"')
    require_live(found, live_flag=flag)
    assert found.mode == mode


def test_secrets_come_from_the_environment_and_are_not_shown() -> None:
    found = settings("", OPENALGO_API_KEY=f" {KEY}\n")
    assert require_api_key(found) == KEY
    assert KEY not in repr(found)
    shown = {entry.key: (entry.value, entry.origin) for entry in found.entries}
    assert shown["OPENALGO_API_KEY"] == ("(hidden)", "environment")
    assert shown["TELEGRAM_BOT_TOKEN"] == ("(not set)", "default")
    assert secrets_of({"OPENALGO_API_KEY": KEY, "HOME": "x"}) == (KEY,)


def test_who_gets_messages_is_not_shown() -> None:
    found = settings(
        "telegram_chat_id = '123456789, -100987654321'",
        TELEGRAM_BOT_TOKEN="1111:secret-part",
        APPRISE_URLS="json://user:word@host ntfy://topic",
    )
    messengers = found.messengers
    assert messengers.chats == ("123456789", "-100987654321")
    assert messengers.apprise_urls == ("json://user:word@host", "ntfy://topic")
    shown = {entry.key: entry.value for entry in found.entries}
    names = ("telegram_chat_id", "TELEGRAM_BOT_TOKEN", "APPRISE_URLS")
    assert {shown[name] for name in names} == {"(hidden)"}
    text = f"{found!r} {shown}"
    assert [secret for secret in messengers.secrets if secret in text] == []
    assert "secret-part" in messengers.secrets


def test_a_standby_has_an_address_and_a_key_of_its_own() -> None:
    assert settings().standby.ws_url == ""
    found = settings(
        "standby_after_s = 9",
        OPENALGO_STANDBY_WS_URL="ws://10.0.0.2:8765/",
        OPENALGO_STANDBY_API_KEY=KEY,
    )
    standby = found.standby
    assert (standby.ws_url, standby.after_s, standby.back_after_s) == ("ws://10.0.0.2:8765", 9, 60)
    assert require_standby_key(found) == KEY
    assert KEY not in repr(found)
    with pytest.raises(ConfigError, match="OPENALGO_STANDBY_API_KEY is not"):
        require_standby_key(settings("standby_ws_url = 'ws://10.0.0.2:8765'"))
    assert "a standby is a second server" in refusal("standby_ws_url = 'ws://127.0.0.1:8765'")
    assert "standby_ws_url = http://x" in refusal("standby_ws_url = 'http://x'")


def test_the_token_of_a_scraper_is_a_secret_that_cannot_be_guessed() -> None:
    assert metrics_token({}) == ""
    surroundings = {"SWINGBREAK_METRICS_TOKEN": "0123456789abcdef"}
    assert metrics_token(surroundings) == "0123456789abcdef"
    assert secrets_of(surroundings) == ("0123456789abcdef",)
    with pytest.raises(ConfigError, match=r"has 15 characters.*openssl rand"):
        metrics_token({"SWINGBREAK_METRICS_TOKEN": "0123456789abcde"})


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("openalgo_host", "http://me:hushhush@10.0.0.2"),
        ("openalgo_ws_url", "ws://me:hushhush@10.0.0.2"),
        ("standby_ws_url", "ws://hushhush@10.0.0.2"),
        ("telegram_api_url", "https://me:hushhush@10.0.0.2"),
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(key: str, address: str) -> None:
    said = refusal(f"{key} = '{address}'")
    assert f"{key} = (hidden)" in said
    assert "without a user and a password" in said
    assert "hushhush" not in said


def test_a_missing_key_is_named_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match=r"OPENALGO_API_KEY is not set.*http://127\.0\.0\.1:5000"):
        require_api_key(settings())


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_POSITIONS", "1")
    monkeypatch.setenv("OPENALGO_API_KEY", KEY)
    assert load().parameters.max_positions == 1
    assert KEY in secrets_of()
