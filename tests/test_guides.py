"""What the guides tell people to type: commands that there are, settings that are taken."""

import importlib
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.settings import load
from tests.e2e.processes import COMMAND, environment, serving

ROOT = Path(__file__).resolve().parents[1]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
FIRST_DAY = ROOT / "docs" / "guides" / "first-day.md"


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def typed(path: Path) -> Iterator[list[str]]:
    """The words after ``swingbreak`` of every command of a guide, in their order."""
    for block in blocks(path, "console"):
        for line in block.splitlines():
            words = shlex.split(line)
            assert words[0] == "$", line
            match words[1:]:
                case ["python3", "start.py", *rest] | ["swingbreak", *rest]:
                    yield rest
                case ["export", *_]:
                    pass
                case _:
                    pytest.fail(f"{path.name}: {line}")


def root_command() -> Any:
    typer = importlib.import_module("typer")
    return typer.main.get_command(importlib.import_module("swingbreak.cli.main").application())


def test_there_are_guides_with_commands() -> None:
    assert sum(len(list(typed(path))) for path in GUIDES) > 30


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_every_command_is_one_of_ours(path: Path) -> None:
    """Its options are known and its values are of their kinds; nothing is carried out."""
    for words in typed(path):
        command, rest = root_command(), words
        while hasattr(command, "commands"):
            name, *rest = rest
            command = command.commands[name]
        command.make_context(words[0], list(rest))


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_every_setting_is_taken(path: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(path, "toml")):
        file = tmp_path / f"{number}.toml"
        file.write_text(block, "utf-8")
        if block.startswith("schema = "):  # a file of facts
            load_facts([file])
        else:
            load(file, environment={})


@pytest.mark.slow
def test_the_first_day_goes_as_the_guide_says(tmp_path: Path) -> None:
    """Every command up to one's own OpenAlgo, in one folder; only the ports are others."""
    text = FIRST_DAY.read_text("utf-8")
    own = text.index("## 5.")
    before = [words for words in typed(FIRST_DAY) if text.find(shlex.join(words)) < own]
    done = []
    serve = next(words for words in before if words[0] == "serve")
    with serving(tmp_path, *serve[1:], "--port", "0", "--ws-port", "0", speed="max") as server:
        env = {**server.env, "OPENALGO_HOST": server.host, "OPENALGO_WS_URL": server.ws_url}
        for words in before:
            if words[0] != "serve":
                ran = subprocess.run(
                    [*COMMAND, *words],
                    check=False,
                    cwd=tmp_path,
                    env=environment(env),
                    capture_output=True,
                    text=True,
                    timeout=300,
                )
                assert ran.returncode == 0, (words, ran.stdout, ran.stderr)
                done.append(words[0])
    assert {"demo", "config", "check", "run", "explain", "replay", "verify", "backtest"} <= {*done}
    for page in ("first-day/report.html", "run/report.html"):
        assert (tmp_path / page).stat().st_size > 10_000
