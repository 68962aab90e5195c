"""The same things for programs: JSON in, JSON out."""
