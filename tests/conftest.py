"""What every test gets: seeded examples in CI, random ones at a developer's desk."""

from __future__ import annotations

import os

from hypothesis import settings

# A landing must not hang on a random draw; developers' runs go on searching.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
