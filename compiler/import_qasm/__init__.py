"""OpenQASM 2.0 and 3 into hqn: a text becomes the syntax tree that an hqn file with its meaning has.

What came before: a `Source` of OpenQASM. What leaves: `ast.Module`, whose spans point into the OpenQASM
text, so that the checker's messages do too, and from it formatted hqn text. Invariant: what is written
computes what the program computes up to a global phase, or nothing is written.
"""
