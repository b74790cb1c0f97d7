"""The faults that `make mutants` puts into the core, and the list of those that may live."""

import pytest

from tests.campaigns.mutants import REASONS, all_mutants, reasons
from tests.campaigns.mutations import mutants_of
from tests.campaigns.processes import can_be_put_in, name_and_line, put_in


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = a < b", "a < b -> a <= b"),
        ("x = a and b", "a and b -> a or b"),
        ("if a: b()", "a -> not a"),
        ("x = not a", "not a -> a"),
        ("x = a | b", "a | b -> a & b"),
        ("x = True", "True -> False"),
        ("x = 3", "3 -> 4"),
        ("x = 'name'", "'name' -> 'nameXX'"),
        ("def f(): return a", "return a -> return None"),
        ("f(a)", "f(a) -> pass"),
        ("a.b = c", "a.b = c -> pass"),
        ("raise Error", "raise Error -> pass"),
        ("x = f(a, b)", "f(a, b) -> f(b, a)"),
        ("x = f(a=b)", "a=b -> (nothing)"),
        ("x = a.filter(b)", "a.filter(b) -> a"),
        ("x = sorted(a)", "sorted(a) -> a"),
        ("for a in b: continue", "continue -> break"),
        ("@atomic\ndef f(): pass", "atomic -> (nothing)"),
    ],
)
def test_fault_is_among_those_of_a_module(source, fault):
    assert f"m.py module: {fault}" in [mutant.name.replace(" f:", " module:") for mutant in mutants_of("m.py", source)]


@pytest.mark.parametrize("source", ["'''Text'''", "x: list[int]", "x = _('text')", "@cache\ndef f(): pass"])
def test_what_no_test_can_ask_for_has_no_fault(source):
    assert mutants_of("m.py", source) == []


def test_fault_is_in_the_compiled_module_and_not_in_the_next():
    mutants = {mutant.name: mutant for mutant in mutants_of("m.py", "x = 1\ny = 5")}
    found = {}
    for name in ("m.py module: 1 -> 2", "m.py module: 5 -> 6"):
        exec(mutants[name].compiled(), found.setdefault(name, {}))  # noqa: S102 - the lines above
    assert [(module["x"], module["y"]) for module in found.values()] == [(2, 5), (1, 6)]


def test_fault_is_put_into_a_function_that_is_there_already():
    source = "def outer():\n    return 1\n\nclass Kind:\n    def inner(self):\n        return 5"
    module = {}
    exec(compile(source, "m.py", "exec"), module)  # noqa: S102 - the line above
    there = [module["outer"], module["Kind"].inner]
    functions = {("m.py", *name_and_line(function.__code__)): [function] for function in there}
    for mutant in mutants_of("m.py", source):
        if mutant.name in ("m.py outer: 1 -> 2", "m.py Kind.inner: 5 -> 6"):
            put_in(mutant, functions)
            assert (module["outer"](), module["Kind"]().inner()) == ((2, 5) if "outer" in mutant.name else (1, 6))


def test_fault_that_leaves_out_what_a_method_closes_over_cannot_be_put_in():
    mutants = mutants_of("m.py", "class A:\n    def f(self):\n        super().f()\n        return g(1)")
    able = {mutant.name.removeprefix("m.py A.f: "): can_be_put_in(mutant) for mutant in mutants}
    assert (able["super().f() -> pass"], able["1 -> 2"]) == (False, True)


def test_every_fault_has_a_name_of_its_own():
    names = [mutant.name for mutant in all_mutants()]
    assert len(names) == len(set(names))


def test_reason_belongs_to_the_names_above_it():
    text = "# about\n\na\nb\n    For\n    both.\nc\n    Other.\n"
    assert reasons(text) == {"a": "For both.", "b": "For both.", "c": "Other."}


def test_every_mutant_that_may_live_is_one_that_there_is():
    known = reasons(REASONS.read_text())
    assert set(known) - {mutant.name for mutant in all_mutants()} == set()
