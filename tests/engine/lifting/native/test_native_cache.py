"""Machine code on disk: what is kept is used again, what is not as it should be is as if it were not there."""

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import Value, compile, files
from engine.lifting.native import code_cache, native_code, program_key
from engine.lifting.native.code_cache import CodeCache, found_cache
from tests.strategies.recurrences import KINDS

pytest.importorskip("llvmlite")


@pytest.fixture
def cache(tmp_path, monkeypatch) -> CodeCache:
    monkeypatch.setenv("LIFTGRAD_CACHE", str(tmp_path / "cache"))
    found = found_cache()
    assert found is not None
    return found


@pytest.fixture
def compilations(monkeypatch) -> list[str]:
    """What LLVM is asked to compile."""
    asked, made = [], native_code.machine.made
    monkeypatch.setattr(native_code.machine, "made", lambda text, terms: asked.append(text) or made(text, terms))
    return asked


def result(weight: float = 0.5, constant: float = 3.0, name: str = "w"):
    """The value and the gradient of a small function, compiled anew."""
    w = Value(weight, label=name)
    f = compile(lambda x: engine.tanh(w * x) + constant, backend="native")
    return f.value_and_grad(0.7), f


def kept(cache: CodeCache) -> list[str]:
    """The files of programs, and what was put there by hand; not those of the way to call them."""
    names = [path.name for path in Path(cache.folder).iterdir()]
    return sorted(name for name in names if not name.startswith("text-"))


def test_what_has_been_compiled_once_is_not_compiled_again(cache, compilations) -> None:
    (value, gradient), _ = result()
    (again, gradient_again), f = result(name="v")
    assert len(compilations) == len(kept(cache)) == 1
    assert (again, gradient_again.tolist()) == (value, gradient.tolist())
    assert repr(f.program.native).endswith(" bytes, from the disk>")
    f.value_and_grad(np.linspace(0.0, 1.0, 9))  # other code: many rows at once
    f(0.7)  # and another function
    result(weight=-1.5)  # the same code, for other parameters
    assert len(compilations) == len(kept(cache)) == 3
    assert result(constant=3.5)[0][0] == pytest.approx(value + 0.5)
    assert len(compilations) == 4


def test_other_sources_or_another_processor_are_other_code(cache, compilations, monkeypatch) -> None:
    result()
    monkeypatch.setattr(native_code, "FINGERPRINT", "another")
    result()
    monkeypatch.setattr(native_code.machine, "described", lambda: ("LLVM", "a triple", "a processor", "features"))
    result()
    assert len(compilations) == len(kept(cache)) == 3
    monkeypatch.setattr(native_code, "FINGERPRINT", "")  # sources that cannot be read
    result()
    assert (len(compilations), len(kept(cache))) == (4, 3)


