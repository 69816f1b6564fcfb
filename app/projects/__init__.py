"""Projects: instructions, clauses, guidelines, policy, members."""
