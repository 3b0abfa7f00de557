import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Does what start.py needs of uv, and writes down what it was asked. `broken` makes installs fail.
FAKE_UV = """
import os, sys
here = os.path.dirname(__file__)
words = sys.argv[1:]
with open(os.path.join(here, "calls"), "a") as calls:
    calls.write(" ".join(words) + chr(10))
if words[0] == "venv":
    os.makedirs(words[-1] + "/bin")
    os.symlink(sys.executable, words[-1] + "/bin/python")
if words[:2] == ["pip", "install"] and os.path.exists(os.path.join(here, "broken")):
    sys.exit("error: Failed to fetch")
if words[-1].endswith(".whl"):
    command = os.path.join(os.path.dirname(words[words.index("--python") + 1]), "swingbreak")
    with open(command, "w") as file:
        file.write('#!/bin/sh' + chr(10) + 'echo "$@|$PYTHONPATH"; [ "$1" != fail ] || exit 7')
    os.chmod(command, 0o755)
"""


class Project:
    """A copy of what start.py needs, in an awkward place, and a machine with only a fake uv."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a wörk ₹ dir"
        self.machine = folder / "bin"
        self.machine.mkdir()
        (self.machine / "uv.py").write_text(FAKE_UV, encoding="utf-8")
        uv = self.machine / "uv"
        run = f'exec "{sys.executable}" "{self.machine}/uv.py" "$@"'  # a path may hold spaces
        uv.write_text(f"#!/bin/sh\n{run}\n", encoding="utf-8")
        uv.chmod(0o755)
        shutil.copytree(LOCKS, self.root / "requirements")
        package = Path("src") / "swingbreak" / "__init__.py"
        (self.root / package).parent.mkdir(parents=True)
        shutil.copy(ROOT / package, self.root / package)
        shutil.copy(ROOT / "start.py", self.root)
        (self.root / ".ci").mkdir()
        (self.root / ".ci" / "check.py").write_text("print('checked')", encoding="utf-8")

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / "swingbreak.stamp"

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.root / "start.py"), *arguments],
            env={"PATH": f"{self.machine}:/usr/bin:/bin", "PYTHONPATH": "/elsewhere"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def start(self, *arguments: str) -> tuple[int, str, str]:
        process = self.popen(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def calls(self) -> list[str]:
        """What uv was asked since the last look, `--version` aside."""
        log = self.machine / "calls"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if line != "--version"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    if os.name == "nt":
        pytest.skip("the fake uv is a POSIX script")
    return Project(tmp_path)


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_cold_start_sets_up_and_hands_over(project: Project) -> None:
    code, out, err = project.start("run", "--mode", "paper")
    assert (code, out) == (0, "run --mode paper|\n")
    assert "packages: core" in err
    venv, offline, own = project.calls()
    assert venv.startswith("venv ")
    assert "--require-hashes" in offline
    assert own.endswith(".whl")


def test_warm_start_asks_nothing_and_says_nothing(project: Project) -> None:
    project.start("version")
    project.calls()
    before = project.stamp.stat().st_mtime_ns
    assert project.start("version") == (0, "version|\n", "")
    assert project.calls() == []
    assert project.stamp.stat().st_mtime_ns == before


def test_exit_code_passes_through(project: Project) -> None:
    assert project.start("fail")[0] == 7
    assert project.start("fail")[0] == 7


def test_larger_layer_serves_a_smaller_need(project: Project) -> None:
    assert project.start("test")[:2] == (0, "checked\n")
    project.calls()
    project.start("version")
    project.start("signals", "bars.parquet")
    assert project.calls() == []


def test_larger_layer_is_added_to_a_whole_venv(project: Project) -> None:
    project.start("version")
    (project.root / ".venv" / "kept").touch()
    project.start("signals", "bars.parquet")
    assert project.stamp.read_text(encoding="ascii").startswith("data ")
    assert (project.root / ".venv" / "kept").exists()


@pytest.mark.parametrize("damage", ["unfinished", "other lock", "no launcher"])
def test_what_is_not_whole_is_made_again_from_nothing(project: Project, damage: str) -> None:
    project.start("version")
    rest = project.root / ".venv" / "rest"
    rest.touch()
    if damage == "unfinished":
        project.stamp.write_text("unfinished", encoding="ascii")
    elif damage == "other lock":
        with (project.root / "requirements" / "core.lock").open("a", encoding="utf-8") as lock:
            lock.write("# changed\n")
    else:
        (project.root / ".venv" / "bin" / "swingbreak").unlink()
    assert project.start("version")[0] == 0
    assert not rest.exists()


def test_moved_project_is_set_up_again(project: Project) -> None:
    project.start("version")
    project.calls()
    project.root = project.root.rename(project.root.parent / "moved")
    assert project.start("version")[0] == 0
    assert project.calls()[0].startswith("venv ")


def test_venv_made_by_hand_is_kept(project: Project) -> None:
    own = project.root / ".venv" / "bin"
    own.mkdir(parents=True)
    (own / "python").symlink_to(sys.executable)
    (own / "mine").touch()
    assert project.start("version")[0] == 0
    assert (own / "mine").exists()


def test_failed_set_up_says_why_and_is_repaired_by_the_next(project: Project) -> None:
    (project.machine / "broken").touch()
    code, out, err = project.start("version")
    assert (code, out) == (4, "")
    assert "cannot be reached" in err
    assert "Failed to fetch" in err
    (project.machine / "broken").unlink()
    assert project.start("version")[0] == 0


def test_starts_at_once_set_up_once(project: Project) -> None:
    both = [project.popen("version"), project.popen("version")]
    assert [process.communicate(timeout=60)[0] for process in both] == ["version|\n"] * 2
    assert len([call for call in project.calls() if call.startswith("venv ")]) == 1


@pytest.mark.parametrize(
    ("arguments", "layer"),
    [
        ([], "core"),
        (["demo"], "core"),
        (["signals", "bars.csv"], "core"),
        (["signals", "bars.parquet"], "data"),
        (["sweep", "--out", "runs/stops"], "research"),
        (["demo", "--replay=bars.parquet"], "data"),
        (["demo", "--replay", "2021-06-11"], "data"),
        (["demo", "--replay=2021-06-11"], "data"),
        (["demo", "--replay", "days"], "data"),
        (["demo", "--replay", "empty"], "core"),
        (["signals", "\0"], "core"),
    ],
)
def test_layer_follows_the_arguments(
    start: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    layer: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("2021-06-11.parquet").touch()
    Path("empty").mkdir()
    Path("days").mkdir()
    Path("days", "2021-06-11.parquet").touch()
    assert start.layer_for(arguments) == layer


@pytest.mark.parametrize(
    ("listing", "settings"),
    [
        ("", {}),
        ("global.index-url='mirror'", {"UV_DEFAULT_INDEX": "mirror"}),
        ("global.cert='/etc/ca.pem'\nglobal.timeout='60'", {"SSL_CERT_FILE": "/etc/ca.pem"}),
        (":env:.find-links='/a\\n/b'", {"UV_FIND_LINKS": "/a,/b"}),
        ("global.index-url='one'\n:env:.index-url='two'", {"UV_DEFAULT_INDEX": "two"}),
        ("freeze.index-url='other command'", {}),
    ],
)
def test_uv_learns_what_pip_is_told(
    start: ModuleType, listing: str, settings: dict[str, str]
) -> None:
    assert start.pip_settings(listing) == settings


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("/usr/bin/python3: No module named pip", "neither pip nor uv"),
        ("[Errno 28] No space left on device: '/x'", "disk is full"),
        ("failed to copy file: There is not enough space (os error 112)", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the file that the lock names"),
        ("invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("polars==2.1.0 has no wheels with a matching platform tag", "no build for this Python"),
        ("[WinError 5] Access is denied: '.venv'", "cannot be written"),
        ("client error (Connect)\n cause: Failed to fetch", "cannot be reached"),
        ("ERROR: Could not find a version that satisfies uv", "cannot be reached"),
        ("something else", "a tool failed"),
    ],
)
def test_failures_are_explained(start: ModuleType, output: str, remedy: str) -> None:
    text = start.explain(output)
    assert remedy in text.splitlines()[0]
    assert output.splitlines()[-1] in text


def test_wheel_points_to_the_source_and_carries_the_command(
    start: ModuleType, tmp_path: Path
) -> None:
    path = start.make_wheel(tmp_path)
    with zipfile.ZipFile(path) as wheel:
        files = {name: wheel.read(name).decode("ascii") for name in wheel.namelist()}
    info = f"swingbreak-{start.version()}.dist-info"
    recorded = [line.split(",")[0] for line in files[f"{info}/RECORD"].splitlines()]
    assert recorded == list(files)
    depth = "Lib/site-packages" if os.name == "nt" else "lib/python3.11/site-packages"
    target = os.path.normpath(Path("p", ".venv", depth, files["swingbreak.pth"].strip()))
    assert Path(target) == Path("p", "src")
    (command,) = PYPROJECT["project"]["scripts"].items()
    assert " = ".join(command) in files[f"{info}/entry_points.txt"]


def test_foreign_packages_stay_out(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "OPENALGO_API_KEY"):
        monkeypatch.setenv(name, "x")
    kept = start.clean_environment()
    assert "OPENALGO_API_KEY" in kept
    assert not {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"} & set(kept)


def pins(layer: str) -> dict[str, set[str]]:
    """Versions by package, as the lock of *layer* says."""
    found: dict[str, set[str]] = {}
    for line in (LOCKS / f"{layer}.lock").read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            requirement = Requirement(line.rstrip(" \\"))
            (pin,) = requirement.specifier
            found.setdefault(requirement.name, set()).add(pin.version)
    return found


@pytest.mark.parametrize("layer", ["bootstrap", "core", "data", "research", "dev"])
def test_lock_has_hashes_and_no_addresses(layer: str) -> None:
    text = (LOCKS / f"{layer}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    blocks = text.replace("\\\n", "").splitlines()
    packages = [line for line in blocks if line and not line.lstrip().startswith("#")]
    assert packages
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []


def test_layers_contain_each_other_and_agree() -> None:
    core, data, research, dev = map(pins, ("core", "data", "research", "dev"))
    assert core.items() <= data.items()
    assert data.items() <= research.items()
    assert research.items() <= dev.items()


@pytest.mark.parametrize(
    ("layer", "extra"),
    [
        ("core", None),
        ("data", "data"),
        ("research", "research"),
        ("research", "cluster"),
        ("dev", "dev"),
    ],
)
def test_lock_holds_what_pyproject_asks_for(layer: str, extra: str | None) -> None:
    wanted = list(PYPROJECT["project"]["dependencies"])
    if extra:
        wanted += PYPROJECT["project"]["optional-dependencies"][extra]
    locked = pins(layer)
    for text in wanted:
        requirement = Requirement(text)
        versions = locked[requirement.name.replace("_", "-").lower()]
        assert all(requirement.specifier.contains(version) for version in versions), text


def test_every_layer_has_a_lock(start: ModuleType) -> None:
    assert {path.stem for path in LOCKS.iterdir()} == {"bootstrap", *start.LAYERS}
