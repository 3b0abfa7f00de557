"""Run every check of the project, or pytest alone with the arguments given.

The tools are those beside the interpreter that runs this file; `python3 start.py test` installs
them first. The exit code is that of the first check that failed.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
CORE = ("domain", "facts", "market", "strategy", "risk", "engine", "simulation", "alerts")

CHECKS = {
    "formatting": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "import contracts": ["lint-imports"],
    "spelling": ["codespell"],
}
TYPES = ["mypy"]
PYTEST = [
    *("pytest", "--dist", "loadfile", "--benchmark-disable"),
    "--no-loadscope-reorder",  # files of many quick tests come last, and both workers end together
    # a test that hangs says where, and fails
    *("-o", "faulthandler_timeout=120", "-o", "faulthandler_exit_on_timeout=true"),
]
# What shows that every line and branch of the core is run.
TRACED = ["-n2", "tests/unit", "tests/property"]
# The others run the core through servers, processes and whole days: traced they take twice as long.
# Some wait for the market's time, or for a process to start: three at once keep two cores busy.
UNTRACED = ["-n3", *(f"--ignore={folder}" for folder in TRACED[1:])]
COVERAGE = [*(f"--cov=swingbreak.{package}" for package in CORE), "--cov-report="]
CORE_COVERED = [
    *("coverage", "report", "--fail-under=100"),
    "--include=" + ",".join(f"src/swingbreak/{package}/*" for package in CORE),
]
# Whoever wants no bytecode beside the sources gets none; but the tests start hundreds of processes,
# and to compile everything in each of them takes longer than most of them run.
ENVIRONMENT = {
    **os.environ,
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(ROOT / ".tools" / "bytecode"),
}


def command(words: list[str]) -> list[str]:
    """Return *words* with the tool looked up beside this interpreter."""
    return [str(TOOLS / words[0]), *words[1:]]


def loudly(words: list[str]) -> int:
    """Run a check that shows what it does; return its exit code."""
    return subprocess.call(command(words), cwd=ROOT, env=ENVIRONMENT)


class Quiet(NamedTuple):
    """What a check came to that has not said anything yet."""

    seconds: float
    code: int
    output: str


def quietly(words: list[str]) -> Quiet:
    """Run a check without a word."""
    started = monotonic()
    result = subprocess.run(
        command(words),
        check=False,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return Quiet(monotonic() - started, result.returncode, result.stdout)


def told(name: str, quiet: Quiet) -> int:
    """Say how long a check took and, if it failed, what it said; return its exit code."""
    if name:
        print(f"  {name:<28}{quiet.seconds:6.1f} s", flush=True)
    if quiet.code:
        print(quiet.output, flush=True)
    return quiet.code


def main(arguments: list[str]) -> int:
    """Run the checks; return the first failure's exit code."""
    if arguments:
        return loudly(["pytest", *arguments])
    with ThreadPoolExecutor(1) as beside:
        types = beside.submit(quietly, TYPES)  # on one core for as long as it takes
        codes = [told(name, quietly(words)) for name, words in CHECKS.items()]
        codes.append(loudly([*PYTEST, *UNTRACED]))
        codes.append(told("types", types.result()))
        codes.append(loudly([*PYTEST, *COVERAGE, *TRACED]))
    codes.append(told("", quietly(CORE_COVERED)))  # unnamed: pytest's own line closes a good run
    return next(filter(None, codes), 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
