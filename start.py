"""Set up what is missing, then run swingbreak. Needs Python 3.11 and pip (or uv), nothing else.

    python3 start.py demo          a whole paper session against the built-in exchange
    python3 start.py test [ARGS]   every check of the project; with ARGS, pytest alone with ARGS
    python3 start.py ...           anything else is handed over to `swingbreak`

Rules of this file:

1. Standard library only, in syntax that Python 3.8 reads: an old Python gets an answer, not a
   traceback.
2. Nothing is installed that a lock in ``requirements/`` does not pin by hash.
3. The stamp is written last. A set-up that did not get that far is made again from nothing.
4. Standard output belongs to swingbreak; progress and errors go to standard error.
5. When the stamp is right, nothing is written, started or looked up on the network.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent
LOCKS = ROOT / "requirements"
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
STAMP = VENV / "swingbreak.stamp"
EXE = ".exe" if os.name == "nt" else ""
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / f"python{EXE}"
LAUNCHER = BIN / f"swingbreak{EXE}"

ENTRY_POINT = "swingbreak = swingbreak.cli.main:main"
LAYERS = ("core", "data", "research", "dev")  # each contains the one before it
SCHEME = 1  # raise when what a finished set-up looks like changes
NOT_READY = 4  # the exit code of a machine that lacks something
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")  # would load somebody else's packages

# uv does not read pip's configuration; a machine that is set up for pip shall do for uv.
PIP_TO_UV = {
    "cert": "SSL_CERT_FILE",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
}

# What a tool's output means; the first match wins.
REMEDIES = {
    "No module named '?pip": (
        "this Python has neither pip nor uv. Install one of them: on Debian or Ubuntu "
        "`sudo apt install python3-pip`, elsewhere `python3 -m ensurepip`."
    ),
    r"No space left|os error (28|112)\b|WinError 112|not enough space|quota exceeded": (
        "the disk is full. The set-up needs 80 MB, with Parquet 250, with the "
        "tests 650; free some and start again."
    ),
    "[Hh]ash(es)? mismatch|DO NOT MATCH THE HASHES": (
        "a download is not the file that the lock names. Find out why before you go on: "
        "a proxy may have altered it."
    ),
    "UnknownIssuer|CERTIFICATE_VERIFY_FAILED|invalid peer certificate": (
        "the package index's certificate is not trusted here. Behind a private certificate "
        "authority, set SSL_CERT_FILE to its bundle."
    ),
    "no wheels? with a matching|no usable wheels|not a supported wheel": (
        "a package has no build for this Python or this kind of machine; CPython 3.11 to 3.13 "
        "on 64-bit Linux, Windows or macOS has all of them."
    ),
    "Permission denied|Access is denied|Read-only file system": (
        "a file cannot be written. Is swingbreak still running, or the folder not yours?"
    ),
    "[Ff]ailed to fetch|error sending request|name resolution|Connection|timed out|"
    "No matching distribution|Could not find a version": (
        "the package index cannot be reached. The first start needs the network; "
        "after it nothing is downloaded any more."
    ),
}


class SetupError(Exception):
    """This machine lacks something; the message says what to do about it."""


def version() -> str:
    """Return swingbreak's version without importing it."""
    return first(r'^__version__ = "([^"]+)"', ROOT / "src" / "swingbreak" / "__init__.py")


def first(pattern: str, path: Path) -> str:
    """Return what the group of *pattern* matches first in a file."""
    return str(re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)[0])


def key_of(layer: str) -> str:
    """Return the digest of everything that a set-up of *layer* depends on."""
    python = ".".join(map(str, sys.version_info[:2]))
    digest = hashlib.sha256(f"{SCHEME} {python} {version()} ".encode() + os.fsencode(ROOT))
    digest.update((LOCKS / f"{layer}.lock").read_bytes())
    return digest.hexdigest()


def ready_layer() -> str:
    """Return the layer that is set up for this Python, folder and lock; empty for none."""
    try:
        layer, key = STAMP.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return ""
    runs = os.access(PYTHON, os.X_OK) and os.access(LAUNCHER, os.X_OK)
    return layer if runs and layer in LAYERS and key == key_of(layer) else ""


