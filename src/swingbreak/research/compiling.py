"""How the functions of this package are compiled: by numba, and kept for the next process.

numba notices when the file of a function has changed, not when a function that it calls has. So
what is kept is kept under a hash of the whole package and of numba's version.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numba

__all__ = ["compiled", "entered", "inlined"]

_Function = TypeVar("_Function", bound=Callable[..., object])


def _kept_in() -> Path | None:
    """Return the folder of this package's machine code; ``None`` where there can be none."""
    here = Path(__file__).parent
    whole = sha256(numba.__version__.encode())
    for path in sorted(here.glob("*.py")):
        whole.update(path.read_bytes())
    folder = here / "__pycache__" / f"machine-{whole.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


_FOLDER = _kept_in()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)
_OPTIONS = {"cache": _FOLDER is not None}
# Python itself cannot call these: half of the time to compile would go into how it does
_INSIDE = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

entered: Callable[[_Function], _Function] = numba.njit(**_OPTIONS)
compiled: Callable[[_Function], _Function] = numba.njit(**_INSIDE)
# copied into whoever calls it: a call costs more than what most of these do
inlined: Callable[[_Function], _Function] = numba.njit(**_INSIDE, forceinline=True)
