"""How the functions and structures of the composer are compiled: on first use, kept on disk, without the GIL."""

from collections.abc import Callable
from typing import Any, Self, TypeVar, cast

from numba import njit
from numba.experimental import structref
from numpy.typing import NDArray

Array = NDArray[Any]
Function = TypeVar("Function", bound=Callable[..., Any])


def entry(function: Function) -> Function:
    """Compile a function that Python calls."""
    return cast(Function, njit(cache=True, nogil=True, error_model="numpy")(function))


def kernel(function: Function) -> Function:
    """Compile a function that only compiled functions call: without a wrapper for Python it compiles faster."""
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, njit(cache=True, nogil=True, error_model="numpy", **options)(function))


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
