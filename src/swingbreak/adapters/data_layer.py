"""The optional data layer: polars, imported when its first name is used and not before.

Rules of this file:

1. Importing a module that names ``pl`` costs nothing; only who reads Parquet pays the 60 MB.
2. Where the layer is not installed, the first use says how to install it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from swingbreak.domain.errors import NeedsExtra

__all__ = ["Expression", "Frame", "LazyModule", "pl"]


class LazyModule:
    """A module that may not be installed and is heavy if it is.

    Args:
        module: Its name.
        extra: The layer of this package that brings it.
        purpose: What it is needed for, ``reading Parquet``.
    """

    def __init__(self, module: str, extra: str, purpose: str) -> None:
        self._module = module
        self._extra = extra
        self._purpose = purpose

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(import_module(self._module), name)
        except ImportError as error:
            raise NeedsExtra(
                f"{self._purpose} needs the {self._extra} layer: run it through python3 start.py, "
                f'or pip install "swingbreak[{self._extra}]"'
            ) from error


if TYPE_CHECKING:
    import polars as pl
else:
    pl = LazyModule("polars", "data", "Parquet")

Frame: TypeAlias = "pl.DataFrame"
Expression: TypeAlias = "pl.Expr"
