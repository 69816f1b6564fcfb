"""Approved pairs on their way out: formats and exports."""
