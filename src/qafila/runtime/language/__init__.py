"""The languages people read: their catalogues, and messages rendered in them, for every door, paper and notification."""

from qafila.runtime.language.rendering import render
from qafila.runtime.language.spoken import DEFAULT, LANGUAGES, Language, preferred, words

__all__ = ["DEFAULT", "LANGUAGES", "Language", "preferred", "render", "words"]