def has(layer: str) -> bool:
    """Whether *layer*, or one that contains it, is set up."""
    return ready_layer() in LAYERS[LAYERS.index(layer) :]


def write_stamp(text: str) -> None:
    """Replace the stamp in one step."""
    part = STAMP.with_suffix(".part")
    part.write_text(text, encoding="ascii")
    part.replace(STAMP)


def layer_for(arguments: Sequence[str]) -> str:
    """Return the layer a command line needs: more than the core to read Parquet, most to sweep."""
    if arguments[:1] == ["sweep"]:
        return "research"
    values = [value for argument in arguments for value in (argument, argument.split("=", 1)[-1])]
    return "data" if any(map(is_parquet, values)) else "core"


def is_parquet(argument: str) -> bool:
    """Whether *argument* names a Parquet file, a folder of them, or one without its suffix."""
    if not argument or argument.startswith("-"):
        return False
    path = Path(argument)
    try:
        return (
            path.suffix == ".parquet"
            or Path(f"{argument}.parquet").is_file()
            or (path.is_dir() and next(path.glob("*.parquet"), None) is not None)
        )
    except (OSError, ValueError):  # an argument that cannot be a path
        return False


def clean_environment() -> dict[str, str]:
    """Return the environment without what would lead our interpreter astray."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}


def tool_environment(pip_settings: dict[str, str]) -> dict[str, str]:
    """Return the environment for pip and uv: the machine's own, and certificates it trusts."""
    ours = {
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",  # the same, for a uv of before 2026
        "UV_PYTHON_DOWNLOADS": "never",
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_NO_INPUT": "1",
    }
    return {**pip_settings, **clean_environment(), **ours}


def pip_settings(listing: str) -> dict[str, str]:
    """Return uv's settings for what ``pip config list`` printed; the later line wins, as in pip."""
    found = {}
    for line in listing.splitlines():
        match = re.fullmatch(r"(?:global|install|:env:)\.([\w-]+)='(.*)'", line)
        if match and match[1] in PIP_TO_UV:
            name, value = match.groups()
            found[PIP_TO_UV[name]] = ",".join(value.replace("\\n", " ").split())
    return found


def explain(output: str) -> str:
    """Return the remedy for a failed tool's *output*, and the end of the output."""
    known = (remedy for pattern, remedy in REMEDIES.items() if re.search(pattern, output))
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
    return f"{next(known, 'a tool failed')}\n{tail}"


def say(text: str, end: str = "\n") -> None:
    """Tell the person at the terminal."""
    print(text, end=end, file=sys.stderr, flush=True)


def run(command: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a tool in the project's folder and return how it ended and what it said."""
    try:
        return subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, stdout=str(error))


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    started = monotonic()
    say(f"  {name:<28}", end="")
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{monotonic() - started:6.1f} s")


def must(command: Sequence[str], environment: dict[str, str]) -> None:
    """Run a tool, raising SetupError if it fails."""
    result = run(command, environment)
    if result.returncode:
        raise SetupError(explain(result.stdout))


def find_uv() -> tuple[str, dict[str, str]]:
    """Return a uv that runs, fetched with pip if the machine has none, and its environment."""
    pip = [sys.executable, "-m", "pip"]
    environment = tool_environment({})
    listing = run([*pip, "config", "list"], environment)
    uv_environment = tool_environment({} if listing.returncode else pip_settings(listing.stdout))
    pinned = first(r"^uv==(\S+)", LOCKS / "bootstrap.lock")
    home = TOOLS / f"uv-{pinned}"
    for uv in (shutil.which("uv"), str(home / "bin" / f"uv{EXE}")):
        if uv and run([uv, "--version"], environment).returncode == 0:
            return uv, uv_environment
    part = TOOLS / "uv.part"
    with step(f"uv {pinned}"):
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        options = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--retries=2"]
        source = ["--target", str(part), "-r", str(LOCKS / "bootstrap.lock")]
        must([*pip, "install", *options, *source], environment)
        part.rename(home)
    return str(home / "bin" / f"uv{EXE}"), uv_environment


