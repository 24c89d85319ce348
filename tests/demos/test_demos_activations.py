"""The picture of the activations: the curves are right, and it is written."""

import sys

import mpmath
import pytest

from demos import activations

TRUE = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, 0),
    "leaky_relu": lambda z: max(z, z / 100),
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "swish": lambda z: z / (1 + mpmath.exp(-z)),
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
    "gelu": lambda z: z * mpmath.ncdf(z),
}


@pytest.mark.parametrize("name", activations.SHOWN)
def test_curves(name):
    zs, values, slopes = activations.curves(name, steps=16)
    assert (zs[0], zs[8], zs[-1]) == (-4.0, 0.0, 4.0)
    for z, value, slope in zip(zs, values, slopes, strict=True):
        assert value == pytest.approx(float(TRUE[name](mpmath.mpf(z))), rel=1e-12, abs=1e-14)
        if z != 0.0:  # where relu has a kink
            assert slope == pytest.approx(float(mpmath.diff(TRUE[name], z)), rel=1e-9, abs=1e-12)


def test_every_shown_activation_has_its_formula():
    assert {*activations.FORMULAS} == {*activations.SHOWN}


def test_the_picture_is_written(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert activations.main(["--out", str(tmp_path / "new")]) == 0
    picture = tmp_path / "new" / "activations.png"
    assert capsys.readouterr().out == f"{picture}\n"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert activations.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == 'demos.activations needs matplotlib: pip install "liftgrad[demos]"\n'
