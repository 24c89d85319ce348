"""Python that makes a model, a loss and an optimizer again elsewhere: imports, the source of what is one's own, calls.

What an installed package has is imported. Of anything else the source is taken, with what it uses in turn: its class
or function may be in a file that is not there, or in no file at all.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import dis
import functools
import inspect
import linecache
import math
import random
import re
import sys
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine import primitive
from engine.primitives import Primitive
from nn.activations import ACTIVATIONS, activation_name
from nn.layers import MLP
from nn.losses import Loss
from nn.module import Module
from nn.rows import is_row

Pairs = Sequence[tuple[Any, Any]]
OURS = ("nn", "engine")
PACKAGES = {"site-packages", "dist-packages"}
TAKEN_NAMES = ("model", "pairs", "held_out", "optimizer", "state", "generator", "history")  # of the file itself
MOST_CHARACTERS = 50_000  # of imports and definitions
READS_A_NAME = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")


class NoCodeError(ValueError):
    """There is no Python that makes this again; the message says why."""


class TakenCode:
    """What some expressions need: it grows with each `expression`.

    Attributes:
        imports: module -> the names from it, each with what it is called here; of the module itself, the name None.
        definitions: sources, each after what it uses.
    """

    def __init__(self) -> None:
        self.imports: dict[str, dict[str | None, str]] = {}
        self.definitions: list[str] = []
        self._known: dict[str, Any] = dict.fromkeys(TAKEN_NAMES, self)

    def expression(self, thing: Any) -> str:
        """The Python that makes a thing.

        Raises:
            NoCodeError: if there is none.
        """
        if isinstance(thing, float) and not math.isfinite(thing):
            return f'float("{thing}")'
        if thing is None or type(thing) in (bool, int, float, str):
            return repr(thing)
        if type(thing) in (list, tuple):
            inside = ", ".join(map(self.expression, thing))
            return f"[{inside}]" if type(thing) is list else f"({inside}{',' * (len(thing) == 1)})"
        if type(thing) is dict:
            return f"{{{', '.join([f'{self.expression(k)}: {self.expression(v)}' for k, v in thing.items()])}}}"
        if isinstance(thing, Module):
            return self._made(thing)
        if isinstance(thing, functools.partial):
            self.know("partial", functools.partial)
            keywords = [f"{name}={self.expression(each)}" for name, each in thing.keywords.items()]
            return f"partial({', '.join([*map(self.expression, (thing.func, *thing.args)), *keywords])})"
        name = thing.name if isinstance(thing, Primitive) else getattr(thing, "__name__", "")
        if name == "<lambda>":
            raise NoCodeError("a lambda has no name: write it as a def")
        if not isinstance(name, str) or not name.isidentifier():
            raise NoCodeError(f"an object of {type(thing).__name__} cannot be written as Python")
        self.know(name, thing)
        return name

    def know(self, name: str, thing: Any) -> None:
        """Make a name known there as the thing that it is here."""
        if name in self._known:
            if self._known[name] is not thing:
                raise NoCodeError(f"two different things are called {name}")
            return
        self._known[name] = thing
        if getattr(builtins, name, None) is thing:
            return
        if isinstance(thing, types.ModuleType):
            if not _is_installed(thing.__name__):
                raise NoCodeError(f"it uses the module {thing.__name__}, which is not installed")
            self.imports.setdefault(thing.__name__, {})[None] = name
            return
        found = _imported_from(name, thing)
        if found is not None:
            module, original = found
            self.imports.setdefault(module, {})[original] = name
        elif isinstance(thing, (type, types.FunctionType, Primitive)):
            self._define(name, thing)
        else:
            self.definitions.append(f"{name} = {self.expression(thing)}")

    def _define(self, name: str, thing: Any) -> None:
        """The source of a class, a function or a primitive, after what it uses."""
        written = thing.rule if isinstance(thing, Primitive) else thing
        source = _source(written)
        code = compile(source, name, "exec", __future__.annotations.compiler_flag, dont_inherit=True)
        around = _names_around(inspect.unwrap(written))
        for used in dict.fromkeys(_names_read(code)):
            if used in around and used != written.__name__ and not used.startswith("__"):
                self.know(used, around[used])
        self.definitions.append(source)
        if isinstance(thing, Primitive) and not source.startswith("@"):
            self.know("primitive", primitive)
            self.definitions.append(f"{name} = primitive({written.__name__})")
        elif name != written.__name__:
            self.definitions.append(f"{name} = {written.__name__}")

    def _made(self, module: Module) -> str:
        """The call that makes a module like this one, but for its parameters' numbers."""
        kind = type(module)
        name = self.expression(kind)
        if isinstance(module, MLP) and kind is MLP:
            return mlp_constructor(module, self.expression)
        try:
            given = [self._argument(module, parameter) for parameter in inspect.signature(kind).parameters.values()]
        except NoCodeError:
            if kind.__module__.startswith("nn."):
                return repr(module)
            raise
        arguments = [text for text in given if text is not None]
        return f"{name}({', '.join(arguments)})"

    def _argument(self, module: Module, parameter: inspect.Parameter) -> str | None:
        """What a module was made with, which it keeps in an attribute of that name; None to leave it out."""
        name, default = parameter.name, parameter.default
        is_needed = default is parameter.empty and parameter.kind not in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        )
        if parameter.kind is parameter.VAR_KEYWORD or (not is_needed and not hasattr(module, name)):
            return None
        if not hasattr(module, name):
            raise NoCodeError(f"{type(module).__name__} is made with {name}, and keeps it in no attribute of that name")
        kept = getattr(module, name)
        if kept is default:
            return None
        if parameter.kind is parameter.VAR_POSITIONAL:
            return ", ".join(map(self.expression, kept)) or None
        try:
            text = self.expression(kept)
        except NoCodeError:
            if is_needed or callable(kept):
                raise
            return None  # made from the argument; whether that was the default is seen when the code is run
        return text if is_needed and parameter.kind is not parameter.KEYWORD_ONLY else f"{name}={text}"

    def text(self) -> str:
        """Imports and definitions, to be run."""
        imports = [
            f"import {module} as {name}" if original is None else f"from {module} import {original} as {name}"
            for module, names in self.imports.items()
            for original, name in names.items()
        ]
        return "\n\n".join(["from __future__ import annotations", *imports, *self.definitions])


