"""22. Predict: what is in grad?

Below is a whole program. Read it, and say what it returns before you run it. (Sums you may do on
paper; it is about what the calls do.)

Your task: your prediction, in `prediction`. Check it; then run this file with Python (in the page:
press Run), and see.
"""

from engine import Value


def program():
    """Three numbers that stand in a.grad, at three moments."""
    a = Value(3.0)
    y = a * a
    y.backward()
    first = a.grad
    y.backward()
    second = a.grad
    a.grad = 0.0
    (a * a * a).backward()
    third = a.grad
    return first, second, third


def prediction():
    """What first, second and third are."""
    return ...  # your prediction: three numbers, separated by commas


if __name__ == "__main__":
    print("predicted:", prediction())
    print("came out: ", program())
