"""One training step and the compiled loop over steps.

What came before: a run's minimize statements and the arrays that they read. What leaves: `Stepper.advance`,
which performs steps `start` to `stop` of one pass over the data in one call of compiled code. Invariants: the
mean of a loss is exact over the real samples of a batch; nothing outside a group has gradient code; the loop
stops at the first loss that is not finite, and the carry given to it stays untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.batches import Table
from hqn.runtime.complete import Complete
from hqn.runtime.keys import training_keys
from hqn.runtime.memory import refuse_program
from hqn.runtime.optimisers import Gradient, Rule, rule
from hqn.runtime.sharing import owned, shared
from hqn.runtime.spec import Group, Minimize, Run
from hqn.runtime.variables import is_at, nested

Flat: TypeAlias = "dict[str, jax.Array]"
"""Arrays by slot path."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Carry:
    """What a step changes: trained weights, state, and one optimiser state per group, in text order."""

    trained: Flat
    state: Flat
    optimisers: tuple[Any, ...]


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Position:
    """Where a call of `advance` stands: the pass, its first step's number, the steps to perform."""

    turn: Any
    first: Any
    start: Any
    stop: Any


@dataclass(slots=True)
class Stepper:
    """The compiled steps of a run; `total` steps of which `per_epoch` make a pass."""

    run: Run
    total: int
    per_epoch: int
    limit: int | None = None
    """Bytes that a step may take."""
    compile_seconds: float = 0.0
    _compiled: dict[Any, Any] = field(default_factory=dict)
    _rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        self._rules = tuple(
            rule(group.optimiser, self.total, self.per_epoch)
            for statement in self.run.minimize
            for group in statement.groups
        )

    def trained_paths(self) -> frozenset[str]:
        """The weights that some group trains."""
        weights = [slot.path for slot in self.run.slots if slot.kind == "weight"]
        groups = [group for statement in self.run.minimize for group in statement.groups]
        return frozenset(path for path in weights if any(covers(group, path) for group in groups))

    def begin(self, values: Mapping[str, jax.Array], seed: int) -> tuple[Carry, Flat]:
        """The carry before the first step, and the constants, from all slots' values."""
        trained = {path: values[path] for path in sorted(self.trained_paths())}
        state = {slot.path: values[slot.path] for slot in self.run.slots if slot.kind == "state"}
        rest = {path: value for path, value in values.items() if path not in trained and path not in state}
        groups = [group for statement in self.run.minimize for group in statement.groups]
        keys = jax.random.split(jax.random.key(seed), max(len(groups), 1))
        states = [one.init(_part(trained, group), key) for one, group, key in zip(self._rules, groups, keys)]
        return Carry(trained, state, tuple(states)), rest

    def advance(
        self, carry: Carry, rest: Flat, fields: tuple[Any, ...], table: Table, key: Any, position: Position
    ) -> tuple[Carry, np.ndarray]:
        """Steps `start` to `stop` of a pass: the carry after them, and their losses `[performed, minimize]`.

        Fewer rows than steps means that the last row holds a loss that is not finite.
        """
        if any(isinstance(one, Complete) for one in self._rules):
            return self._advance_from_host(carry, rest, fields, table, key, position)
        args = (carry, rest, fields, table, key, position)
        signature = jax.tree.structure(args), tuple(np.shape(leaf) for leaf in jax.tree.leaves(args))
        if signature not in self._compiled:
            started = perf_counter()
            compiled = jax.jit(partial(_loop, self)).lower(*args).compile()
            refuse_program(f"a step of run `{self.run.name}`", compiled, self.limit)
            self._compiled[signature] = compiled
            self.compile_seconds += perf_counter() - started
        done, after, losses = self._compiled[signature](*args)
        return after, np.asarray(losses)[int(position.start) : int(done)]

    def step(
        self, carry: Carry, rest: Flat, batch: tuple[Any, ...], weights: Any, keys: Any
    ) -> tuple[Carry, jax.Array]:
        """Every minimize statement once, in text order, each seeing the updates before it."""
        losses, first = [], 0
        for statement in self.run.minimize:
            count = len(statement.groups)
            carry, loss = self._minimize(statement, first, carry, rest, batch, weights, keys)
            losses.append(loss)
            first += count
        return carry, jnp.stack(losses)

    def _minimize(
        self,
        statement: Minimize,
        first: int,
        carry: Carry,
        rest: Flat,
        batch: tuple[Any, ...],
        weights: Any,
        keys: Any,
    ) -> tuple[Carry, jax.Array]:
        parts = [_part(carry.trained, group) for group in statement.groups]
        others = rest | carry.trained | carry.state
        mean = partial(_mean_loss, self.run, statement, others, batch, weights, keys)
        rules = self._rules[first : first + len(parts)]
        if any(isinstance(one, Gradient) for one in rules):
            (loss, state), gradients = jax.value_and_grad(mean, has_aux=True)(parts)
        else:
            (loss, state), gradients = mean(parts), [{} for _ in parts]
        trained, states = dict(carry.trained), list(carry.optimisers)
        for i, (one, part, gradient) in enumerate(zip(rules, parts, gradients)):
            assert not isinstance(one, Complete)
            along = partial(_loss_along, mean, parts, i)
            moved, states[first + i] = one.step(part, states[first + i], loss, gradient, along)
            trained |= moved
        return Carry(trained, carry.state | state, tuple(states)), loss

    def first_loss(
        self, carry: Carry, rest: Flat, fields: tuple[Any, ...], table: Table, key: Any
    ) -> tuple[Flat, Callable[[Mapping[str, jax.Array]], jax.Array]]:
        """The weights that the first statement trains, and its loss in the first step for any of them."""
        batch, weights, numbers = _batch(fields, table, 0)
        keys = training_keys(key, 0, 0, numbers) if _draws(self.run) else None
        statement, others = self.run.minimize[0], rest | carry.trained | carry.state
        trained: Flat = {}
        for group in statement.groups:
            trained |= _part(carry.trained, group)

        def loss(values: Mapping[str, jax.Array]) -> jax.Array:
            return _mean_loss(self.run, statement, others, batch, weights, keys, [dict(values)])[0]

        return trained, loss

    # --- optimisers that the host drives -------------------------------------------------------------

    def _advance_from_host(
        self, carry: Carry, rest: Flat, fields: tuple[Any, ...], table: Table, key: Any, position: Position
    ) -> tuple[Carry, np.ndarray]:
        """As `advance`; a step is one call per statement, or many losses where its optimiser is complete."""
        losses: list[list[float]] = []
        for i in range(int(position.start), int(position.stop)):
            batch, weights, numbers = _batch(fields, table, i)
            draws = _draws(self.run)
            keys = training_keys(key, position.turn, position.first + i, numbers) if draws else None
            found, first = [], 0
            for number, statement in enumerate(self.run.minimize):
                step = self._complete if isinstance(self._rules[first], Complete) else self._compiled_step
                carry, loss = step(number, first, carry, rest, batch, weights, keys)
                found.append(float(loss))
                first += len(statement.groups)
            losses.append(found)
            if not np.isfinite(found).all():
                break
        return carry, np.asarray(losses)

    def _compiled_step(self, number: int, first: int, *args: Any) -> tuple[Carry, jax.Array]:
        """One statement by gradients or perturbations."""
        statement = self.run.minimize[number]
        if number not in self._compiled:
            self._compiled[number] = jax.jit(partial(self._minimize, statement, first))
        after: tuple[Carry, jax.Array] = self._compiled[number](*args)
        return after

    def _complete(
        self, number: int, first: int, carry: Carry, rest: Flat, batch: Any, weights: Any, keys: Any
    ) -> tuple[Carry, jax.Array]:
        """One statement by its complete optimiser; the loss is the one that it ends at."""
        statement, one = self.run.minimize[number], self._rules[first]
        assert isinstance(one, Complete)
        if number not in self._compiled:
            self._compiled[number] = jax.jit(partial(_mean_loss_of, self.run, statement))
        part = _part(carry.trained, statement.groups[0])
        at = partial(self._compiled[number], rest | carry.trained | carry.state, batch, weights, keys)
        found = one.solve(lambda values: at(values)[0], part)
        loss, state = at(found)
        return Carry(carry.trained | found, carry.state | state, carry.optimisers), loss


