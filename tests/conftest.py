"""Property tests draw the same examples every time, and are not failed for a slow machine."""

import os

from hypothesis import settings

os.environ["LIFTGRAD_OPEN"] = "0"  # no test opens a window, nor a program that it runs

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

collect_ignore_glob = [
    "data/*",  # scripts that record what the tests read; they need PyTorch
    "typing/users_*",  # programs for type checkers
]
