"""One module per command: its arguments, its help, and the short function that performs it.

What came before: parsed arguments and an empty sink. What leaves: an `Outcome`; mistakes are in the
sink. Invariant: these modules import nothing heavy at their top, so that `hqn check` starts at once.
"""
