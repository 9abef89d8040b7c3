"""Several metrics, and constraints on metrics: a model for each, and what a point is worth in all of them."""
