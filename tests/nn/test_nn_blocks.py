"""Linear, Embedding, RMSNorm and causal self-attention against PyTorch's recorded numbers and central differences."""

import json
import math
import random
from pathlib import Path

import pytest

from engine import Value, compile, detect_anomaly, gradcheck
from engine import sum as sum_of
from nn import CausalSelfAttention, Embedding, Linear, RMSNorm

RECORD = json.loads((Path(__file__).parents[1] / "data" / "torch_layers.json").read_text(encoding="utf-8"))


def values(numbers):
    return [values(part) for part in numbers] if isinstance(numbers, list) else Value(numbers)


def flat(part):
    return [number for inner in part for number in flat(inner)] if isinstance(part, list) else [part]


def data(part):
    return [v.data if isinstance(v, Value) else v for v in flat(part)]


def grads(part):
    return [v.grad for v in flat(part)]


def close(numbers):
    """Equal but for rounding: of each, or where they cancel to 0 of what cancels, numbers of the size of 1 or more."""
    largest = max(1.0, *map(abs, flat(numbers)))
    return pytest.approx(flat(numbers), rel=1e-12, abs=1e-14 * largest)


def write(parameters, numbers):
    for parameter, number in zip(flat(parameters), flat(numbers), strict=True):
        parameter.data = number


def squares(y):
    return sum_of(v * v for v in flat(y))


def against_torch(module, case):
    """Output and gradients of a module whose parameters have PyTorch's names."""
    x = values(case["x"])
    for name, numbers in case["parameters"].items():
        write(getattr(module, name), numbers)
    y = module(x)
    assert data(y) == close(case["y"])
    squares(y).backward()
    assert grads(x) == close(case["x_gradient"])
    for name, numbers in case["gradients"].items():
        assert grads(getattr(module, name)) == close(numbers)
    assert len(module.parameters()) == sum(len(flat(numbers)) for numbers in case["parameters"].values())


def central_differences(module, f, h=1e-5):
    """The derivatives of f() with respect to every parameter of a module, by moving each a little both ways."""
    slopes = []
    for p in module.parameters():
        at = p.data
        p.data = at + h
        above = f().data
        p.data = at - h
        below = f().data
        p.data = at
        slopes.append((above - below) / (2 * h))
    return slopes


def assert_gradients(module, x):
    """Backward's gradients of the parameters and of every number in the input x."""

    def loss(*numbers):
        rest = iter(numbers)
        argument = [[next(rest) for _ in part] if isinstance(part, list) else next(rest) for part in x]
        return squares([v + 0.3 for v in flat(module(argument))])

    at = flat(x)
    assert gradcheck(loss, at)
    module.zero_grad()
    loss(*map(Value, at)).backward()
    slopes = central_differences(module, lambda: loss(*map(Value, at)))
    assert [p.grad for p in module.parameters()] == pytest.approx(slopes, rel=1e-6, abs=1e-7)


def vector(n, seed):
    generator = random.Random(seed)
    return [generator.gauss(0, 1) for _ in range(n)]


def sequence(length, width, seed=5):
    return [vector(width, seed + t) for t in range(length)]


class TestLinear:
    @pytest.mark.parametrize("case", RECORD["Linear"], ids=["bias", "no bias"])
    def test_is_pytorchs(self, case):
        rows = case["parameters"]["weight"]
        against_torch(Linear(len(rows[0]), len(rows), bias="bias" in case["parameters"]), case)

    @pytest.mark.parametrize("bias", [True, False])
    def test_gradients(self, bias):
        assert_gradients(Linear(3, 2, bias, seed=1), vector(3, 2))

    def test_starts_from_within_one_over_the_root_of_the_inputs(self):
        linear = Linear(16, 40, seed=1)
        numbers = data(linear.weight) + data(linear.bias)
        assert 0.24 < max(numbers) <= 0.25
        assert -0.25 <= min(numbers) < -0.24
        assert data(Linear(16, 40, seed=1).weight) == data(linear.weight)

    def test_another_number_of_inputs_is_refused(self):
        with pytest.raises(ValueError, match=r"Linear\(3, 2\) takes 3 numbers, got 4"):
            Linear(3, 2)([1.0] * 4)
        with pytest.raises(TypeError, match=r"Linear\(3, 2\) takes a list of 3 numbers, got 1\.0"):
            Linear(3, 2)(1.0)


