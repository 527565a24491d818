"""Pick-ups: parcels that a van is asked to fetch at a sender's, in a window of time; and the manifests handed over with them."""
