"""Contracts: their text, their source files, duplicates, withdrawal."""