def covers(group: Group, path: str) -> bool:
    """Whether a group trains the slot at `path`."""
    return any(is_at(path, prefix) for prefix in group.paths)


def _part(trained: Flat, group: Group) -> Flat:
    return {path: value for path, value in trained.items() if covers(group, path)}


def _loss_along(mean: Any, parts: list[Flat], position: int, part: Flat) -> jax.Array:
    """The loss with other values of one group."""
    loss: jax.Array = mean([*parts[:position], part, *parts[position + 1 :]])[0]
    return loss


def _mean_loss_of(
    run: Run, statement: Minimize, others: Flat, batch: Any, weights: Any, keys: Any, part: Flat
) -> tuple[jax.Array, Flat]:
    return _mean_loss(run, statement, others, batch, weights, keys, [part])


def _mean_loss(
    run: Run,
    statement: Minimize,
    others: Flat,
    batch: tuple[Any, ...],
    weights: Any,
    keys: Any,
    parts: list[Flat],
) -> tuple[jax.Array, Flat]:
    """The mean of a statement's expression over the batch, and the state that follows."""
    values = dict(others)
    for part in parts:
        values |= part
    given = (keys,) if statement.traits.draws else ()
    found = statement.function(nested(shared(run, values).items()), *given, *batch)
    value, state = found if statement.traits.state else (found, {})
    return masked_mean(value, weights), owned(run, _flat(state))


