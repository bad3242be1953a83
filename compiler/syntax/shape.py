"""The style: where formatted text may break, and where it must.

What came before: the pieces of a text. What leaves: a document for `layout`. Invariant: a line can end
only where the language takes a newline for white space or for the end of a statement: inside `(` and `[`,
behind an operator, before `|>`, around statements, and where a comment ended a line before.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.syntax.layout import HARD, Cat, Comment, Doc, Group, Line, Nest, cat
from hqn.compiler.syntax.pieces import Piece
from hqn.compiler.syntax.tables import KEYWORDS, MARKS

_CLOSERS = frozenset(["RPAR", "RSQB", "RBRACE", "$END"])
_BREAK_BEHIND = frozenset(
    {**MARKS, **KEYWORDS}[word]
    for word in "+ - * / // % ** == != < <= > >= and or ,".split()  # noqa: SIM905
)
_BODIES = frozenset(["LAYER", "CIRCUIT", "MODEL", "QUANTIZER", "POLICY", "NOISE", "EXECUTE", "RUN"])
"""Declarations whose body always has a line per statement."""


def shape(pieces: list[Piece]) -> Doc:
    """The document of a whole file."""
    return _Shaper(pieces).file()


class _Shaper:
    """Reads the pieces from left to right; `place` is the next one."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.place = 0

    @property
    def next(self) -> Piece:
        return self.pieces[self.place]

    @property
    def last(self) -> Piece:
        return self.pieces[self.place - 1]

    def take(self) -> Piece:
        self.place += 1
        return self.last

    def file(self) -> Doc:
        """Declarations with a body are set off by blank lines."""
        docs: list[Doc] = []
        was_body = False
        while self.next.kind != "$END":
            is_body = self.next.kind in _BODIES
            docs += _new_lines(self.next, is_first=not docs, wants_blank=is_body or was_body)
            docs.append(self.statement(is_body))
            was_body = is_body
        return cat(*docs, *_new_lines(self.next, is_first=not docs))

    def statement(self, is_body: bool = False) -> Cat:
        """One statement, and the comment behind it, which breaks nothing inside it."""
        sequence = self.sequence(is_body=is_body)
        return cat(sequence, *_behind(self.last)) if self.last.is_last else sequence

    def sequence(self, is_body: bool = False, is_item: bool = False, is_condition: bool = False) -> Cat:
        """Pieces up to the end of a statement, of an item of a list or of a condition, split at `|>`."""
        head = self.terms(is_body, is_item, is_condition)
        stages: list[Doc] = []
        while self.next.kind == "_PIPE":
            stages += [Line(), self.terms(is_body, is_item, is_condition)]
        return cat(Group(cat(head, Nest(cat(*stages))))) if stages else head

    def terms(self, is_body: bool, is_item: bool, is_condition: bool) -> Cat:
        """Pieces up to the next `|>`; a line may end behind each operator."""
        docs: list[Doc] = []
        run: list[Doc] = [self.element(is_bare=True)]
        is_continued = False
        while not self._ends(is_item, is_condition):
            if self.next.is_block:
                docs += [_run(run, is_continued), Group(self.block(self.take(), is_body))]
                run, is_continued = [], False
            elif self.last.kind in _BREAK_BEHIND and not self.last.is_unary and not self.last.is_angle:
                docs.append(_run(run, is_continued))
                run, is_continued = [self.element(is_bare=True)], True
            else:
                run.append(self.element())
        return cat(*docs, _run(run, is_continued))

    def _ends(self, is_item: bool, is_condition: bool) -> bool:
        piece = self.next
        if piece.starts or piece.kind in _CLOSERS or piece.kind == "_PIPE":
            return True
        return (is_item and piece.kind == "COMMA") or (is_condition and piece.is_block)

    def element(self, is_bare: bool = False) -> Doc:
        """One piece, or a bracket with all that it holds. A bare one has no space before it."""
        if self.next.kind == "IF":
            return self.choice(is_bare)
        piece = self.take()
        if piece.kind in ("LPAR", "LSQB", "LBRACE"):
            return self.bracket(piece, is_bare)
        return _text(piece, is_bare)

    def choice(self, is_bare: bool) -> Doc:
        """`if … { … } else { … }`: on one line, or every block of it on lines of its own."""
        docs: list[Doc] = []
        while True:
            word = _text(self.take(), is_bare)
            docs += [word, " ", self.sequence(is_condition=True), self.block(self.take())]
            is_bare = False
            if self.next.kind != "ELSE":
                return Group(cat(*docs))
            docs.append(_text(self.take()))
            if self.next.kind != "IF":
                return Group(cat(*docs, self.block(self.take())))

    def bracket(self, opener: Piece, is_bare: bool) -> Doc:
        """`(…)`, `[…]` or the `{…}` of a list: on one line, or one line per item, as behind a last comma."""
        items: list[Doc] = []
        while self.next.kind not in _CLOSERS:
            item = self.sequence(is_item=True)
            items += [Line("" if not items else " "), item]
            if self.next.kind == "COMMA":
                items.append(_text(self.take()))
        ends_in_block, has_comma = self.last.is_block, self.last.kind == "COMMA"
        closer = self.take()
        head, tail = _text(opener, is_bare), _text(closer)
        above = [part for _, comment in closer.above for part in (HARD, Comment(comment, True))]
        if not items and not above:
            return cat(head, tail)
        if len(items) == 2 and ends_in_block and not above:
            return cat(head, items[1], tail)
        return Group(cat(head, Nest(cat(*items, *above)), Line("", hard=has_comma), tail))

    def block(self, opener: Piece, is_body: bool = False) -> Cat:
        """Statements in braces: one alone may stay on the line, more never do."""
        head = cat(_text(opener), *_behind(opener))
        if self.next.kind == "RBRACE" and not self.next.above:
            return cat(head, _text(self.take(), is_bare=True))
        docs: list[Doc] = []
        while self.next.kind != "RBRACE":
            docs += [*_new_lines(self.next, is_first=not docs), self.statement()]
        closer = self.take()
        if len(docs) == 2 and not closer.above and not is_body:
            return cat(head, Nest(cat(Line(), docs[1])), Line(), _text(closer, is_bare=True))
        for blank, comment in closer.above:
            docs += [Line(hard=True, blank=blank and bool(docs)), Comment(comment, True)]
        return cat(head, Nest(cat(*docs)), HARD, _text(closer, is_bare=True))


