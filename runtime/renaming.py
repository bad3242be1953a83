"""Paths of older checkpoints: `renamed "enc.*" -> "encoder.*"`.

What came before: the `renamed` lines of a file. What leaves: today's path of an old one. Invariant: matching
is linear in the path; `*` stands for any text inside one segment and is taken over in order.
"""

from __future__ import annotations


def renamed_path(path: str, renamed: tuple[tuple[str, str], ...]) -> str:
    """The path after the first line that matches it, or a path above it; else the path itself."""
    segments = path.split(".")
    for old, new in renamed:
        pattern = old.split(".")
        matches = [_match(one, segment) for one, segment in zip(pattern, segments)]
        if len(pattern) <= len(segments) and all(match is not None for match in matches):
            stars = [star for match in matches for star in match or ()]
            return ".".join([_filled(new, stars), *segments[len(pattern) :]])
    return path


def _match(pattern: str, segment: str) -> list[str] | None:
    """The text of each star, every one as short as it can be but the last; None without a match."""
    first, *rest = pattern.split("*")
    if not rest:
        return [] if first == segment else None
    if not segment.startswith(first):
        return None
    found, at = [], len(first)
    for part in rest[:-1]:
        next_at = segment.find(part, at)
        if next_at < 0:
            return None
        found.append(segment[at:next_at])
        at = next_at + len(part)
    end = len(segment) - len(rest[-1])
    if end < at or not segment.endswith(rest[-1]):
        return None
    return [*found, segment[at:end]]


def _filled(pattern: str, stars: list[str]) -> str:
    first, *rest = pattern.split("*")
    pieces = zip(rest, [*stars, *[""] * len(rest)])
    return first + "".join(star + piece for piece, star in pieces)
