"""Numbers and plots: how a project's work goes, for those who may know."""
