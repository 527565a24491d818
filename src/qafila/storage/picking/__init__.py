"""Picking: the shortest way through the aisles for what a picker fetches, and which orders go on one tour.

Pure: arrays in, values out. `grid` describes the aisles, `touring` finds the shortest tour (exact), `sshape` is the
habit it is measured against, `batching` says which orders are picked together.
"""
