"""Append-only events: who did what, when and why."""