class TestEmbedding:
    def test_is_pytorchs(self):
        (case,) = RECORD["Embedding"]
        table = Embedding(5, 3)
        write(table.weight, case["parameters"]["weight"])
        y = table(case["x"])
        assert data(y) == close(case["y"])
        squares(y).backward()
        assert grads(table.weight) == close(case["gradients"]["weight"])

    def test_an_index_gives_the_tables_own_values(self):
        table = Embedding(4, 3, seed=1)
        assert all(a is b for a, b in zip(table(2), table.weight[2], strict=True))
        table(2).clear()
        assert len(table.weight[2]) == 3

    @pytest.mark.parametrize("x", [Value(2.0), [0.0, 0.0, 1.0, 0.0], (Value(0.0), 0, True, 0)])
    def test_a_value_and_a_one_hot_vector_give_the_same_row(self, x):
        table = Embedding(4, 3, seed=1)
        assert data(table(x)) == data(table.weight[2])

    def test_arrays_are_lists(self):
        numpy = pytest.importorskip("numpy")
        table = Embedding(4, 3, seed=1)
        for x in (numpy.int64(2), numpy.eye(4)[2]):
            assert data(table(x)) == data(table.weight[2])

    def test_weights_mix_rows(self):
        table = Embedding(3, 2, seed=1)
        mixed = [0.5 * a - 2.0 * b for a, b in zip(data(table.weight[0]), data(table.weight[2]))]
        assert data(table([0.5, 0.0, -2.0])) == pytest.approx(mixed, rel=1e-15)

    def test_gradients(self):
        assert_gradients(Embedding(3, 2, seed=1), [0.2, -0.7, 1.5])

    def test_an_index_may_be_unknown_while_a_function_is_traced(self):
        pytest.importorskip("numpy")
        table = Embedding(4, 3, seed=1)
        looked_up = compile(lambda i: table(i))
        for index in range(4):
            assert looked_up(index) == data(table.weight[index])

    def test_starts_from_a_standard_normal_distribution(self):
        numbers = data(Embedding(50, 40, seed=1).weight)
        assert abs(sum(numbers) / 2000) < 0.06
        assert sum(x * x for x in numbers) / 2000 == pytest.approx(1.0, abs=0.08)

    @pytest.mark.parametrize(
        ("x", "message"),
        [
            (4, r"Embedding\(4, 3\): an index is a whole number from 0 to 3, got 4"),
            (-1, "from 0 to 3, got -1"),
            (0.5, "a whole number"),
            (math.nan, "a whole number"),
            ([1.0, 0.0], "an index or 4 weights, got 2 numbers"),
        ],
    )
    def test_what_is_no_index_is_refused(self, x, message):
        with pytest.raises(ValueError, match=message):
            Embedding(4, 3)(x)

    def test_a_letter_is_no_index(self):
        with pytest.raises(TypeError, match="'a'"):
            Embedding(4, 3)("a")


class TestRMSNorm:
    @pytest.mark.parametrize("case", RECORD["RMSNorm"], ids=["default", "tiny", "zero", "eps", "no weights"])
    def test_is_pytorchs(self, case):
        against_torch(RMSNorm(len(case["x"]), case.get("eps"), bool(case["parameters"])), case)

    @pytest.mark.parametrize("affine", [True, False])
    def test_gradients(self, affine):
        norm = RMSNorm(4, eps=0.1, elementwise_affine=affine)
        for k, p in enumerate(norm.parameters()):
            p.data = 0.5 + k
        assert_gradients(norm, vector(4, 3))

    def test_leaves_a_vector_of_root_mean_square_one(self):
        y = data(RMSNorm(6)([1e3 * v for v in vector(6, 1)]))
        assert sum(v * v for v in y) / 6 == pytest.approx(1.0, rel=1e-12)

    def test_another_number_of_inputs_is_refused(self):
        with pytest.raises(ValueError, match=r"RMSNorm\(3, eps=0\.5\) takes 3 numbers, got 2"):
            RMSNorm(3, eps=0.5)([1.0, 2.0])


