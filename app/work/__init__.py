"""What a person sees across projects, samples and reviews: their work, lists, a sample's history."""
