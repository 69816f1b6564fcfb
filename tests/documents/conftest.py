"""Documents are tested through HTTP on a database of the test's own, with a data directory of its own."""

from tests.imports.conftest import data_dir, live, make_live, server

__all__ = ["data_dir", "live", "make_live", "server"]
