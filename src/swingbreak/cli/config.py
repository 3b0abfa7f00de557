"""``swingbreak config``: see, write and check the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import print_json, print_table, print_text
from swingbreak.domain.errors import ConfigError

__all__ = ["app"]

app = typer.Typer(help="See, write and check the configuration.", no_args_is_help=True)

_Path = Annotated[Path | None, typer.Argument(help="Default: swingbreak.toml in this folder.")]


@app.command()
def show(config: Config = None, as_json: Json = False) -> None:  # noqa: FBT002 - an option
    """Print every key with its value, its unit and where the value came from."""
    from swingbreak.settings import load  # noqa: PLC0415 - pydantic takes 0.2 s to import

    entries = load(config).entries
    if as_json:
        names = ("key", "value", "unit", "from")
        print_json([dict(zip(names, entry, strict=True)) for entry in entries])
    else:
        print_table(("key", ">value", "unit", "from"), entries)


@app.command()
def init(path: _Path = None) -> None:
    """Write the configuration file with every key, its meaning, unit and default."""
    from swingbreak.config_file import template  # noqa: PLC0415 - as above
    from swingbreak.settings import CONFIG_NAME  # noqa: PLC0415 - as above

    target = path or Path(CONFIG_NAME)
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(template())
    except FileExistsError as error:
        raise ConfigError(
            f"{target}: exists already; give another name, or move it away"
        ) from error
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror}") from error
    print_text(f"{target} written; `swingbreak config check {target}` checks it after a change")


@app.command()
def check(path: _Path = None, as_json: Json = False) -> None:  # noqa: FBT002 - an option
    """Check the file together with the environment; report everything that is wrong."""
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    settings = load(path)
    given = [entry.key for entry in settings.entries if entry.origin != "default"]
    if as_json:
        print_json({"ok": True, "mode": settings.mode, "given": given})
    else:
        print_text(f"configuration is valid: mode {settings.mode}, {len(given)} keys given")
