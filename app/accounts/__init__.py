"""People: sign-in, sessions, one-time links, API tokens."""
