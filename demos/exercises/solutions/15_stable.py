"""15. Numbers too large for e^x.

exp is called with -|x| only, which may underflow to 0 and does no harm when it does.

    1/(1 + e^-x) = e^x/(1 + e^x)        serves x < 0
    log(1 + e^x) = x + log(1 + e^-x)    serves x > 0

1 + t loses t if that is tiny; math.log1p(t) is log(1 + t) that does not compute 1 + t.
"""

import math


def sigmoid(x):
    """1 / (1 + e^-x)."""
    t = math.exp(-abs(x))
    return 1 / (1 + t) if x >= 0 else t / (1 + t)


def softplus(x):
    """log(1 + e^x)."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