def _run(run: list[Doc], is_continued: bool) -> Doc:
    """What stands behind an operator may begin a line, further to the right than the statement."""
    if is_continued:
        return Group(cat(Nest(cat(Line(), *run))))
    words = [part for part in run if isinstance(part, str)]
    return "".join(words) if len(words) == len(run) else cat(*run)


def _text(piece: Piece, is_bare: bool = False) -> Doc:
    """A piece with its comments, unless those above it stand before a statement or in a bracket."""
    text = (" " if piece.is_space and not is_bare else "") + piece.text
    docs: list[Doc] = [text]
    if piece.above and not piece.starts and piece.kind not in _CLOSERS:
        docs = [*(Comment(comment, True) for _, comment in piece.above), text]
    if piece.behind and not piece.is_last:
        docs += _behind(piece)
    return text if len(docs) == 1 else cat(*docs)


def _behind(piece: Piece) -> list[Doc]:
    return [Comment(piece.behind, False)] if piece.behind else []


def _new_lines(piece: Piece, is_first: bool, wants_blank: bool = False) -> Iterator[Doc]:
    """The beginning of a statement: the comments above it, and at most one blank line in between."""
    for blank, comment in piece.above:
        yield Line(hard=True, blank=(blank or wants_blank) and not is_first)
        yield Comment(comment, True)
        is_first = wants_blank = False
    yield Line(hard=True, blank=(piece.blank or wants_blank) and not is_first)
