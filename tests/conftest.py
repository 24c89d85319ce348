"""Property tests draw the same examples every time, and are not failed for a slow machine."""

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

collect_ignore_glob = [
    "data/*",  # scripts that record what the tests read; they need PyTorch
    "typing/users_*",  # programs for type checkers
]
