"""`Primitive`: a differentiable operation, made from one rule.

A rule is a function from numbers to a number *and its pullback*, the local derivative closure: given the adjoint g of
the result, the pullback returns one contribution for each operand, g times the local derivative.

    mul:  (x, y)  ->  x * y,  and  g -> (g * y, g * x)

Nothing else in the project knows a derivative. `@primitive` makes an operation of such a rule. `@elementary` makes one
of a number that the arithmetic itself has (``math.tanh``, ``+``): it says what that number is on floats, in NumPy and
JAX, and in JavaScript, and the function below it gives the pullback.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeGuard, overload

from engine.errors import not_a_number, not_a_rule

if TYPE_CHECKING:
    from engine.operand import Operand
    from engine.value import Number, Value

Scalar = Any  # what rules are read with: a float, or an Operand
Pullback = Callable[..., tuple[Scalar, ...]]
Rule = Callable[..., tuple[Scalar, Pullback]]

INF, NAN = math.inf, math.nan

_CO_VARARGS = 0x04  # inspect.CO_VARARGS, without importing inspect: `import engine` stays cheap


class Primitive:
    """A differentiable operation: call it on numbers for a number, on Values for a Value.

    Attributes:
        name: what it is called, in errors and in the table of operations.
        symbol: how a drawing shows it.
        rule: operands -> (value, pullback), with pullback: adjoint -> a contribution for each operand.
        formula: the value as an expression of the operands' names.
        derivatives: the local derivative with respect to each operand, as expressions of the operands too.
        is_public: whether users have it as a function and as a method; some are for rules alone.
        operand_names: the names of the rule's operands; one of any number of operands with its star: ``*xs``.
        defaults: the numbers of the last operands where they are left out.
        latex: how mathematics writes it, in LaTeX and in its operands' names; "" as its name says, or its formula.
    """

    latex = ""

    def __init__(
        self,
        rule: Rule,
        formula: str = "",
        derivatives: Sequence[str] = (),
        symbol: str = "",
        operand_names: tuple[str, ...] | None = None,
        is_public: bool = True,
    ) -> None:
        if not hasattr(rule, "__code__"):
            raise TypeError(
                f"a rule is a Python function of numbers that returns (value, pullback), got {rule!r}: write a def"
            )
        self.name = rule.__name__
        self.rule = rule
        self.operand_names = _operand_names(rule) if operand_names is None else operand_names
        self.defaults: tuple[Scalar, ...] = rule.__defaults__ or ()
        self.formula = formula or f"{self.name}({', '.join(self.operand_names)})"
        self.derivatives = tuple(derivatives)
        self.symbol = symbol or self.name
        self.is_public = is_public
        self.__doc__ = rule.__doc__ or self.formula
        self.__module__, self.__qualname__ = rule.__module__, rule.__qualname__

    @property
    def is_built_in(self) -> bool:
        """Whether it is one of the engine's own, whose pullback is the derivative of its number."""
        return self.rule.__module__.startswith("engine.")

    @property
    def takes_any_number(self) -> bool:
        """Whether it is of any number of operands."""
        return self.operand_names[-1:] != () and self.operand_names[-1].startswith("*")

    @overload
    def __call__(self, *operands: float, **named: float) -> float: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, *operands: Number, **named: Number) -> Value: ...
    @overload
    def __call__(self, *operands: Operand | float, **named: Operand | float) -> Any: ...
    def __call__(self, *operands: Scalar, **named: Scalar) -> Scalar:
        """The value: a float for plain numbers, a Value that records the operation if any operand is one."""
        if named or len(operands) != len(self.operand_names):
            operands = self._all_operands(operands, named)
        for operand in operands:
            if hasattr(operand, "__primitive__"):
                return operand.__primitive__(self, operands)
        return self._on_numbers(operands)

    def on_floats(self, numbers: tuple[float, ...]) -> tuple[float, Pullback]:
        """What the rule returns for floats."""
        return self.rule(*numbers)

    def _on_numbers(self, operands: tuple[Scalar, ...]) -> Scalar:
        arrays = any(map(is_array, operands))
        returned = self.rule(*operands) if arrays else self.rule(*map(as_float, operands))
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            raise not_a_rule(self, returned)
        return returned[0]

    def _all_operands(self, operands: tuple[Scalar, ...], named: dict[str, Scalar]) -> tuple[Scalar, ...]:
        """The operands in order, with those given by name, ``leaky_relu(x, slope=0.1)``, and those left out."""
        required = len(self.operand_names) - len(self.defaults)
        for place in range(len(operands), len(self.operand_names)) if named else ():
            left_out = self.operand_names[place] not in named
            if left_out and place < required:
                break
            operands += (self.defaults[place - required] if left_out else named.pop(self.operand_names[place]),)
        if named:
            usage = f"{self.name}({', '.join(self.operand_names)})"
            raise TypeError(f"{usage} has no place for {', '.join(named)}: give its operands in order")
        if self.takes_any_number:
            return operands
        missing = len(self.operand_names) - len(operands)
        if 0 < missing <= len(self.defaults):  # an operand left out is a constant of the graph like any other number
            operands += self.defaults[-missing:]
        elif missing:
            usage = f"{self.name}({', '.join(self.operand_names)})"
            most = len(self.operand_names)
            least = f"{most - len(self.defaults)} to " if self.defaults else ""
            raise TypeError(f"{usage} takes {least}{most} number{'s' * (most > 1)}, got {len(operands)}")
        return operands

    def __reduce__(self) -> str:
        """Copied and pickled as a function is: by name, staying the one primitive it is."""
        return self.__qualname__

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.formula}>"