@pytest.mark.parametrize("content", ["", "half", "changed", "of another key", "a folder"])
def test_what_is_not_as_it_was_is_compiled_again(cache, compilations, content: str) -> None:
    (value, _), _ = result()
    path = Path(cache.folder, kept(cache)[0])
    good = path.read_bytes()
    if content == "a folder":
        path.unlink()
        path.mkdir()
    else:
        changed = bytearray(good)
        changed[-100] ^= 1
        result(constant=4.0)
        (other,) = {*kept(cache)} - {path.name}
        of_another = Path(cache.folder, other).read_bytes()
        written = {"": b"", "half": good[: len(good) // 2], "changed": changed, "of another key": of_another}
        path.write_bytes(written[content])
        compilations.clear()
        compilations.append("")
    assert result()[0][0] == value
    assert len(compilations) == 2
    if content != "a folder":
        assert path.read_bytes() == good


def test_code_that_cannot_be_loaded_is_compiled_again(cache, compilations) -> None:
    (value, _), _ = result()
    key = kept(cache)[0].removesuffix(".code")
    text = native_code.NativeText("", work=8, terms=1, lanes=1, operations=1, by_rows=False)
    cache.put(key, native_code._packed(native_code.NativeCode(b"no object code", text)))
    assert result()[0][0] == value
    assert result()[0][0] == value
    assert len(compilations) == 2


def test_it_is_turned_off_by_one_word(cache, compilations, monkeypatch) -> None:
    monkeypatch.setenv("LIFTGRAD_CACHE", "0")
    result()
    result()
    assert len(compilations) == 2
    assert not Path(cache.folder).exists()


@pytest.mark.parametrize("trouble", ["full disk", "no folder can be", "larger than any"])
def test_where_nothing_can_be_kept_code_is_compiled(cache, compilations, monkeypatch, trouble: str) -> None:
    if trouble == "full disk":

        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(files, "write", full)
    elif trouble == "no folder can be":
        Path(os.environ["LIFTGRAD_CACHE"]).touch()
    else:
        monkeypatch.setattr(code_cache, "LARGEST", 100)
    assert result()[0][0] == result()[0][0]
    assert len(compilations) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="on Windows a user's folders are closed to others")
@pytest.mark.parametrize("others", ["may read", "own it", "have put a link there"])
def test_nothing_is_read_from_where_others_can_write(cache, compilations, monkeypatch, others: str) -> None:
    result()
    if others == "may read":
        Path(cache.folder).chmod(0o750)
    elif others == "own it":
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    else:
        elsewhere = Path(cache.folder).rename(f"{cache.folder} elsewhere")
        Path(cache.folder).symlink_to(elsewhere)
    refusal = {"may read": "is open to other users", "own it": "belongs to another user"}.get(others, "is no folder")
    assert refusal in cache.refusal()
    f = result()[1]
    assert len(compilations) == 2
    assert repr(f.program.native).endswith(f", compiled here; nothing is kept on disk: {cache.refusal()}>")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows knows no such users")
def test_no_folder_is_made_in_the_home_of_another(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("LIFTGRAD_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "not absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    cache = found_cache()
    assert cache.folder == str(tmp_path / ".cache" / "liftgrad" / "native")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    cache.put("key", b"code")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("platform", "variable", "path"),
    [
        ("linux", "XDG_CACHE_HOME", "liftgrad/native"),
        ("darwin", "HOME", "Library/Caches/liftgrad/native"),
        ("win32", "LOCALAPPDATA", "liftgrad/native"),
    ],
)
def test_it_is_where_the_platform_has_caches(tmp_path, monkeypatch, platform, variable, path) -> None:
    monkeypatch.delenv("LIFTGRAD_CACHE")
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert found_cache().folder == str(tmp_path.joinpath(*path.split("/")))
    monkeypatch.setenv(variable, "")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # no home
    assert found_cache() is None


def test_it_keeps_what_was_used_last(cache, monkeypatch) -> None:
    monkeypatch.setattr(code_cache, "MOST_FILES", 8)
    for k in range(8):
        cache.put(f"key{k}", b"x" * 1000)
        os.utime(cache._path(f"key{k}"), (k, k))
    strange = Path(cache.folder, "letter.txt")
    strange.touch()
    os.utime(strange, (0, 0))
    assert cache.get("key1") == b"x" * 1000
    cache.put("new", b"y")
    assert kept(cache) == [*map("{}.code".format, ("key1", "key4", "key5", "key6", "key7")), "letter.txt", "new.code"]
    monkeypatch.setattr(code_cache, "MOST_BYTES", 3000)
    cache.put("other", b"z")
    assert kept(cache) == ["key1.code", "key7.code", "letter.txt", "new.code", "other.code"]


def test_each_program_has_one_key_in_every_process(cache) -> None:
    """Several processes at once, with other orders of sets, keep one file for each function, and agree."""
    script = """
        import sys
        from engine import compile
        from tests.strategies.recurrences import KINDS
        for kind in sys.argv[1:]:
            f, arguments = KINDS[kind]()
            print(compile(f, backend="native")(*arguments))
    """
    names = [*KINDS][:2]
    command = [sys.executable, "-c", textwrap.dedent(script), *names]
    running = [
        subprocess.Popen(command, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE) for seed in "12"
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert len({*said}) == 1
    assert len(kept(cache)) == len(names)


def keys(f, arguments, *of: object) -> set[str]:
    compiled = compile(f)
    compiled(*arguments)
    return {program_key.key_of(compiled.program.arrays, *of)}


def test_programs_that_differ_have_other_keys() -> None:
    w = [Value(float(k), label=name) for k, name in enumerate("abc")]
    x = [0.5, 2.0]
    programs = [
        lambda x: w[0] * x[0] + w[1] * x[1],
        lambda x: w[0] * x[0] - w[1] * x[1],
        lambda x: w[0] * x[0] + w[1] * x[0],
        lambda x: w[0] * x[0] + w[0] * x[1],
        lambda x: w[0] * x[0] + 2.0 * x[1],
        lambda x: w[0] * x[0] + 2.0000000000000004 * x[1],
        lambda x: [w[0] * x[0], w[1] * x[1]],
        lambda x: engine.maximum(w[0] * x[0], 0.0),
        lambda x: engine.maximum(w[0] * x[0], -0.0),
        lambda x: sum(w[k % 3] * x[0] for k in range(7)),
        lambda x: sum(w[k % 3] * x[0] for k in range(8)),
    ]
    found = [keys(f, [x]) for f in programs]
    found += [keys(*kind()) for kind in KINDS.values()]
    found += [keys(programs[0], [x], *of) for of in (("value", 1), ("value", 4), ("gradients", 1))]
    assert len(set.union(*found)) == len(found)
    assert keys(lambda y: w[2] * y[0] + w[1] * y[1], [x]) == found[0]


def test_a_text_with_no_program_behind_it_is_kept_too(cache, monkeypatch) -> None:
    machine, text = native_code.machine, "define double @run() {\n  ret double 1.0\n}\n"
    code = machine.compiled(text)
    assert machine.compiled(text, 0)
    assert len([*Path(cache.folder).iterdir()]) == 2
    monkeypatch.setattr(machine, "_compiled", None)
    assert machine.compiled(text) == code


def test_what_cannot_be_put_into_a_key_is_not_kept(cache, monkeypatch) -> None:
    def nothing(*_):
        raise program_key.NoKey("a spin cannot be put into a key")

    monkeypatch.setattr(native_code, "key_of", nothing)
    result()
    assert not Path(cache.folder).exists()
