"""The regulator's view: figures of the hub, each with the query that computes it again from the published log."""
