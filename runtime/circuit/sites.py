"""Sites: where a circuit reads its angles and where it is measured, for gradients that run it again.

What came before: a circuit function under a gradient method of `gradients`, which calls it in a mode. What
leaves: in the mode `Collect` the angles of all gates, nothing being simulated; in the mode `Play` the results
of the circuit with the angles that it is given. Without a mode a site is the value itself. Invariant: both
modes meet the same sites in the same order, one per gate that is applied; those of a loop have the axis of
its turns in front and are one entry of a list, as are those of a circuit that is applied like a gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec, TypeVar

import jax
import jax.numpy as jnp

from hqn.runtime.circuit.shifts import SPECTRA, frequencies
from hqn.runtime.circuit.words import of, of_register


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Site:
    """Angles `[*loops, *samples, *own]` of gates; `frequencies` are those of each column of the last own
    axis, or of all angles where there is one entry; none where no shift rule holds.
    """

    value: jax.Array
    own: int = field(metadata={"static": True})
    loops: int = field(metadata={"static": True})
    frequencies: tuple[tuple[float, ...], ...] = field(metadata={"static": True})

    @property
    def samples(self) -> tuple[int, ...]:
        return self.value.shape[self.loops : self.value.ndim - self.own]

    @property
    def elements(self) -> tuple[int, ...]:
        """The axes of angles that a sample has: turns and own."""
        return self.value.shape[: self.loops] + self.value.shape[self.value.ndim - self.own :]


Sites = list[Any]
"""`Site`s and lists of them."""
P = ParamSpec("P")
Q = TypeVar("Q")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Blank:
    """A register in the mode `Collect`: kernels leave it alone."""

    n: int


def kernel(step: Callable[Concatenate[Q, P], R]) -> Callable[Concatenate[Q, P], R]:
    """A step from one register to the next, which leaves a blank one alone."""
    chosen = of_register(step)
    of(chosen, Blank)(lambda q, *args, **named: q)
    return chosen


@dataclass(slots=True)
class Collect:
    """`results` gives what the circuit is measured to be once all angles are known."""

    results: Callable[[Sites], Sequence[jax.Array]] | None = None
    controlled: bool = False
    found: Sites = field(default_factory=list)
    _read: Iterator[jax.Array] | None = None

    def site(self, site: Site) -> jax.Array:
        self.found.append(site)
        return site.value

    def repeat(self, turn: Callable[[Any, Any], Any], q: Any, per_turn: Any) -> None:
        def step(_: None, values: Any) -> tuple[None, Sites]:
            return None, self._inside(lambda: turn(q, values), self.controlled)

        _, found = jax.lax.scan(step, None, per_turn)
        self.found.append(_tree(lambda site: replace(site, loops=site.loops + 1), found))

    def nested(self, circuit: Callable[[Any], Any], controlled: bool) -> Callable[[Any], Any]:
        def collected(q: Any) -> Any:
            self.found.append(self._inside(lambda: circuit(q), controlled or self.controlled))
            return q

        return collected

    def _inside(self, run: Callable[[], Any], controlled: bool) -> Sites:
        inner = Collect(controlled=controlled)
        with entered(inner):
            run()
        return inner.found

    def query(self, q: Any, read: Callable[[Any], jax.Array], own: int) -> jax.Array:
        if self._read is None:
            assert self.results is not None
            self._read = iter(self.results(self.found))
        return next(self._read)


@dataclass(slots=True)
class Play:
    """`number` tells evaluations of one call apart, for their shots."""

    sites: Sites
    number: jax.Array | int = 0
    read: list[jax.Array] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    bytes: int = 0
    """What the state takes where it is measured."""
    _next: int = 0

    def _take(self) -> Any:
        self._next += 1
        return self.sites[self._next - 1]

    def site(self, site: Site) -> jax.Array:
        value: jax.Array = self._take().value
        return value

    def nested(self, circuit: Callable[[Any], Any], controlled: bool) -> Callable[[Any], Any]:
        sites = self._take()

        def played(q: Any) -> Any:
            with entered(Play(sites, self.number)):
                return circuit(q)

        return played

    def query(self, q: Any, read: Callable[[Any], jax.Array], own: int) -> jax.Array:
        value = read(q)
        self.read.append(value)
        self.own.append(own)
        self.bytes = sum(leaf.nbytes for leaf in jax.tree.leaves(q))
        return value


_mode: ContextVar[Collect | Play | None] = ContextVar("mode", default=None)


@contextmanager
def entered(mode: Collect | Play | None) -> Iterator[None]:
    """Circuits inside run in this mode."""
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


def site(name: str, angles: Any, own: int, controls: int = 0) -> jax.Array:
    """Angles of the gate `name`, whose last `own` axes are not axes of samples: a parameter of each gate."""
    value, mode = jnp.asarray(angles), _mode.get()
    if mode is None:
        return value
    controlled = bool(controls) or (isinstance(mode, Collect) and mode.controlled)
    found = tuple(frequencies(spectrum, controlled) for spectrum in SPECTRA[name])
    return mode.site(Site(value, own, 0, found))


def matrix_site(matrix: Any, own: int = 2) -> jax.Array:
    """A matrix that has no shift rule: its parts are parameters, the last `own` axes not being samples'."""
    mode, matrix = _mode.get(), jnp.asarray(matrix)
    if mode is None:
        whole: jax.Array = matrix
        return whole
    if not jnp.iscomplexobj(matrix):
        value: jax.Array = mode.site(Site(matrix, own, 0, ()))
        return value
    real, imaginary = (mode.site(Site(part, own, 0, ())) for part in (matrix.real, matrix.imag))
    return jax.lax.complex(real, imaginary)


