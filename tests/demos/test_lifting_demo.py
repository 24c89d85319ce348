"""python -m demos.lifting prints the program and draws it."""

from xml.etree import ElementTree

from demos.lifting import main


def test_the_demo_prints_the_program_and_draws_it(tmp_path, capsys) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "z1 = x1 @ W1.T + b1" in printed
    assert "dW1 = delta1.T @ x1" in printed
    for name in ("lifted", "lifted-gradients"):
        drawn = "".join(ElementTree.parse(tmp_path / f"{name}.svg").getroot().itertext())
        assert "z1" in drawn
        assert ("delta1" in drawn) == (name == "lifted-gradients")
