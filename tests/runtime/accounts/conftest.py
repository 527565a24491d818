"""The application of the pages, for the accounts whose way in is a page."""

from __future__ import annotations

from tests.web.conftest import app as app  # a fixture
