"""The pair and its life: drafts, revisions, submission."""
