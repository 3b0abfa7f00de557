"""Settings read from a file in the current folder, and what is said where they are refused."""

from pathlib import Path

import pytest

from swingbreak.domain.errors import ConfigError
from swingbreak.settings import Settings, load

KEY = "0123456789abcdef" * 4


def written(text: str) -> Path:
    path = Path("my.toml")
    path.write_text(text, encoding="utf-8")
    return path


def settings(text: str = "", **environment: str) -> Settings:
    return load(written(text), environment=environment)


def refusal(text: str = "", **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(text, **environment)
    return str(caught.value)