class TestCausalSelfAttention:
    @pytest.mark.parametrize("case", RECORD["CausalSelfAttention"], ids=["one position", "three heads", "no bias"])
    def test_is_pytorchs(self, case):
        n, parameters, gradients = len(case["x"][0]), case["parameters"], case["gradients"]
        bias = "in_proj_bias" in parameters
        attention = CausalSelfAttention(n, case["heads"], bias)
        inner = [attention.q_proj, attention.k_proj, attention.v_proj]
        write([projection.weight for projection in inner], parameters["in_proj_weight"])
        write(attention.out_proj.weight, parameters["out_proj.weight"])
        if bias:
            write([projection.bias for projection in inner], parameters["in_proj_bias"])
            write(attention.out_proj.bias, parameters["out_proj.bias"])
        x = values(case["x"])
        assert data(attention.weights(x)) == close(case["weights"])
        y = attention(x)
        assert data(y) == close(case["y"])
        squares(y).backward()
        assert grads(x) == close(case["x_gradient"])
        assert grads([projection.weight for projection in inner]) == close(gradients["in_proj_weight"])
        assert grads(attention.out_proj.weight) == close(gradients["out_proj.weight"])
        if bias:
            assert grads([projection.bias for projection in inner]) == close(gradients["in_proj_bias"])
            assert grads(attention.out_proj.bias) == close(gradients["out_proj.bias"])

    @pytest.mark.parametrize("bias", [True, False])
    def test_gradients(self, bias):
        assert_gradients(CausalSelfAttention(4, 2, bias, seed=1), sequence(3, 4))

    def test_what_comes_later_changes_nothing(self):
        attention = CausalSelfAttention(4, 2, seed=1)
        x, changed = sequence(5, 4), sequence(5, 4)
        changed[3:] = [[100.0, -100.0, 50.0, 1e6], [0.0] * 4]
        before, after = attention.predict(x), attention.predict(changed)
        assert before[:3] == after[:3]
        assert before[3] != after[3]
        alone = attention.predict(x[:3])  # the sums are longer, but only by zeros
        assert flat(alone) == pytest.approx(flat(before[:3]), rel=1e-15)

    def test_no_gradient_reaches_what_is_not_seen(self):
        attention = CausalSelfAttention(4, 2, seed=1)
        x = values(sequence(4, 4))
        squares(attention(x)[1]).backward()
        assert all(v.grad == 0.0 for v in flat(x[2:]))
        assert all(v.grad != 0.0 for v in flat(x[:2]))

    def test_the_weights_of_a_position_are_probabilities_of_those_up_to_it(self):
        weights = CausalSelfAttention(4, 2, seed=1).weights(sequence(5, 4))
        assert len(weights) == 2
        for head in weights:
            for t, row in enumerate(head):
                assert sum(data(row)) == pytest.approx(1.0, rel=1e-14)
                assert all(p > 0.0 for p in data(row[: t + 1]))
                assert data(row[t + 1 :]) == [0.0] * (4 - t)

    def test_nothing_in_it_is_infinite(self):
        with detect_anomaly():
            squares(CausalSelfAttention(4, 2, seed=1)(sequence(3, 4))).backward()

    def test_the_biases_start_from_0(self):
        attention = CausalSelfAttention(4, 2, seed=1)
        biases = [p.data for name, p in attention.named_parameters() if "bias" in name]
        assert biases == [0.0] * 16
        assert len(CausalSelfAttention(4, 2, bias=False).parameters()) == 64

    def test_array_operations_do_not_grow_with_length_or_width(self):
        pytest.importorskip("numpy")

        def operations(length, width, heads):
            attention = CausalSelfAttention(width, heads, seed=1)
            compiled = compile(lambda x: squares(attention(x)))
            x = sequence(length, width)
            assert compiled(x) == pytest.approx(squares(attention(x)).data, rel=1e-12)
            return compiled.program.operations

        assert operations(4, 4, 2) == operations(7, 12, 3)

    def test_wrong_sizes_are_refused(self):
        with pytest.raises(ValueError, match="embed_dim must be a multiple of num_heads, got 6 and 4"):
            CausalSelfAttention(6, 4)
        with pytest.raises(ValueError, match="num_heads must be at least 1, got 0"):
            CausalSelfAttention(6, 0)
        with pytest.raises(ValueError, match=r"CausalSelfAttention\(4, 2\), position 1, takes 4 numbers, got 3"):
            CausalSelfAttention(4, 2)([[1.0] * 4, [1.0] * 3])
