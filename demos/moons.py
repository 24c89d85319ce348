"""Two moons: a network of Values learns to tell two interleaved half circles apart.

    python -m demos.moons [--out DIR] [--steps N]

Micrograd's demonstration: 100 points, an MLP with two hidden layers of 16 neurons, the hinge loss, plain gradient
descent with a falling learning rate. Writes the loss curve and the decision boundary as pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from demos import style
from demos.commands import parser_of, says_what_is_missing
from demos.style import BLUE, FAINT, INK, RED
from nn import MLP, SGD, History, LinearLR, accuracy, evaluate, fit, hinge

CLASSES = (RED, BLUE)  # of the targets -1 and 1


class Result(NamedTuple):
    """What `run` gives back."""

    model: MLP
    history: History
    accuracy: float
    paths: list[Path]


def two_moons(n: int = 100, noise: float = 0.1, seed: int = 1337) -> list[tuple[list[float], float]]:
    """n pairs ((x1, x2), y) on two half circles, y = -1 or 1, from scikit-learn's `make_moons`."""
    from sklearn.datasets import make_moons

    points, classes = make_moons(n_samples=n, noise=noise, random_state=seed)
    return [(point, 2.0 * label - 1.0) for point, label in zip(points.tolist(), classes.tolist())]


def train(
    pairs: list[tuple[list[float], float]], steps: int = 100, seed: int = 1337, progress: bool | None = None
) -> tuple[MLP, History]:
    """An MLP trained on all pairs at once for `steps` steps, and how it went."""
    model = MLP(2, [16, 16, 1], seed=seed)
    optimizer = SGD(model.parameters(), lr=1.0, weight_decay=2e-4)
    schedule = LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=steps)
    history = fit(
        model,
        pairs,
        loss=hinge,
        optimizer=optimizer,
        epochs=steps,
        metrics=[accuracy],
        schedule=schedule,
        progress=progress,
    )
    return model, history


def run(out: str | Path, steps: int = 100, progress: bool | None = None) -> Result:
    """Train, and write both pictures into the folder `out`.

    Raises:
        ModuleNotFoundError: without scikit-learn or matplotlib; says what to install.
    """
    style.require_packages("demos.moons", "matplotlib", "sklearn")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = two_moons()
    model, history = train(pairs, steps, progress=progress)
    share = evaluate(model, pairs, hinge, {"accuracy": accuracy})["accuracy"]
    paths = [folder / "moons_loss.png", folder / "moons_boundary.png"]
    draw_history(history, paths[0])
    draw_boundary(model, pairs, share, paths[1])
    return Result(model, history, share, paths)


def draw_history(history: History, path: Path) -> None:
    """Loss above accuracy, by step."""
    figure, (top, bottom) = style.figure((7.2, 4.8), rows=2, height_ratios=(2, 1), sharex=True)
    style.title(top, "Two moons: training")
    shares = [100 * share for share in history.metrics["accuracy"]]
    steps = range(1, len(history) + 1)
    for axes, series, label, colour in (
        (top, history.losses, "hinge loss, mean", INK),
        (bottom, shares, "accuracy, %", BLUE),
    ):
        axes.plot(steps, series, color=colour, linewidth=2)
        style.label_end(axes, len(history), series[-1], f"{series[-1]:.3g}", colour)
        axes.set_ylabel(label)
        style.horizontal_grid(axes)
        axes.margins(x=0.01)
    top.set_ylim(bottom=0)
    bottom.set_ylim(min(50.0, *shares), 102)
    bottom.set_xlabel("step")
    style.whole_numbers(bottom)
    style.save(figure, path)


def draw_boundary(model: MLP, pairs: list[tuple[list[float], float]], share: float, path: Path) -> None:
    """The score all over the plane: the boundary where it is 0, the margins where it is -1 and 1, and the points."""
    from matplotlib.colors import LinearSegmentedColormap

    (left, right), (low, high) = ((min(xs) - 0.45, max(xs) + 0.45) for xs in zip(*(x for x, _ in pairs)))
    columns, rows = 90, 70
    xs = [left + (right - left) * k / (columns - 1) for k in range(columns)]
    ys = [low + (high - low) * k / (rows - 1) for k in range(rows)]
    scores = [[model.predict([x, y]) for x in xs] for y in ys]

    figure, axes = style.figure((7.2, 5.2))
    shades = LinearSegmentedColormap.from_list("moons", [CLASSES[0], "#ffffff", CLASSES[1]])
    axes.imshow(
        scores, extent=(left, right, low, high), origin="lower", interpolation="bilinear", cmap=shades, vmin=-4, vmax=4,
        alpha=0.6,
    )  # fmt: skip
    axes.contour(xs, ys, scores, levels=[-1, 1], colors=FAINT, linewidths=1, linestyles="dashed")
    axes.contour(xs, ys, scores, levels=[0], colors=INK, linewidths=2)
    for target, colour, marker in ((-1.0, CLASSES[0], "o"), (1.0, CLASSES[1], "s")):
        points = [x for x, y in pairs if y == target]
        axes.scatter(
            [x[0] for x in points],
            [x[1] for x in points],
            s=42,
            c=colour,
            marker=marker,
            edgecolors="white",
            linewidths=0.9,
            label=f"y = {target:.0f}".replace("-", "−"),
            zorder=3,
        )
    style.title(axes, f"Two moons: {100 * share:.0f}% of {len(pairs)} points right")
    axes.plot([], [], color=INK, linewidth=2, label="score 0")
    axes.plot([], [], color=FAINT, linewidth=1, linestyle="dashed", label="score ±1")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9.5, labelcolor=INK)
    axes.set_xlabel("$x_1$")
    axes.set_ylabel("$x_2$")
    axes.set_aspect("equal")
    style.save(figure, path)


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("moons", "Train an MLP on two moons.")
    parser.add_argument("--steps", type=int, default=100, help="steps of gradient descent (default: %(default)s)")
    options = parser.parse_args(arguments)
    result = run(options.out, options.steps)
    print(f"{result.model}\n{len(result.history)} steps: {result.history.last()}")
    print(f"{100 * result.accuracy:.0f}% of the points are on the right side. Written:")
    for path in result.paths:
        print(f"  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
