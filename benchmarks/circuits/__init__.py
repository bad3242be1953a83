"""`make bench-circuits`: circuits of hqn, frozen hand-written baselines and peers, side by side."""