class Elementary(Primitive):
    """A primitive whose number the arithmetic itself has.

    Attributes:
        number: the number on floats. Where it raises, the number is what `edge` says.
        edge: the number where `number` raises an ArithmeticError or a ValueError: IEEE 754 has one there.
        derive: operands and value -> pullback. One of any number of operands takes them as a tuple.
        arrays: the function of NumPy's or JAX's namespace, by its name there or made from the namespace.
        javascript: the same as the text of a JavaScript function.
        in_arrays: what array code computes in its place: a function of its operands, written as a rule is; or None.
        sympy: the function of SymPy's namespace, by its name there or made from the namespace.
        is_truth: whether its number is a truth value: 1 or 0.
        variadic: whether it is of any number of operands.
    """

    def __init__(
        self,
        derive: Callable[..., Pullback],
        formula: str,
        derivatives: Sequence[str],
        symbol: str,
        *,
        number: Callable[..., float],
        edge: Callable[..., float],
        arrays: str | Callable[[Any], Callable[..., Any]],
        javascript: str,
        in_arrays: Callable[..., Scalar] | None,
        latex: str,
        sympy: str | Callable[[Any], Callable[..., Any]],
        is_truth: bool,
        variadic: bool,
        is_public: bool,
    ) -> None:
        *names, _ = _operand_names(derive)  # the last is the value
        operand_names = (f"*{names[0]}",) if variadic else tuple(names)

        def rule(*operands: Scalar) -> tuple[Scalar, Pullback]:
            value = self(*operands)
            return value, derive(operands, value) if variadic else derive(*operands, value)

        rule.__name__, rule.__doc__ = derive.__name__, derive.__doc__
        rule.__module__, rule.__qualname__ = derive.__module__, derive.__qualname__
        super().__init__(rule, formula, derivatives, symbol, operand_names, is_public)
        self.number, self.edge, self.derive = number, edge, derive
        self.arrays = arrays or self.name
        self.javascript = javascript or f"Math.{self.name}"
        self.in_arrays, self.is_truth, self.variadic = in_arrays, is_truth, variadic
        self.latex, self.sympy = latex, sympy
        self._count = len(operand_names)

    def __call__(self, *operands: Scalar, **named: Scalar) -> Scalar:
        if named or (len(operands) != self._count and not self.variadic):
            return super().__call__(*operands, **named)
        for operand in operands:
            if type(operand) is not float:
                return super().__call__(*operands)
        try:
            return self.number(*operands)
        except (ArithmeticError, ValueError):
            return self.edge(*operands)

    def on_floats(self, numbers: tuple[float, ...]) -> tuple[float, Pullback]:
        try:
            value = self.number(*numbers)
        except (ArithmeticError, ValueError):
            value = self.edge(*numbers)
        return value, self.derive(numbers, value) if self.variadic else self.derive(*numbers, value)

    def _on_numbers(self, operands: tuple[Scalar, ...]) -> Scalar:
        if any(map(is_array, operands)):
            import numpy

            if self.in_arrays is not None:
                return self.in_arrays(*operands)
            return self.on(numpy)(*operands)
        return self(*map(as_float, operands))

    def on(self, namespace: Any) -> Callable[..., Any]:
        """Its function on the arrays of a namespace: `numpy`, or `jax.numpy`."""
        return getattr(namespace, self.arrays) if isinstance(self.arrays, str) else self.arrays(namespace)


