"""Planned contractions: literal pairwise steps, or one scan along a chain.

What came before: `tn.contract` and its plan. What leaves: lines with one `jnp.einsum` per step. Invariant:
letters mean one index within a line only; batch axes are the `...` of the operands that have any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hqn.compiler.emit.jax.code import Code, call, sequence
from hqn.compiler.emit.jax.contract import LETTERS
from hqn.compiler.emit.jax.values import Value, aligned, depth_of, levels_of, sure_of
from hqn.compiler.emit.jax.views import viewed
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.ir.tensors import dtype
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.plan.contraction import CARRY, ContractionPlan, Network, Sweep, plan_contraction
from hqn.compiler.plan.views import View


def planned(writer: Writer, op: ContractOp) -> Value:
    """The value of a contraction that is not one plain `einsum`."""
    values = [writer.value(factor).array() for factor in op.factors]
    plan = plan_contraction(op, [value.leads for value in values])
    depth = depth_of(values)
    met = [replace(value, code=aligned(value, depth)) for value in values]
    emitter = _Emitter(writer, op, plan, met)
    return emitter.sweep(plan.sweep) if plan.sweep else emitter.steps()


@dataclass
class _Emitter:
    writer: Writer
    op: ContractOp
    plan: ContractionPlan
    factors: list[Value]
    exponents: list[str] = field(default_factory=list)
    """Names of the exponents that rescaling has taken out so far."""

    def steps(self) -> Value:
        network = self.plan.steps
        assert network is not None
        if network.fixed:
            return self._sliced(network)
        return self._restored(self._network(network, self._operands(network)))

    def _sliced(self, network: Network) -> Value:
        """`tn.sliced(part, sizes)`: the sum of one part for all values of the indices that are fixed."""
        names, sizes = self.writer.names, [str(self.op.index_sizes[number]) for number in network.fixed]
        operands = [self._view(number) for number in network.operands]
        part = names.new("part")
        fixed = {number: names.new(None, self.op.index_names[number][:1]) for number in network.fixed}
        with self.writer.nested(f"def {part}({', '.join(fixed.values())}):"):
            cut = [self._cut(value, number, fixed) for number, value in zip(network.operands, operands)]
            value = self._restored(self._network(network, cut))
            self.writer.line(f"return {value.text}")
        return replace(value, code=call("tn.sliced", part, sequence(sizes)))

    def _view(self, number: int) -> Value:
        """A factor as it is read, under a name, since every slice reads it."""
        found = self._factor(number)
        return found if found.text.isidentifier() else self.writer.assigned(found, "v")

    def _cut(self, value: Value, number: int, fixed: dict[int, str]) -> Value:
        """What one slice reads of a factor: one position along every axis of an index that is fixed."""
        positions = [fixed.get(index, "None") for index in self.plan.views[number].indices]
        dims = tuple(dim for dim, at in zip(value.shape, positions, strict=True) if at == "None")
        if len(dims) == len(positions):
            return value
        return replace(value, code=call("tn.picked", value.code, *positions), shape=dims)

    def sweep(self, sweep: Sweep) -> Value:
        """The head, a scan over the later turns, the tail."""
        state = self._named(self._network(sweep.head, self._operands(sweep.head)), "state")
        self._scan(sweep, state)
        return self._restored(self._network(sweep.tail, self._operands(sweep.tail, state)))

    def _operands(self, network: Network, state: Value | None = None) -> list[Value]:
        return [self._factor(number, state) for number in network.operands]

    def _factor(self, number: int, state: Value | None = None) -> Value:
        if number == CARRY:
            assert state is not None
            return state
        return viewed(self.factors[number], self.plan.views[number])

    def _scan(self, sweep: Sweep, state: Value) -> None:
        """`state, _ = jax.lax.scan(turn, state, (cores, x))`; rescaling carries the exponent along."""
        names = self.writer.names
        turn, carry = names.new("turn"), self._carry(state)
        walks = [number for number in sweep.chain.turn(1) if self._walk(sweep, number)]
        parts = dict(zip(walks, [names.new(None, "a") for _ in walks], strict=True))
        with self.writer.nested(f"def {turn}({carry[0] if len(carry) == 1 else 'carry'}, parts):"):
            if len(carry) > 1:
                self.writer.line(f"{', '.join(carry)} = carry")
            self.writer.line(f"{sequence([*parts.values()])[1:-1]} = parts")
            after = self._turn(sweep, state, parts)
            self.writer.line(f"return {after}, None")
        held = carry[0] if len(carry) == 1 else f"({', '.join(carry)})"
        walked = sequence([self._walked(sweep, number) for number in walks])
        self.writer.line(f"{held}, _ = jax.lax.scan({turn}, {held}, {walked})")

    def _carry(self, state: Value) -> list[str]:
        """The names that the scan carries: the state, and one exponent where there is rescaling."""
        if self.op.rescale:
            total = self.writer.names.new("e")
            self.writer.line(f"{total} = {' + '.join(self.exponents)}")
            self.exponents = [total]
        return [state.text, *self.exponents]

    def _turn(self, sweep: Sweep, state: Value, parts: dict[int, str]) -> str:
        """The lines of one turn, and the carry after it."""
        outside, self.exponents = self.exponents, []
        operands = [
            self._part(sweep, number, parts[number]) if number in parts else self._factor(number, state)
            for number in sweep.turn.operands
        ]
        result = self._network(sweep.turn, operands)
        total, self.exponents = " + ".join([*outside, *self.exponents]), outside
        return f"({result.text}, {total})" if outside else result.text

    def _walk(self, sweep: Sweep, number: int) -> tuple[int, int] | None:
        """The axis and start of the walk along a factor of the second turn."""
        return sweep.chain.walked[number - sweep.chain.turn(1).start]

    def _part(self, sweep: Sweep, number: int, name: str) -> Value:
        """What one turn reads of a factor that it walks along."""
        walk = self._walk(sweep, number)
        assert walk is not None
        factor, axes = self.factors[number], self.plan.views[number].axes
        rest = [place for place in range(len(axes)) if place != walk[0]]
        part = replace(factor, code=Code(name), shape=tuple(factor.shape[place] for place in rest))
        return viewed(part, View(tuple(axes[place] for place in rest)))

    def _walked(self, sweep: Sweep, number: int) -> str:
        """A factor with the axis that the turns walk along in front, from the second turn on."""
        walk = self._walk(sweep, number)
        assert walk is not None
        axis, start = walk
        factor, stop = self.factors[number], start + sweep.chain.family.trips
        if axis == 0 and not factor.leads:
            return f"{factor.code.atom}[{start + 1}:{'' if stop == factor.shape[0] else stop}]"
        return call("tn.walked", factor.code, str(factor.axis(axis)), str(start + 1), str(stop)).text

    # --- one network ---

    def _network(self, network: Network, operands: Sequence[Value]) -> Value:
        """The pairwise steps; all but the last get a line of their own."""
        values, indices = list(operands), list(network.indices)
        steps = network.order.steps
        for number, step in enumerate(steps):
            used = [step.left] if step.right is None else [step.left, step.right]
            joined = self._einsum([values[n] for n in used], [indices[n] for n in used], step.kept)
            if number < len(steps) - 1 or self.op.rescale:
                joined = self._named(joined, "t")
            values.append(joined)
            indices.append(step.kept)
        return values[-1]

    def _named(self, value: Value, hint: str) -> Value:
        """The value under a name, rescaled where the statement asks for that."""
        if value.text.isidentifier():
            return value
        if not self.op.rescale:
            return self.writer.assigned(value, hint)
        name, exponent = self.writer.names.new(hint), self.writer.names.new("e")
        self.writer.line(f"{name}, {exponent} = {call('tn.rescaled', value.code, str(value.rank)).text}")
        self.exponents.append(exponent)
        return value.named(name)

    def _restored(self, value: Value) -> Value:
        """The result with the exponents put back."""
        if not self.exponents:
            return value
        total = Code(" + ".join(self.exponents))
        return replace(value, code=call("tn.scaled", value.code, total, str(value.rank)))

    def _einsum(self, values: list[Value], indices: list[tuple[int, ...]], kept: tuple[int, ...]) -> Value:
        sizes = tuple(self.op.index_sizes[number] for number in kept)
        if len(values) == 1 and indices[0] == kept:
            return values[0]
        letters = self._letters([*indices, kept])
        shown = [
            f"{'...' if value.leads else ''}{''.join(letters[n] for n in found)}"
            for value, found in zip(values, indices, strict=True)
        ]
        lead = "..." if any(value.leads for value in values) else ""
        pattern = f'"{",".join(shown)}->{lead}{"".join(letters[n] for n in kept)}"'
        code = call("jnp.einsum", pattern, *(value.code for value in values))
        return Value(code, sizes, dtype(self.op.result), levels_of(values), sure_of(values))

    def _letters(self, used: Sequence[tuple[int, ...]]) -> dict[int, str]:
        """A letter for each index of one step: the first of its name where that is free."""
        taken: dict[int, str] = {}
        for number in dict.fromkeys(n for found in used for n in found):
            wanted = self.op.index_names[number][:1]
            order = (wanted, *LETTERS) if wanted in LETTERS else LETTERS
            taken[number] = next(letter for letter in order if letter not in taken.values())
        return taken
