"""HS classification: from a seller's words to HS-6 candidates with evidence, confidence and questions."""

from qafila.customs.classification.classifier import (
    Candidate,
    Classifier,
    Evidence,
    Item,
    Suggestion,
    classifier,
)
from qafila.customs.classification.decision import Decision, DecisionError, read_decisions
from qafila.customs.classification.memory import Memory

__all__ = [
    "Candidate",
    "Classifier",
    "Decision",
    "DecisionError",
    "Evidence",
    "Item",
    "Memory",
    "Suggestion",
    "classifier",
    "read_decisions",
]
