"""26. Write it yourself.

All that is needed has been there: local derivatives (3 to 5), sums at a fan-out (6), the order (7). Now
put it together, in a class of about thirty lines. A Value has

    data, grad            its number, and how far the result moves with it (0.0 at first)
    + - * / and **        with Values and with plain numbers on either side; the exponent is a plain number
    relu()                the number if it is above 0, else 0
    backward()            puts the right number into the grad of everything it was computed from

Your task: the class. It is checked in small steps, from `+` on, so check early. At the end it has to pass
the two checks that micrograd, a well-known engine of this kind, has for its own.
"""


class Value:
    """A number that remembers where it came from."""

    def __init__(self, data): ...  # your code; the other methods below
