"""How the functions and structures of the composer are compiled: on first use, kept on disk, without the GIL."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from numba import config, njit
from numba.experimental import structref
from numpy.typing import NDArray

FOLDER = Path(__file__).parent


def _edition() -> str:
    """Return a digest of all modules with compiled functions, in whatever folder of the core they stand."""
    sources = [path.read_bytes() for path in sorted(FOLDER.rglob("*.py"))]
    return sha256(b"".join(source for source in sources if b"recommender.compiled" in source)).hexdigest()[:16]


# Numba compiles anew when the file of the function that Python calls has changed, and looks at no other: a kernel
# changed in another file would go on as it was. So each edition of the sources keeps its code in a folder of its own.
settings = cast(Any, config)
settings.CACHE_DIR = str(Path(settings.CACHE_DIR or FOLDER / "__pycache__") / f"compiled-{_edition()}")

Array = NDArray[Any]
Function = TypeVar("Function", bound=Callable[..., Any])


def entry(function: Function) -> Function:
    """Compile a function that Python calls."""
    return cast(Function, njit(cache=True, nogil=True, error_model="numpy")(function))


def kernel(function: Function) -> Function:
    """Compile a function that only compiled functions call: without a wrapper for Python it compiles faster."""
    untold: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, njit(cache=True, nogil=True, error_model="numpy", **untold)(function))


class Structure(structref.StructRefProxy):
    """A structure that compiled functions pass by reference; its annotations are its fields, in order.

    References instead of tuples of arrays make the code compile several times faster and run faster too.
    """

    def __new__(cls, *fields: Any) -> Self:
        """Make a structure of its fields."""
        return cast(Self, cast(Any, structref.StructRefProxy).__new__(cls, *fields))


def define(structure: type[Structure], compiled: type[Any]) -> None:
    """Tell the compiler the fields of a structure and its compiled type."""
    cast(Any, structref).define_proxy(structure, compiled, list(structure.__annotations__))
