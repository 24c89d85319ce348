"""What is measured while training, besides the loss, on plain numbers."""

from __future__ import annotations

from typing import Any


def accuracy(prediction: Any, target: Any) -> float:
    """1.0 if the prediction is of the target's class, else 0.0; the mean over pairs is the share that is right.

    Args:
        prediction: one score or logit, whose sign is the class; or one for each class, of which the largest is.
        target: for one score: above 0 for the one class (1), 0 or below for the other (0 or -1). For several: the index
            of the class, or its probabilities (one-hot).

    >>> from nn import accuracy
    >>> accuracy(0.3, 1), accuracy(0.3, -1), accuracy([0.1, 2.0, -1.0], 1), accuracy([0.1, 2.0], [1.0, 0.0])
    (1.0, 0.0, 1.0, 0.0)
    """
    if not isinstance(prediction, (list, tuple)):
        return float((prediction > 0) == (target > 0))
    best = _argmax(prediction)
    return float(best == (_argmax(target) if isinstance(target, (list, tuple)) else target))


def _argmax(numbers: Any) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)
