"""The embedded Postgres, with real processes that are really killed."""