def primitive_of(function: object) -> Primitive | None:
    """The primitive that a function is the door to, as `engine.tanh`; or that it is itself; None if it is neither."""
    found = getattr(function, "primitive", function)
    return found if isinstance(found, Primitive) else None


def _operand_names(function: Callable[..., Any]) -> tuple[str, ...]:
    code = function.__code__
    fixed = code.co_varnames[: code.co_argcount]
    starred = code.co_varnames[code.co_argcount : code.co_argcount + bool(code.co_flags & _CO_VARARGS)]
    return (*fixed, *(f"*{name}" for name in starred))


def is_array(thing: object) -> bool:
    """Whether `thing` is a NumPy array. A NumPy scalar is a number."""
    return hasattr(thing, "__array_ufunc__") and not is_real(thing)


def as_float(number: object) -> float:
    """`number` as a Python float: an int, bool, Fraction or NumPy real scalar too.

    TypeError for anything else, OverflowError for an integer too large.
    """
    if is_real(number):
        try:
            return float(number)
        except OverflowError:
            raise OverflowError("an integer too large for a float, which holds up to about 1.8e308") from None
    raise TypeError(not_a_number(number))


def is_real(thing: Any) -> TypeGuard[float]:
    """Whether `thing` is a real number. NumPy's bool is one as Python's is, though not registered as `numbers.Real`."""
    return isinstance(thing, (float, int, Real)) or (getattr(thing, "dtype", None) == "bool" and thing.shape == ())


@overload
def primitive(rule: Rule, /) -> Primitive: ...
@overload
def primitive(formula: str = "", /, *derivatives: str, symbol: str = "") -> Callable[[Rule], Primitive]: ...
def primitive(formula_or_rule: Any = "", /, *derivatives: str, symbol: str = "") -> Any:
    """Turn a rule into a differentiable operation, for built-in and user-made ones alike.

    The rule takes numbers and returns the value and its pullback. Written with `engine`'s functions (not `math`'s), it
    also serves higher derivatives and the compiler.

    >>> from engine import Value, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x * x * x, lambda g: (g * 3 * x * x,)
    >>> x = Value(2.0)
    >>> y = cube(x)
    >>> y.backward()
    >>> y.data, x.grad
    (8.0, 12.0)
    """
    if not isinstance(formula_or_rule, str):
        return Primitive(formula_or_rule)
    return lambda rule: Primitive(rule, formula_or_rule, derivatives, symbol)


def elementary(
    formula: str,
    /,
    *derivatives: str,
    number: Callable[..., float],
    edge: Callable[..., float] = lambda *_: NAN,
    arrays: str | Callable[[Any], Callable[..., Any]] = "",
    javascript: str = "",
    symbol: str = "",
    in_arrays: Callable[..., Scalar] | None = None,
    latex: str = "",
    sympy: str | Callable[[Any], Callable[..., Any]] = "",
    is_truth: bool = False,
    variadic: bool = False,
    is_public: bool = True,
) -> Callable[[Callable[..., Pullback]], Elementary]:
    r"""Make an operation of a number that the arithmetic itself has; the function below it gives the pullback.

    The function takes the operands and the value, so that a pullback can use the value again.

    Args:
        formula: the value as an expression of the operands.
        derivatives: the local derivative with respect to each operand.
        number: the number on floats, as ``math.tanh``.
        edge: the number where that raises (``math.log(0.0)``): what IEEE 754 and PyTorch have there; nan if not given.
        arrays: NumPy's and JAX's name of it, or a function from the namespace to the function; the same name if not
            given.
        javascript: a JavaScript function, as text; that of ``Math`` of the same name if not given.
        symbol: how a drawing shows it; its name if not given.
        in_arrays: what array code computes in its place, as a function of the operands, if it is to be another form.
        latex: how mathematics writes it, as ``\sqrt{x}``; its name, or its formula, if not given.
        sympy: SymPy's name of it, or a function from the namespace to the function; the same name if not given, or its
            formula where that says it in other functions.
        is_truth: whether the number is a truth value.
        variadic: whether it is of any number of operands; the function takes them as a tuple.
        is_public: whether it is a function and a method, and has its row in README; False for one that rules alone use.
    """
    return lambda derive: Elementary(
        derive, formula, derivatives, symbol,
        number=number, edge=edge, arrays=arrays, javascript=javascript, in_arrays=in_arrays,
        latex=latex, sympy=sympy, is_truth=is_truth, variadic=variadic, is_public=is_public,
    )  # fmt: skip
