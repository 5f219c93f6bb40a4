import os

# The tests run on all cores at once, so each has one of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import numpy as np
import pytest


@pytest.fixture
def rng(request):
    """A generator whose seed is the test's own name: no test depends on another's draws."""
    return np.random.default_rng(list(request.node.name.encode()))
