"""A training that is watched learns the same, and shows its losses and its boundary; histories as figures."""

import io
import random

import pytest

from nn import MLP, SGD, Dropout, History, Layer, Module, accuracy, cross_entropy, fit, hinge, squared_error
from nn.plane import plane_of
from nn.watching import TerminalScreen, boundary, curve, in_lines

pytest.importorskip("matplotlib")
Image = pytest.importorskip("PIL.Image")


def two_sides(n=30):
    draw = random.Random(0)
    points = [[draw.uniform(-1, 1), draw.uniform(-1, 1)] for _ in range(n)]
    return [(x, 1.0 if x[0] + x[1] > 0 else -1.0) for x in points]


def trained(pairs=None, loss=hinge, outputs=1, epochs=12, **options):
    pairs = pairs or two_sides()
    model = MLP(len(pairs[0][0]), [4, outputs], activation="tanh", seed=1)
    history = fit(model, pairs, loss=loss, optimizer=SGD(model.parameters(), lr=0.2), epochs=epochs, **options)
    return model, history


@pytest.mark.parametrize("compiled", [False, True])
def test_watching_changes_nothing_that_is_learned(compiled, capsys):
    plain, one = trained(compiled=compiled, metrics=[accuracy])
    watched, other = trained(compiled=compiled, metrics=[accuracy], watch=True)
    assert [p.data for p in plain.parameters()] == [p.data for p in watched.parameters()]
    assert one.columns() == other.columns()
    assert one.state_dict().keys() == other.state_dict().keys()
    shown = capsys.readouterr().out.splitlines()  # no terminal: the last state alone
    assert shown[0] == "epoch 12"
    assert [line.split()[0] for line in shown[1:3]] == ["loss", "accuracy"]


def test_the_last_frame_is_the_models_boundary(capsys):
    model, history = trained(watch=True)
    assert history.frames[0].epoch == 1
    assert history.frames[-1].epoch == 12
    plane = history.plane
    for row, y in zip(history.frames[-1].scores, plane.ys):
        assert row == pytest.approx([model.predict([x, y]) for x in plane.xs])
    assert len(plane.points) == 30
    assert plane.xs[0] < min(x for x, _, _ in plane.points) < max(x for x, _, _ in plane.points) < plane.xs[-1]


@pytest.mark.parametrize(
    ("pairs", "loss", "outputs", "threshold", "classes"),
    [
        (two_sides(), hinge, 1, 0.0, 2),
        ([(x, int(y > 0)) for x, y in two_sides()], cross_entropy, 2, 0.0, 2),
        ([(x, k % 3) for k, (x, _) in enumerate(two_sides())], cross_entropy, 3, 1.0, 3),
    ],
)
def test_sides_are_told_apart_as_the_loss_does(pairs, loss, outputs, threshold, classes):
    plane = plane_of(MLP(2, [3, outputs], seed=1), pairs)
    assert plane.classes == classes
    if outputs == 1:
        assert plane.threshold == threshold
    assert {label for _, _, label in plane.points} == {*range(classes)}


def test_probabilities_are_told_apart_at_a_half():
    pairs = [(x, float(y > 0)) for x, y in two_sides()]
    assert plane_of(MLP(2, [3, 1], activation=["tanh", "sigmoid"], seed=1), pairs).threshold == 0.5
    assert plane_of(MLP(2, [3, 1], activation="tanh", seed=1), pairs).threshold == 0.0


@pytest.mark.parametrize("pairs", [[([1.0], 1.0)], [([1.0, 2.0], [1.0, 2.0])], []])
def test_there_is_no_plane_without_two_inputs_and_a_class(pairs):
    assert plane_of(MLP(2, [1]), pairs) is None


