"""Sorting: which parcel goes to which chute, what lies in which bag, and what was handed over to whom."""
