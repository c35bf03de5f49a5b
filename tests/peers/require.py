"""A missing server skips its tests, unless PORTAL_TEST_REQUIRE=all makes that a failure."""

import os
import shutil

import pytest


def need(program: str, apt: str) -> str:
    """Return a program's path; without it skip, or fail, with the line that installs it."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/openldap")
    if path:
        return path
    reason = f"{program} is not installed: apt install --no-install-recommends {apt}"
    if os.environ.get("PORTAL_TEST_REQUIRE") == "all":
        pytest.fail(reason)
    pytest.skip(reason)