def test_the_text_shows_curves_and_the_boundary():
    model, history = trained(watch=False, metrics=[accuracy])
    plane = plane_of(model, two_sides())
    scores = plane.scores(model)
    lines = boundary(plane, scores)
    assert {len(line) for line in lines} == {len(plane.xs)}
    shown = "".join(lines)
    assert {*shown} <= {*".#ox"}
    assert shown.count("o") + shown.count("x") <= 30
    top = lines[0].replace("o", "?").replace("x", "?")  # the highest y comes first
    assert all(c in ("?", ".#"[score > 0]) for c, score in zip(top, scores[-2]))
    assert in_lines(history, None)[0] == "epoch 12"


def test_curves_of_any_numbers():
    assert curve([]) == ""
    assert curve([1.0, 1.0]) == "▁▁"
    assert curve([float("nan"), 0.0, float("inf"), 1.0]) == " ▁ █"
    assert len(curve([*range(1000)], width=50)) == 50


class Terminal(io.StringIO):
    encoding = "ascii"

    def isatty(self):
        return True


def test_a_terminal_is_written_over_in_characters_it_has():
    stream = Terminal()
    _, history = trained(epochs=3)
    screen = TerminalScreen(stream)
    screen.show(history, None)
    screen.close(history, None)
    first, second = stream.getvalue().split("\x1b[2A")
    assert first == second
    assert first.isascii()


@pytest.mark.parametrize("watch", [False, True])
def test_an_animation_has_a_picture_for_every_frame(tmp_path, watch, capsys):
    _, history = trained(epochs=5, watch=watch)
    path = history.animate(tmp_path / "training.gif", seconds=1.0)
    with Image.open(path) as animation:
        assert animation.n_frames >= 2
        assert animation.is_animated
    with pytest.raises(ValueError, match=r"training\.mp4"):
        history.animate("training.mp4")
    with pytest.raises(ValueError, match="seconds=0"):
        history.animate("training.gif", seconds=0)


def test_a_plot_has_the_losses_and_a_panel_for_each_metric():
    _, history = trained(metrics=[accuracy], validation=0.3, seed=0)
    figure = history.plot()
    loss, share = figure.axes
    assert [[*line.get_ydata()] for line in loss.get_lines()] == [history.losses, history.validation_losses]
    assert share.get_ylabel() == "accuracy"
    assert len(share.get_lines()) == 2
    with pytest.raises(ValueError, match="no epochs"):
        History().plot()


def test_watch_is_a_flag():
    with pytest.raises(TypeError, match="watch"):
        trained(loss=squared_error, watch="boundary")


def test_a_notebook_shows_the_boundary_below_the_losses(capsys):
    _, history = trained(watch=True)
    page = history._repr_html_()
    assert page.count("<svg") == 2
    assert 'aria-label="The boundary after epoch 12"' in page
    assert page.count(">o</text>") + page.count(">x</text>") == 30
    assert "The boundary" not in trained()[1]._repr_html_()


class Folded(Module):
    """Decides with a Python if, which cannot be compiled."""

    def __init__(self):
        self.inner = MLP(2, [3, 1], activation="tanh", seed=1)

    def __call__(self, x):
        output = self.inner(x)
        return output if output.data > 0 else -output


def test_a_model_that_cannot_be_compiled_has_a_boundary_too():
    model = Folded()
    plane = plane_of(model, two_sides())
    assert plane.scores(model)[3] == [model.predict([x, plane.ys[3]]) for x in plane.xs]


def test_masks_of_dropout_are_the_same_whether_one_watches_or_not(capsys):
    ends = []
    for watch in (False, True):
        model = Dropped()
        optimizer = SGD(model.parameters(), lr=0.1)
        fit(model, two_sides(), loss=hinge, optimizer=optimizer, epochs=4, batch_size=7, seed=3, watch=watch)
        ends.append([p.data for p in model.parameters()])
    assert ends[0] == ends[1]


class Dropped(Module):
    def __init__(self):
        self.inner, self.dropout, self.last = Layer(2, 6, "tanh", seed=1), Dropout(0.5), Layer(6, 1, "linear", seed=2)

    def __call__(self, x):
        return self.last(self.dropout(self.inner(x)))
