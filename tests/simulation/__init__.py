"""Seeded runs of the whole house with planted faults, in the manner of FoundationDB's simulation.

Merchants, carriers, pickers and workers act at once on the real PostgreSQL. Only one of them moves at a time: at each
statement it stops, and a generator of random numbers says who goes on, who is killed and whose connection is lost.
So a seed is one history, and a seed that fails can be run again.

    python -m tests.simulation --first 1 --seeds 1000
    python -m tests.simulation --first 417 --seeds 1 --trace
"""