def mlp_constructor(model: MLP, expression: Callable[[Any], str]) -> str:
    """The call that makes an MLP of this shape."""
    names = []
    for layer in model.layers:
        name = activation_name(layer.activation)
        names.append(f'"{name}"' if ACTIVATIONS.get(name) is layer.activation else expression(layer.activation))
    sizes = [layer.out_features for layer in model.layers]
    return f"MLP({model.layers[0].in_features}, {sizes}, activation=[{', '.join(names)}])"


def check_taken(code: TakenCode, made: Module, taken: str, loss: Loss, taken_loss: str, pairs: Pairs) -> None:
    """Run the code, and compare what its model and its loss compute with what these do.

    Args:
        code: what they need.
        made: the model.
        taken: the call that makes it.
        loss: the loss.
        taken_loss: its expression.
        pairs: where to compare them.

    Raises:
        NoCodeError: if it is anything else, to the last bit.
    """
    if len(code.text()) > MOST_CHARACTERS:
        raise NoCodeError(f"its source has {len(code.text()):,} characters, and {MOST_CHARACTERS:,} are the most")
    drawn = random.getstate()
    scope: dict[str, Any] = {"__name__": "training"}
    try:
        exec(f"{code.text()}\n\n_made, _loss = {taken}, {taken_loss}", scope)  # noqa: S102  one's own, and run before
        again, loss_again = scope["_made"], scope["_loss"]
        again.load_state_dict(made.state_dict())
        alike = all(_numbers(again, loss_again, *pair) == _numbers(made, loss, *pair) for pair in pairs)
    except Exception as error:
        raise NoCodeError(f"{taken} does not make it again: {type(error).__name__}: {error}") from None
    finally:
        random.setstate(drawn)
    if not alike:
        raise NoCodeError(f"{taken} makes one that computes something else")


def _numbers(model: Module, loss: Loss, x: Any, y: Any) -> list[str]:
    output: Any = model(x)
    numbers = [*(output if is_row(output) else [output]), loss(output, y)]
    return [repr(float(getattr(number, "data", number))) for number in numbers]


def _source(written: Any) -> str:
    """The source of a class or a function."""
    try:
        source = inspect.getsource(written)
    except (OSError, TypeError):
        source = _source_in_cell(written)
    try:
        body = ast.parse(source := textwrap.dedent(source).rstrip()).body
    except SyntaxError:
        source, body = "", []
    plain = inspect.unwrap(written)
    name = plain.__code__.co_name if isinstance(plain, types.FunctionType) else written.__name__
    is_its_own = name == "<lambda>" or [getattr(each, "name", "") for each in body] == [name]
    if not source or not is_its_own:  # of code without a file Python may find some other text
        raise NoCodeError(f"the source of {written.__name__} is not there")
    return source


def _source_in_cell(written: Any) -> str:
    """The source of a class that a notebook's cell has: the cell is found by one of the class's methods."""
    for function in vars(written).values() if isinstance(written, type) else ():
        if isinstance(function, types.FunctionType):
            cell = "".join(linecache.getlines(function.__code__.co_filename))
            line = function.__code__.co_firstlineno
            for node in ast.walk(ast.parse(cell)):
                if isinstance(node, ast.ClassDef) and node.name == written.__name__ and node.lineno < line:
                    return ast.get_source_segment(cell, node) or ""
    return ""


def _is_installed(module: str) -> bool:
    """Whether a module is there wherever its package is installed: none beside the user's own files."""
    top = module.partition(".")[0]
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return top in OURS or top in sys.stdlib_module_names or bool({*re.split(r"[\\/]", file)} & PACKAGES)


def _imported_from(name: str, thing: Any) -> tuple[str, str] | None:
    """The shortest installed module that has a thing, and what it is called there."""
    home = getattr(thing, "__module__", None)
    if not isinstance(home, str) or not _is_installed(home):
        return None
    parts = home.split(".")
    for module in [*[".".join(parts[: k + 1]) for k in range(len(parts))], *OURS]:
        for original in (getattr(thing, "__name__", name), name):
            if getattr(sys.modules.get(module), original, None) is thing:
                return module, original
    return None


def _names_read(code: types.CodeType) -> Iterator[str]:
    """The names that code reads from outside, in order."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in READS_A_NAME:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_read(constant)


def _names_around(written: Any) -> Mapping[str, Any]:
    """What names mean where a function or a class was written: of its module, and what it closes over."""
    functions = [written] if isinstance(written, types.FunctionType) else [*vars(written).values()]
    around = dict(vars(sys.modules.get(written.__module__, builtins)))
    for each in functions:
        function = inspect.unwrap(each) if callable(each) else each
        if not isinstance(function, types.FunctionType):
            continue
        around.update(function.__globals__)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            if name != "__class__" and cell is not None:
                around[name] = cell.cell_contents
    return around
