"""Settings: defaults, overridden by one file, by the environment, by the command line.

Rules of this file:

1. The environment is read here and nowhere else; secrets come only from there.
2. A key that nothing knows is an error, and so is a value that is out of bounds; all of them are
   reported at once, each with where it came from and what to do.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from swingbreak.addresses import GatewayAddress, Messengers, Standby
from swingbreak.config_file import (
    AUTO,
    ConfigFile,
    basis_points,
    environment_names,
    parameters_of,
    toml_value,
    unit_of,
)
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.instrument import parse_expiry
from swingbreak.domain.money import Paise, paise
from swingbreak.domain.parameters import Parameters

__all__ = [
    "CONFIG_NAME",
    "Entry",
    "GatewayAddress",
    "Messengers",
    "Mode",
    "Settings",
    "Standby",
    "load",
    "metrics_token",
    "notify_socket",
    "require_api_key",
    "require_live",
    "require_standby_key",
    "secrets_of",
    "wants_colours",
]

CONFIG_NAME = "swingbreak.toml"

_API_KEY = "OPENALGO_API_KEY"
_BOT = "TELEGRAM_BOT_TOKEN"
_APPRISE = "APPRISE_URLS"
_METRICS = "SWINGBREAK_METRICS_TOKEN"
_STANDBY_KEY = "OPENALGO_STANDBY_API_KEY"
_SECRETS = (_API_KEY, _BOT, _APPRISE, _METRICS, _STANDBY_KEY)
_SHORTEST_TOKEN = 16
_HIDDEN = "(hidden)"
_HIDDEN_KEYS = ("telegram_chat_id",)  # who gets messages is nobody else's business
_SECRET_WORDS = ("api_key", "apikey", "token", "secret", "password")
_MODES = {"true": "paper", "1": "paper", "yes": "paper", "false": "live", "0": "live", "no": "live"}


class Mode(StrEnum):
    """Whose money it is."""

    PAPER = "paper"
    LIVE = "live"


class Entry(NamedTuple):
    """One key as it stands.

    Attributes:
        value: As the file writes it; never a secret.
        unit: Empty where the key has none.
        origin: ``default``, ``swingbreak.toml``, ``environment R_VALUE``, ``command line``.
    """

    key: str
    value: str
    unit: str
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, checked and exact.

    Attributes:
        expiry: ``None`` for the nearest one.
        atm: Strike in paise; ``None`` for the one nearest the index.
        recentre_after: Strikes that the index may be away from the centre of those that are
            followed; 0 for any number.
        brokerage: What the broker asks for each order that trades, paise.
        facts_files: Files of facts that go before the package's.
        margin_headroom_bp: What must be free beyond an entry's margin, basis points of it.
        entries: Every key with where its value came from, for ``config show``.
    """

    mode: Mode
    parameters: Parameters
    gateway: GatewayAddress
    standby: Standby
    messengers: Messengers
    underlying: str
    expiry: date | None
    atm: Paise | None
    strikes_each_side: int
    recentre_after: int
    brokerage: Paise
    facts_files: tuple[Path, ...]
    margin_headroom_bp: int
    state_dir: Path
    log_name: str
    dashboard_port: int
    entries: tuple[Entry, ...]


class _Given(NamedTuple):
    value: object
    origin: str


def load(
    path: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Return the settings.

    Args:
        path: The file; ``None`` for CONFIG_NAME in the current folder, if there is one.
        environment: The process's own by default. An empty variable counts as not set.
        overrides: Values from the command line by key; ``None`` as a value is "not given".

    Raises:
        ConfigError: A line for every key or value that is wrong.
    """
    surroundings = _set_variables(os.environ if environment is None else environment)
    given = {
        **_from_file(path),
        **_from_environment(surroundings),
        **_from_command_line(overrides or {}),
    }
    return _settings(_checked(given), given, surroundings)


def notify_socket() -> str:
    """Return where systemd wants to hear how the day is; empty where it did not start us."""
    return os.environ.get("NOTIFY_SOCKET", "")


def metrics_token(environment: Mapping[str, str] | None = None) -> str:
    """Return what a scraper of metrics has to know; empty where none may scrape.

    Raises:
        ConfigError: It is short enough to be guessed.
    """
    token = _set_variables(os.environ if environment is None else environment).get(_METRICS, "")
    if token and len(token) < _SHORTEST_TOKEN:
        raise ConfigError(
            f"{_METRICS} has {len(token)} characters: it needs {_SHORTEST_TOKEN} or more, as "
            "`openssl rand -hex 24` makes them"
        )
    return token


def require_live(settings: Settings, *, live_flag: bool) -> None:
    """Let live trading through only with both its keys, and paper only with neither.

    Raises:
        ConfigError: One of the two is missing.
    """
    if live_flag and settings.mode is not Mode.LIVE:
        raise ConfigError('--live is given but mode is "paper": set mode = "live", or drop --live')
    if settings.mode is Mode.LIVE and not live_flag:
        raise ConfigError('mode is "live" but --live is not given: add --live to trade real money')


def require_api_key(settings: Settings) -> str:
    """Return the OpenAlgo key.

    Raises:
        ConfigError: There is none.
    """
    if not settings.gateway.api_key:
        raise ConfigError(
            f"{_API_KEY} is not set: copy the key from the API Key page of {settings.gateway.host} "
            "into this environment variable"
        )
    return settings.gateway.api_key


def require_standby_key(settings: Settings) -> str:
    """Return the standby's key.

    Raises:
        ConfigError: There is none.
    """
    if not settings.standby.api_key:
        raise ConfigError(
            f"standby_ws_url is set and {_STANDBY_KEY} is not: copy the key of the OpenAlgo behind "
            f"{settings.standby.ws_url} into this environment variable, or empty standby_ws_url"
        )
    return settings.standby.api_key


def secrets_of(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the secrets that are set, for the log to hide."""
    surroundings = _set_variables(os.environ if environment is None else environment)
    return tuple(one for name in _SECRETS for one in surroundings.get(name, "").split())


def wants_colours(environment: Mapping[str, str] | None = None) -> bool:
    """Whether a terminal may be coloured: not where ``NO_COLOR`` is set or ``TERM`` is dumb."""
    surroundings = _set_variables(os.environ if environment is None else environment)
    return "NO_COLOR" not in surroundings and surroundings.get("TERM") != "dumb"


def _set_variables(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in environment.items() if value.strip()}


def _from_file(path: Path | None) -> dict[str, _Given]:
    file = path or Path(CONFIG_NAME)
    if path is None and not file.exists():
        return {}
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors on Windows add a byte-order mark
        contents = tomllib.loads(text, parse_float=Decimal)
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file}: does not exist; `swingbreak config init {file}` writes one"
        ) from error
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error
    return {key: _Given(value, str(file)) for key, value in contents.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Given]:
    given: dict[str, _Given] = {}
    for key in ConfigFile.model_fields:
        name = next((n for n in environment_names(key) if n in environment), None)
        if name is not None:
            value = environment[name]
            # the familiar switch says the same the other way round
            value = _MODES.get(value.lower(), value) if key == "mode" else value
            given[key] = _Given(value, f"environment {name}")
    return given


