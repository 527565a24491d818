"""Claims for what was lost, damaged or late: evidence from the history, an amount by law and terms, a decision with reasons."""
