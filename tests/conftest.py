"""Property tests draw the same examples every time, and are not failed for a slow machine."""

import os
import sys

import pytest
from hypothesis import settings

os.environ["LIFTGRAD_OPEN"] = "0"  # no test opens a window, nor a program that it runs
os.environ["LIFTGRAD_CACHE"] = "0"  # and none reads what others have compiled

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

collect_ignore_glob = [
    "data/*",  # scripts that record what the tests read; they need PyTorch
    "typing/users_*",  # programs for type checkers
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What uses a browser is marked as that, by what it asks for: -m "not browser" leaves it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture
def untraced():
    """Coverage does not trace this test, which would take too long (its mark no_cover does nothing under xdist)."""
    tracing = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracing)


@pytest.fixture
def all_native(monkeypatch):
    """A program that there is no native code for fails the test, where it would run on NumPy."""
    from engine.lifting.native.terms import Unsupported

    def failed(_, what):
        pytest.fail(f"there is no native code for {what}")

    monkeypatch.setattr(Unsupported, "__init__", failed)


@pytest.fixture(autouse=True)
def native_is_native(request):
    """A test of every backend is one of native code too."""
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and callspec.params.get("backend") == "native":
        request.getfixturevalue("all_native")