def find_python(uv: str, environment: dict[str, str]) -> str:
    """Return an interpreter that is new enough: this one, else another that uv finds here."""
    if sys.version_info >= (3, 11) and sys.executable:
        return sys.executable
    found = run([uv, "python", "find", "--system", "--no-project", ">=3.11"], environment)
    if found.returncode:
        raise SetupError(
            f"swingbreak needs Python 3.11 or newer. This is {sys.version.split()[0]}, and there "
            "is no newer one here; install one and start again with it."
        )
    return found.stdout.strip().splitlines()[-1]


def make_venv(uv: str, python: str, environment: dict[str, str]) -> None:
    """Make .venv; keep one that is whole."""
    half_made = STAMP.exists() and not ready_layer()
    if not half_made and run_version(PYTHON) == run_version(python):
        return
    with step("virtual environment"):
        if VENV.exists():  # moved first: half-deleted it would look whole
            old = TOOLS / "venv.old"
            shutil.rmtree(old, ignore_errors=True)
            VENV.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        must([uv, "venv", "--quiet", "--no-project", "--python", python, str(VENV)], environment)


def run_version(python: str | Path) -> str:
    """Return ``3.11`` as *python* tells it; empty where it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    result = run([str(python), "-I", "-c", code], clean_environment())
    return "" if result.returncode else result.stdout.strip()


def install(uv: str, layer: str, environment: dict[str, str]) -> None:
    """Install *layer* from its lock, from uv's cache if it is all there, and our own command."""
    into = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    locked = [*into, "--no-build", "--require-hashes", "-r", str(LOCKS / f"{layer}.lock")]
    with step(f"packages: {layer}"):
        if run([*locked, "--offline"], environment).returncode:
            must(locked, environment)
        wheel = make_wheel(TOOLS)
        must([*into, "--no-deps", "--no-index", "--reinstall", str(wheel)], environment)


def make_wheel(folder: Path) -> Path:
    """Write a wheel that points to ``src`` and carries the command; return its path.

    An editable install that needs no build backend. The pointer is relative to site-packages:
    plain ASCII, wherever the project lies.
    """
    import zipfile  # noqa: PLC0415 - a warm start does not pay for it

    up = "../../.." if os.name == "nt" else "../../../.."
    info = f"swingbreak-{version()}.dist-info"
    files = {
        "swingbreak.pth": f"{up}/src\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: swingbreak\nVersion: {version()}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{ENTRY_POINT}\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    path = folder / f"swingbreak-{version()}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)
    return path


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other start sets this folder up; a lock dies with its process."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.lock").open("a+b") as file:
        lock(file)
        yield


def lock(file: IO[bytes]) -> None:
    """Lock *file* for this process, when it is free."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        while True:
            with suppress(OSError):  # it gives up after ten seconds
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                return
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    fcntl.flock(file, fcntl.LOCK_EX)


def set_up(layer: str) -> None:
    """Bring .venv to *layer*, raising SetupError where this machine lacks something."""
    try:
        with alone():
            if has(layer):  # another start was quicker
                return
            say(f"setting up {ROOT}")
            uv, environment = find_uv()
            make_venv(uv, find_python(uv, environment), environment)
            write_stamp("unfinished")
            install(uv, layer, environment)
            write_stamp(f"{layer} {key_of(layer)}")
    except OSError as error:
        raise SetupError(explain(str(error))) from error


def hand_over(command: Sequence[str]) -> int:
    """Become *command*; where that is impossible, run it and return its exit code."""
    environment = clean_environment()
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(command[0], list(command), environment)  # noqa: S606 - no shell is the point
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child, which decides
    return subprocess.call(command, env=environment)


def main(arguments: Sequence[str]) -> int:
    """Set up and hand over; return the exit code."""
    if isinstance(sys.stderr, TextIOWrapper):  # a path may hold what the console cannot show
        sys.stderr.reconfigure(errors="backslashreplace")
    testing = arguments[:1] == ["test"]
    layer = "dev" if testing else layer_for(arguments)
    try:
        if not has(layer):
            set_up(layer)
    except SetupError as error:
        say(f"start.py: {error}")
        return NOT_READY
    except KeyboardInterrupt:
        return 130
    if testing:
        return hand_over([str(PYTHON), str(ROOT / ".ci" / "check.py"), *arguments[1:]])
    return hand_over([str(LAUNCHER), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
