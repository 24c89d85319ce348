"""16. An operation of your own: swish, then mish.

Nobody knows the best activation, and new ones come along. Two that did well (2017, 2019):

    swish(x) = x σ(x)                        σ the logistic function
    mish(x)  = x tanh(softplus(x))           softplus(x) = log(1 + e^x), and its derivative is σ(x)

`@primitive` makes an operation of the engine out of a rule: a function that returns the value and
the pullback. Yours will draw, differentiate twice, and train networks like those that are built
in.

Your task: the two pullbacks. Write them with the functions of the engine, not with math's: then
they work on Values too, and the derivative can itself be differentiated. A pullback returns a
tuple, also of one: (number,) with a comma.
"""

from engine import primitive, sigmoid, softplus, tanh


@primitive
def swish(x):
    """Swish."""
    s = sigmoid(x)
    return x * s, lambda g: ...  # your code


@primitive
def mish(x):
    """Mish."""
    t = tanh(softplus(x))
    return x * t, lambda g: ...  # your code
