"""demos/tour.ipynb runs from top to bottom, shows what it promises, and is kept with the outputs that it has."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "demos" / "tour.ipynb"


@pytest.fixture(scope="module")
def shown():
    """What each code cell shows, in a kernel of its own: (source, kinds of output, text)."""
    nbformat = pytest.importorskip("nbformat", reason="running the notebook needs nbformat, nbclient and ipykernel")
    nbclient = pytest.importorskip("nbclient", reason="running the notebook needs nbformat, nbclient and ipykernel")
    pytest.importorskip("ipykernel", reason="running the notebook needs nbformat, nbclient and ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # The checkout comes first on the kernel's path, as for someone who starts Jupyter in it
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}})
    client.execute()
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            kinds = {kind for output in cell.outputs for kind in output.get("data", ())}
            text = "".join(
                output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
            )
            cells.append((cell.source, kinds, text, {output.output_type for output in cell.outputs}))
    return cells


def cell(shown, source):
    [found] = [each for each in shown if source in each[0]]
    return found


def test_the_outputs_that_are_kept_are_those_it_has(shown):
    """The texts, and the kinds of the others: pictures differ by the version of what draws them."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    kept = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    assert len(kept) == len(shown)
    for each, (source, kinds, text, _) in zip(kept, shown):
        outputs = each["outputs"]
        assert {kind for output in outputs for kind in output.get("data", ())} == kinds, source
        said = "".join(
            "".join(output.get("text", "") or output.get("data", {}).get("text/plain", "")) for output in outputs
        )
        if "walkthrough()" not in source:  # the path of a temporary file
            assert said == text, f"{source}\nwrite it again: jupyter execute --inplace demos/tour.ipynb"


def test_values_models_and_histories_are_shown_as_pictures_and_tables(shown):
    assert "image/svg+xml" in cell(shown, 'named("y")\ny')[1]
    assert "image/svg+xml" in cell(shown, "draw(v")[1]
    assert "text/html" in cell(shown, "model = MLP")[1]
    assert "text/html" in cell(shown, "history = fit")[1]
    assert "text/html" in cell(shown, "y.walkthrough()")[1]
    assert "text/html" in cell(shown, "explain(y, w)")[1]
    assert "text/html" in cell(shown, "gradcheck(cube")[1]
    assert "text/latex" in cell(shown, "formula_of(first)")[1]
    assert "text/latex" in cell(shown, "program.latex()")[1]
    assert "image/png" in cell(shown, "plot(lambda x: model([x])")[1]
    assert "image/png" in cell(shown, "moons.run")[1]


def test_nothing_is_written_to_stderr(shown):
    for source, _, text, types in shown:
        assert "error" not in types, source
        assert "Warning" not in text, source


def test_it_says_what_the_text_says(shown):
    assert "3 paths: dv/du" in cell(shown, "explain(v, u)")[2]
    assert cell(shown, "many = u")[2] == "(1048576, 40, 1048576.0)"
    assert "y was computed from other Values" in cell(shown, "explain(cube")[2]
    measured, gradient = eval(cell(shown, "(moved - y.data)")[2])
    assert measured == pytest.approx(gradient, rel=1e-4)
    predictions = [float(number) for number in eval(cell(shown, "model.predict")[2])]
    assert predictions == pytest.approx([0.25, 0.0, 0.25], abs=0.05)
    assert "def value_and_gradients" in cell(shown, "print(loss.program)")[2]
