"""The checks, run again over all of a project: what they find in it now, and what was kept with a reason."""