def query(q: Any, read: Callable[[Any], jax.Array], own: int) -> jax.Array:
    """`read(q)`, numbers that are linear in the density matrix, the last `own` axes not being samples'."""
    mode = _mode.get()
    value: jax.Array = read(q) if mode is None else mode.query(q, read, own)
    return value


def repeated(turn: Callable[[Any, Any], Any], per_turn: Any) -> tuple[Callable[[Any, Any], Any], Any]:
    """A turn and its values for a loop that is simulated, sites included."""
    mode = _mode.get()
    if not isinstance(mode, Play):
        return turn, per_turn

    def played(q: Any, values: Any) -> Any:
        own, sites = values
        with entered(Play(sites, mode.number)):
            return turn(q, own)

    return played, (per_turn, mode._take())


def collected(turn: Callable[[Any, Any], Any], q: Blank, per_turn: Any) -> None:
    """The sites of a loop, in which nothing is simulated."""
    mode = _mode.get()
    assert isinstance(mode, Collect)
    mode.repeat(turn, q, per_turn)


def nested(circuit: Callable[[Any], Any], controlled: bool) -> Callable[[Any], Any]:
    """A circuit that is applied once like a gate, however often it is traced for that."""
    mode = _mode.get()
    return circuit if mode is None else mode.nested(circuit, controlled)


def blank_if_collecting(n: int) -> Any:
    """The register of n wires in a mode in which nothing is simulated; None in any other."""
    return Blank(n) if isinstance(_mode.get(), Collect) else None


def playing() -> bool:
    """Whether a gradient method runs the circuit, so that results must be linear in the density matrix."""
    return _mode.get() is not None


def evaluation() -> jax.Array | int:
    """The number of the evaluation that this is."""
    mode = _mode.get()
    return mode.number if isinstance(mode, Play) else 0


def leaves(sites: Sites) -> list[Site]:
    return [one for one in jax.tree.leaves(sites, is_leaf=_is_site) if isinstance(one, Site)]


def _tree(change: Callable[[Site], Site], sites: Sites) -> Sites:
    changed: Sites = jax.tree.map(change, sites, is_leaf=_is_site)
    return changed


def with_values(sites: Sites, values: Sequence[jax.Array]) -> Sites:
    """The same sites with other angles."""
    given = iter(values)
    return _tree(lambda one: replace(one, value=next(given)), sites)


def _is_site(value: Any) -> bool:
    return isinstance(value, Site)
