"""Screening of parties against lists that the operator loads: names across scripts and spellings."""

from qafila.customs.screening.lists import Listed, ListProblem, ListRead, read_list
from qafila.customs.screening.match import Hit, Party, Screener

__all__ = ["Hit", "ListProblem", "ListRead", "Listed", "Party", "Screener", "read_list"]
