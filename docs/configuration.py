"""Writes the reference of settings from the code.

    python docs/configuration.py

writes it anew.
"""

from collections.abc import Iterator
from pathlib import Path

from swingbreak.config_file import (
    ConfigFile,
    bounds_of,
    environment_names,
    group_of,
    toml_value,
    unit_of,
)

PAGE = Path(__file__).parent / "reference" / "configuration.md"
_HEAD = """\
# Settings

`swingbreak config init` writes `swingbreak.toml` with every key at its default; `config show` tells
what holds and where it is from; `config check FILE` checks a file. The command line comes before
the environment, the environment before the file, the file before the default. An unknown key is an
error that names the nearest one. Secrets are read from the environment alone, and no output has
them. This page is made from the code by `docs/configuration.py`.
"""
_ROW = "| key | default | unit, bounds | environment | meaning |\n|---|---|---|---|---|"


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for key, field in ConfigFile.model_fields.items():
        if group := group_of(key):
            yield f"## {group}\n\n{_ROW}"
        names = ", ".join(f"`{name}`" for name in environment_names(key))
        within = ", ".join(filter(None, (unit_of(key), bounds_of(key))))
        default = f"`{toml_value(field.default)}`"
        yield f"| `{key}` | {default} | {within} | {names} | {field.description} |"
        if _ends_group(key):
            yield ""


def _ends_group(key: str) -> bool:
    keys = list(ConfigFile.model_fields)
    following = keys.index(key) + 1
    return following < len(keys) and bool(group_of(keys[following]))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