def _from_command_line(overrides: Mapping[str, object]) -> dict[str, _Given]:
    return {k: _Given(v, "command line") for k, v in overrides.items() if v is not None}


def _checked(given: Mapping[str, _Given]) -> ConfigFile:
    known = ConfigFile.model_fields
    problems = [_unknown(key, given[key]) for key in given if key not in known]
    try:
        file = ConfigFile.model_validate({k: g.value for k, g in given.items() if k in known})
    except ValidationError as error:
        raise ConfigError("\n".join([*problems, *_invalid(error, given)])) from error
    if problems:
        raise ConfigError("\n".join(problems))
    return file


def _unknown(key: str, given: _Given) -> str:
    if any(word in key.lower() for word in _SECRET_WORDS):
        names = " or ".join(_SECRETS)
        return f"{given.origin}: {key}: secrets are read from the environment only, as {names}"
    if isinstance(given.value, dict):
        return f"{given.origin}: [{key}]: the file has no sections; write its keys without one"
    near = _nearest(key.lower())
    hint = f"did you mean {near}?" if near else "`swingbreak config show` lists every key"
    return f"{given.origin}: {key}: unknown key; {hint}"


def _nearest(key: str) -> str | None:
    known = list(ConfigFile.model_fields)
    longer = [name for name in known if name.startswith(f"{key}_")]
    return next(iter(longer or difflib.get_close_matches(key, known, n=1)), None)


def _invalid(error: ValidationError, given: Mapping[str, _Given]) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        text = problem["msg"].removeprefix("Value error, ").replace("Input should", "should")
        text = text.replace("a valid tuple", "a list")
        if problem["loc"]:
            key = str(problem["loc"][0])
            value, origin = given[key]
            value = _HIDDEN if key in _HIDDEN_KEYS or "@" in str(value) else value
            shown = value if isinstance(value, str | int | Decimal) else type(value).__name__
            yield f"{origin}: {key} = {shown}: {text}"
        else:
            yield text


def _settings(
    file: ConfigFile, given: Mapping[str, _Given], environment: Mapping[str, str]
) -> Settings:
    return Settings(
        mode=Mode(file.mode),
        parameters=parameters_of(file),
        gateway=GatewayAddress(
            file.openalgo_host,
            file.openalgo_ws_url,
            environment.get(_API_KEY, ""),
            Path(file.gateway_profile) if file.gateway_profile else None,
        ),
        standby=Standby(
            file.standby_ws_url,
            environment.get(_STANDBY_KEY, ""),
            file.standby_after_s,
            file.standby_back_after_s,
        ),
        messengers=Messengers(
            file.telegram_enabled,
            file.telegram_api_url,
            environment.get(_BOT, ""),
            tuple(file.telegram_chat_id.split()),
            tuple(environment.get(_APPRISE, "").split()),
        ),
        underlying=file.underlying,
        expiry=None if file.expiry == AUTO else parse_expiry(file.expiry),
        atm=None if file.atm == AUTO else paise(file.atm),
        strikes_each_side=file.strikes_each_side,
        recentre_after=file.recentre_after_strikes,
        brokerage=paise(file.brokerage_per_order_rupees),
        facts_files=tuple(map(Path, file.facts_files)),
        margin_headroom_bp=basis_points(file.margin_headroom_percent),
        state_dir=Path(file.state_dir),
        log_name=file.log_name,
        dashboard_port=file.dashboard_port,
        entries=(*_entries(file, given), *_secret_entries(environment)),
    )


def _entries(file: ConfigFile, given: Mapping[str, _Given]) -> Iterator[Entry]:
    for key in ConfigFile.model_fields:
        origin = given[key].origin if key in given else "default"
        value = getattr(file, key)
        hidden = key in _HIDDEN_KEYS and value
        yield Entry(key, _HIDDEN if hidden else toml_value(value), unit_of(key), origin)


def _secret_entries(environment: Mapping[str, str]) -> Iterator[Entry]:
    for name in _SECRETS:
        is_set = name in environment
        yield Entry(
            name, _HIDDEN if is_set else "(not set)", "", "environment" if is_set else "default"
        )