def masked_mean(values: jax.Array, weights: jax.Array | None) -> jax.Array:
    """The mean over the samples of weight 1; a scalar does not depend on the sample and is its own mean."""
    if values.ndim == 0:
        return values
    if weights is None:
        return jnp.mean(values)
    return jnp.sum(values * weights) / jnp.sum(weights)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Flat:
    found: Flat = {}
    for key, value in tree.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def _loop(
    stepper: Stepper, carry: Carry, rest: Flat, fields: Any, table: Table, key: Any, position: Position
) -> tuple[Any, Carry, jax.Array]:
    """Steps until `stop` or the first loss that is not finite: the next step's number, carry, losses."""
    count = stepper.per_epoch if table.order is None else table.order.shape[0]
    dtype = next(iter(carry.trained.values())).dtype
    losses = jnp.zeros((count, len(stepper.run.minimize)), dtype)

    def body(at: tuple[Any, Carry, jax.Array]) -> tuple[Any, Carry, jax.Array]:
        i, now, found = at
        batch, weights, numbers = _batch(fields, table, i)
        keys = training_keys(key, position.turn, position.first + i, numbers) if _draws(stepper.run) else None
        after, loss = stepper.step(now, rest, batch, weights, keys)
        return i + 1, after, found.at[i].set(loss.astype(dtype))

    def goes_on(at: tuple[Any, Carry, jax.Array]) -> jax.Array:
        i, _, found = at
        more: jax.Array = i < position.stop
        return more & jnp.all(jnp.isfinite(found[jnp.maximum(i - 1, 0)]))

    return jax.lax.while_loop(goes_on, body, (position.start, carry, losses))


def _batch(fields: tuple[Any, ...], table: Table, i: Any) -> tuple[tuple[Any, ...], Any, Any]:
    """The samples of step i, their weights and their numbers."""
    if table.order is None:
        count = len(fields[0]) if fields else 0
        return fields, None, jnp.arange(count) if fields else jnp.zeros((), jnp.int32)
    numbers = table.order[i]
    weights = None if table.weights is None else table.weights[i]
    return tuple(value[numbers] for value in fields), weights, numbers


def _draws(run: Run) -> bool:
    return any(statement.traits.draws for statement in run.minimize)
