"""The whole life of samples, tried in any order against an oracle."""
