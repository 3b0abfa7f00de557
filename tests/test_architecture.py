import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "swingbreak"
SOURCES = sorted(PACKAGE.rglob("*.py"))
EVERYTHING = [*SOURCES, ROOT / "start.py", ROOT / ".ci" / "check.py"]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}
CORE = [
    name.removeprefix("swingbreak.") for name in CONTRACTS["The core does no I/O"]["source_modules"]
]

MOST_LINES = 400
MOST_FUNCTION_LINES = 40
MOST_PUBLIC_METHODS = 10

# Longer than the rule allows, each with its reason.
LONG_FUNCTIONS: dict[str, str] = {
    "cli/sweep.py::sweep": "one parameter per option; the body is 30 lines, half of it their names",
    "adapters/openalgo/reference.py::resolve_chain": "24 lines behind what six arguments mean",
}
WIDE_CLASSES: dict[str, str] = {
    "strategy/baseline.py::Baseline": "all that the engine asks of a strategy, a line or two each",
}

# Catches everything, because nothing stands behind it.
BROAD_EXCEPTS = {
    "bootstrap/abandoning.py": "entries go whatever ended the day, and the error goes on",
    "cli/output.py": "the last place that can tell a person",
}
BANNED_WORDS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "handler",
    "core",
    "misc",
}
NOT_MODULES = {"__init__.py", "__main__.py"}  # nobody imports names from them
HEAVY = (
    *("numpy", "pandas", "polars", "pyarrow", "openalgo"),
    *("numba", "optuna", "dask", "distributed"),
)
COMPILED = "swingbreak.research."  # is nothing but what numba compiles, and imported to run it


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> Iterator[Path]:
    """Every file that is in the repository or about to be."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    yield from (path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_every_module_has_its_layer() -> None:
    layers = " ".join(CONTRACTS["Imports point down"]["layers"]).split()
    placed = {layer.removeprefix("swingbreak.") for layer in layers if layer != "|"}
    assert {path.stem for path in PACKAGE.glob("*.py") if path.name not in NOT_MODULES} <= placed
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} <= placed


def test_check_gates_the_core() -> None:
    check = (ROOT / ".ci" / "check.py").read_text(encoding="utf-8")
    assert f"CORE = {tuple(CORE)}".replace("'", '"') in check


def functions_and_classes(path: Path) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield f"{name_of(path)}::{node.name}", node


def length(node: ast.AST) -> int:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return (node.end_lineno or node.lineno) - node.lineno + 1
    return 0


def public_methods(node: ast.AST) -> int:
    members = node.body if isinstance(node, ast.ClassDef) else []
    names = [m.name for m in members if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
    return len([name for name in names if not name.startswith("_")])


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_files_are_small() -> None:
    files = [*EVERYTHING, *TESTS]
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}


def test_functions_are_short_and_classes_narrow() -> None:
    found = [pair for path in EVERYTHING for pair in functions_and_classes(path)]
    long = {where for where, node in found if length(node) > MOST_FUNCTION_LINES}
    wide = {where for where, node in found if public_methods(node) > MOST_PUBLIC_METHODS}
    assert long - set(LONG_FUNCTIONS) == set()
    assert wide - set(WIDE_CLASSES) == set()


def test_modules_are_named_for_what_they_hold() -> None:
    parts = {p for path in SOURCES for p in path.relative_to(PACKAGE).with_suffix("").parts}
    assert {part for part in parts if BANNED_WORDS & set(part.split("_"))} == set()
    assert {part for part in parts if part.startswith("base_")} == set()


def test_modules_say_what_they_are_and_what_they_offer() -> None:
    for path in SOURCES:
        tree = parse(path)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert ast.get_docstring(tree), name_of(path)
        assert "__all__" in names or path.name in NOT_MODULES, name_of(path)


def test_nothing_is_caught_blindly() -> None:
    broad = {
        name_of(path)
        for path in SOURCES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ExceptHandler)
        for name in ast.walk(node.type or ast.Name("Exception"))
        if isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"}
    }
    assert broad == set(BROAD_EXCEPTS)


def test_core_stands_on_the_standard_library() -> None:
    banned = set(CONTRACTS["The core does no I/O"]["forbidden_modules"])
    allowed = (sys.stdlib_module_names - banned) | {"swingbreak"}
    core = [path for path in SOURCES if name_of(path).split("/")[0] in CORE]
    roots = {(name_of(path), name.split(".")[0]) for path in core for name in imports(path)}
    assert {(where, root) for where, root in roots if root not in allowed} == set()


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    if importlib.util.find_spec("swingbreak.cli.main") is None:
        pytest.skip("no command line yet")
    code = (
        "import importlib, pkgutil, sys, swingbreak\n"
        "for m in pkgutil.walk_packages(swingbreak.__path__, 'swingbreak.'):\n"
        f"    m.name.startswith('{COMPILED}') or importlib.import_module(m.name)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "src")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert result.stdout.strip() == "[]"


NOT_FOR_A_REPOSITORY = {
    "a path of one machine": r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+)/[\w.]",
    "a registry's address": r"pypi\.(?:org|python)|pythonhosted\.|registry\.npmjs|artifactory",
    "an index option": r"--(?:extra-)?index-url[ =]\S*:/",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}


@pytest.mark.parametrize("what", NOT_FOR_A_REPOSITORY)
def test_repository_holds_no(what: str) -> None:
    pattern = re.compile(NOT_FOR_A_REPOSITORY[what])
    hits = []
    for path in tracked():
        if path == Path(__file__).resolve():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
        hits += [f"{path.name}: {match[0]}" for match in pattern.finditer(text)]
    assert hits == []


def test_repository_holds_no_resolver_lock() -> None:
    # both record download addresses; the locks in requirements/ do not
    assert not {"uv.lock", "pylock.toml"} & {path.name for path in tracked()}
