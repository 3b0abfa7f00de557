import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from swingbreak.cli.output import ExitCode, exit_code_of
from swingbreak.config_file import ConfigFile, template
from swingbreak.domain import errors
from swingbreak.domain.parameters import Parameters

ROOT = Path(__file__).resolve().parents[1]
DOCS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
EXIT_CODES = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands() -> Iterator[tuple[str, str]]:
    """Name and help of every command."""
    if importlib.util.find_spec("swingbreak.cli.main") is None:
        pytest.skip("no command line yet")
    typer = importlib.import_module("typer")
    root = typer.main.get_command(importlib.import_module("swingbreak.cli.main").application())
    for name, command in root.commands.items():
        for child, below in getattr(command, "commands", {}).items():
            yield f"{name} {child}", below.help or ""
        if not hasattr(command, "commands"):
            yield name, command.help or ""


def rows(text: str) -> list[list[str]]:
    """The cells of every table row in *text*."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_command_has_a_row_and_no_other() -> None:
    documented = {row[0].strip("`") for row in rows(COMMANDS) if row[0].startswith("`")}
    assert documented == {name for name, _ in commands()}


def test_readme_names_every_command_and_no_other() -> None:
    section = README.split("## Commands")[1].split("\n## ")[0]
    named = {name for row in rows(section) for name in re.findall(r"`(\w+)`", row[1])}
    assert named == {name.split()[0] for name, _ in commands()}


def test_every_command_has_help() -> None:
    assert [name for name, text in commands() if not text.strip()] == []


def test_readme_fits_and_names_every_folder() -> None:
    assert len(README.splitlines()) <= 150
    folders = {name_of(path.parent) for path in (ROOT / "src" / "swingbreak").glob("*/*.py")}
    assert {folder for folder in folders if f"`{folder}`" not in README} == set()


def test_readme_says_which_eight_files_to_read_first() -> None:
    section = README.split("## Read these files first")[1].split("\n## ")[0]
    assert len(re.findall(r"^\d\. \[", section, re.MULTILINE)) == 8


def test_exit_codes_are_documented_with_their_names() -> None:
    numbered = {row[0]: row[1].strip("`") for row in rows(EXIT_CODES) if row[0].isdigit()}
    assert numbered == {str(code.value): code.name for code in ExitCode}


def test_errors_are_documented_with_their_exit_codes() -> None:
    parents = {"SwingbreakError", "BrokerError"}
    first_two = {row[0].strip("`"): row[1] for row in rows(EXIT_CODES)}
    table = {name: code for name, code in first_two.items() if name in errors.__all__}
    classes = {name: getattr(errors, name) for name in errors.__all__ if name not in parents}
    assert table == {name: str(exit_code_of(kind("")).value) for name, kind in classes.items()}


@pytest.mark.parametrize("path", ADRS, ids=name_of)
def test_decision_has_its_four_parts(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    number = int(path.name[:4])
    assert lines[0].startswith(f"# {number}. ")
    assert re.fullmatch(r"Date: \d{4}-\d{2}-\d{2}", lines[2])
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Context", "## Decision", "## Consequences"]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_cited_code_exists(path: Path) -> None:
    cited = re.findall(r"`swingbreak/([\w/]+\.py)(?:::(\w+))?`", path.read_text(encoding="utf-8"))
    for file, name in cited:
        source = ROOT / "src" / "swingbreak" / file
        assert source.is_file(), file
        assert not name or name in defined(source), f"{file}::{name}"


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_cited_tests_and_benchmarks_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cited = re.findall(r"(?<![\w/.-])(?:tests|benchmarks)/[\w/]*\w(?:\.py)?", text)
    assert [file for file in cited if not (ROOT / file).exists()] == []


def defined(source: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return found


def test_glossary_words_that_are_types_exist() -> None:
    sources = (ROOT / "src" / "swingbreak").rglob("*.py")
    known = set().union(*(defined(source) for source in sources))
    types = {row[0].strip("`") for row in rows(GLOSSARY) if row[0].startswith("`")}
    assert {name for name in types if name not in known} == set()


def test_every_parameter_has_a_key_in_the_configuration_file() -> None:
    keys = list(ConfigFile.model_fields)
    names = [field.name.removesuffix("_bp") for field in fields(Parameters)]
    assert [name for name in names if not any(key.startswith(name) for key in keys)] == []


def test_every_key_is_explained_in_the_file_that_config_init_writes() -> None:
    lines = template().splitlines()
    for key, field in ConfigFile.model_fields.items():
        assert field.description, key
        assert any(re.match(rf"#?\s*{key} = ", line) for line in lines), key


def script(name: str) -> Any:
    """A script of the documents, as a module."""
    place = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_diagrams_are_those_of_the_code() -> None:
    diagrams = script("diagrams")
    page = diagrams.PAGE.read_text(encoding="utf-8")
    assert "accepted --> pending_cancel" in page
    assert diagrams.drawn(page) == page, "run python docs/diagrams.py"


def test_the_reference_of_settings_is_that_of_the_code() -> None:
    configuration = script("configuration")
    page = configuration.PAGE.read_text(encoding="utf-8")
    assert configuration.page() == page, "run python docs/configuration.py"
