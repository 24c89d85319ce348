"""Nothing is lost: any spoilt file leaves the model as it was, and a real Ctrl-C leaves a run that goes on."""

import copy
import json
import math
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, SGD, Adam, CosineAnnealingLR, fit, squared_error

ROOT = Path(__file__).parents[2]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("models") / "model.json"


@pytest.fixture(scope="module")
def saved(path):
    MLP(2, [2, 1], seed=1).save(path)
    return path.read_bytes()


def load_spoilt(path, content):
    """Load a file with this content: either it changes every parameter to a number, or none at all."""
    path.write_bytes(content)
    model = MLP(2, [2, 1], seed=2)
    before = model.state_dict()
    refused = None
    try:
        model.load(path)
    except ValueError as error:
        refused = str(error)
    if refused is not None:
        assert str(path) in refused
        assert model.state_dict() == before
    else:
        document = json.loads(content)["parameters"]
        assert repr([*model.state_dict().values()]) == repr([float(document[name]) for name in before])


@given(st.data())
def test_a_truncated_file_changes_nothing(path, saved, data):
    end = data.draw(st.integers(0, len(saved) - 3))
    load_spoilt(path, saved[:end])


@given(st.data())
def test_a_file_with_flipped_bits_changes_everything_or_nothing(path, saved, data):
    content = bytearray(saved)
    for place in data.draw(st.lists(st.integers(0, len(saved) - 1), min_size=1, max_size=3)):
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    load_spoilt(path, bytes(content))


@given(st.data(), JSON)
def test_a_file_with_anything_in_any_place_changes_everything_or_nothing(path, saved, data, anything):
    document = json.loads(saved)
    place = data.draw(st.sampled_from([*document, *document["parameters"]]))
    (document if place in document else document["parameters"])[place] = anything
    load_spoilt(path, json.dumps(document).encode())


JUNK = [None, True, "x", "inf", "nan", -1, 0, 0.5, 2**70, 1e308, [], {}, [[[]]], {"x": []}]


def places(part):
    """Every container in a document with each of its keys."""
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield part, key
        yield from places(part[key])


def spoil(document, generator):
    """Replace, delete or double something anywhere in the document; rather in a small part than in a large one."""
    part = document
    while True:
        key = generator.choice([*part] if isinstance(part, dict) else range(len(part)))
        if not isinstance(part[key], (dict, list)) or not part[key] or generator.random() < 0.3:
            break
        part = part[key]
    how = generator.choice(["replace", "replace", "replace", "delete", "double", "move"])
    if how == "delete":
        del part[key]
    elif how == "double" and isinstance(part, list):
        part.append(copy.deepcopy(part[key]))
    elif how == "move":
        whole, place = generator.choice([*places(document)])
        part[key] = copy.deepcopy(whole[place])
    else:
        part[key] = copy.deepcopy(generator.choice(JUNK))


@pytest.mark.filterwarnings("ignore:the loss is")  # of numbers like 1e308, which are numbers
@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, momentum=0.9), lambda p: Adam(p, 0.05)])
def test_a_checkpoint_with_anything_in_any_place_is_refused_whole_or_trains_on(tmp_path, make):
    path = tmp_path / "run.json"
    data = [([math.sin(k), math.cos(3 * k)], math.sin(k)) for k in range(4)]

    def resumed(epochs):
        """(what the run is made of, a function that goes on with it) from a start of its own."""
        model = MLP(2, [1, 1], "tanh", seed=epochs)
        optimizer = make(model.parameters())
        schedule = CosineAnnealingLR(optimizer, 8)
        shuffling = random.Random(5)
        options = {"schedule": schedule, "seed": shuffling, "batch_size": 2, "validation": data[:1], "checkpoint": path}
        metrics = {"error": lambda output, target: min(abs(output - target), 1.0)}
        return (
            lambda: (model.state_dict(), optimizer.state_dict(), schedule.state_dict(), shuffling.getstate()),
            lambda: fit(
                model, data, loss=squared_error, optimizer=optimizer, epochs=epochs, metrics=metrics, **options
            ),
        )

    resumed(2)[1]()
    valid, generator = json.loads(path.read_text(encoding="utf-8")), random.Random(1)
    outcomes = {"refused": 0, "trained": 0}
    for _ in range(300):
        document = copy.deepcopy(valid)
        spoil(document, generator)
        path.write_text(json.dumps(document), encoding="utf-8")
        state, go_on = resumed(3)
        before, refused = state(), None
        try:
            history = go_on()
        except ValueError as error:
            refused = str(error)
        if refused is None:
            assert {len(series) for series in history.columns().values()} == {len(history)}
        else:
            assert "run.json is not a checkpoint of this training: " in refused
            assert state() == before
        outcomes["trained" if refused is None else "refused"] += 1
    assert min(outcomes.values()) >= 20


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to another process alone")
@pytest.mark.parametrize("compiled", [False, True])
def test_a_real_ctrl_c_leaves_a_run_that_goes_on_bit_for_bit(tmp_path, compiled):
    program = f"""
        import math, sys
        from nn import MLP, Adam, fit, squared_error
        data = [([math.sin(k), math.cos(3 * k)], math.sin(k)) for k in range(12)]
        path, seed, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        model = MLP(2, [4, 1], "tanh", seed=seed)
        history = fit(model, data, loss=squared_error, optimizer=Adam(model.parameters(), 0.01), epochs=epochs,
                      batch_size=5, seed=1, checkpoint=path, compiled={compiled},
                      on_epoch=lambda history: print(len(history), flush=True))
        model.predict([0.0, 0.0])
        print(history.interrupted, model.state_dict())
    """
    run, whole = tmp_path / "run.json", tmp_path / "whole.json"

    def command(path, seed, epochs):
        return [sys.executable, "-c", textwrap.dedent(program), str(path), str(seed), str(epochs)]

    with subprocess.Popen(command(run, 1, 10**6), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert [process.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
        process.send_signal(signal.SIGINT)
        *_, last = process.stdout.read().splitlines()
    assert process.returncode == 0
    assert last.startswith("True ")
    epochs = len(json.loads(run.read_text(encoding="utf-8"))["history"]["losses"]) + 5
    ends = [
        subprocess.run(command(path, seed, epochs), cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for path, seed in ((run, 9), (whole, 1))  # its own weights are replaced by the checkpoint's
    ]
    assert ends[0].splitlines()[-1] == ends[1].splitlines()[-1]
    assert ends[0].splitlines()[-1].startswith("False ")
    assert run.read_bytes() == whole.read_bytes()
