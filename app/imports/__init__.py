"""Files coming in: one report for an import, one row for a file."""
