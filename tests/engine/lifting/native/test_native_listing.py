"""What `program.native` shows: the text that was compiled, and the assembly."""

import re

import pytest

import engine
from engine import Value, compile
from engine.lifting.native import native_code

pytest.importorskip("llvmlite")


def test_it_shows_what_was_compiled(monkeypatch) -> None:
    texts, made = [], native_code.machine.made
    monkeypatch.setattr(native_code.machine, "made", lambda text, terms: texts.append(text) or made(text, terms))
    w = Value(0.5, label="w")
    f = compile(lambda x: engine.tanh(w * x), backend="native")
    f(2.0)
    f.backward([1.0] * 9)
    native = f.program.native
    one, many = str(native).split("; value_and_gradients, ")
    assert one == f"; value, one row at a time\n{texts[0]}\n"
    assert many.split("\n", 1)[1] == texts[1]
    assert re.findall(r"(?m)^# (\w+), \w+ rows? at a time$", native.assembly) == ["value", "value_and_gradients"]
    assert native.assembly.count("\nrun:") == 2
    assert re.fullmatch(
        r"<native code: value, one row at a time: 2 scalar operations, [\d,]+ bytes, compiled here; "
        r"value_and_gradients, [48] rows at a time: \d+ scalar operations, [\d,]+ bytes, compiled here>",
        repr(native),
    )
    assert native._repr_html_().count("<tr>") == 3
    assert str(f.program) == str(compile_with_numpy(w).program)


def compile_with_numpy(w: Value):
    f = compile(lambda x: engine.tanh(w * x))
    f(2.0)
    return f


def test_before_a_function_is_called_there_is_no_code() -> None:
    f = compile(lambda x: engine.exp(x), backend="native")
    f([])
    assert "; native>" in repr(f)
    assert repr(f.program.native) == "<native code: no function has been called yet>"
    assert str(f.program.native) == ""


@pytest.mark.parametrize("why", ["another backend", "no code"])
def test_it_says_where_there_is_none(monkeypatch, why: str) -> None:
    f = compile(lambda x: engine.exp(x), backend="numpy" if why == "another backend" else "native")
    said = 'does not run as native code: compile the function with backend="native"'
    if why == "no code":

        def refused(_):
            raise native_code.machine.CannotCompile("no target for this host")

        monkeypatch.setitem(native_code.EXPANDED, "value", refused)
        said = "runs on NumPy: LLVM cannot compile it: no target for this host"
    assert f(0.0) == 1.0
    with pytest.raises(ValueError, match=f"^this program {re.escape(said)}$"):
        f.program.native  # noqa: B018
