"""What is said of a change of the solution that gives the student's answers."""

SIGN = "look at the signs: a plus stands where a minus belongs, or the other way round"
TERM = "a term is missing: count those of the formula"
FACTOR = "a factor is missing: look at each product of the formula"
POWER = "a power is not the right one: a square or a root is missing, or one too many"
TURNED = "a comparison is turned round"
INCLUDE = "a comparison leaves out equality, which should be included: ≤ or ≥, not < or >"
EXCLUDE = "a comparison includes equality, which should be left out: < or >, not ≤ or ≥"
CONDITION = "one of the conditions is not asked for"
AND_OR = "`and` and `or` are exchanged: which conditions must hold together?"
DECISIONS = (TURNED, INCLUDE, EXCLUDE, CONDITION, AND_OR)
INDEX = "an index, or the number of rounds, is off by one"
CONSTANT = "a constant is not the right one"
LINE = "a line is missing, or has no effect: is each variable renewed that has to be?"
REPEATED = "a line is carried out twice where once is enough"
ORDER = "two lines are in the wrong order: is something renewed before its old "
"value was used?"
AXIS = "a sum or mean runs over the wrong axis"
RETURNED = "another of the variables is returned than the one that is asked for"
BRACKET = (
    "a bracket closes too early, or opens too late: what belongs under one root, sum or fraction?"
)
SLICE = "an index or a slice is not the right one"
ALL_AXES = "a sum or mean runs over all axes, where one of them has to stay"
KEEPDIMS = "a sum or mean loses its axis, which is needed below it (keepdims)"
WEIGHTS = "the weights of a sum are missing: one side of an `@`"
TWICE = "a function is applied twice"
SQUARED = "a square too many, or in the wrong place"
ROOTED = "a root too many, or in the wrong place"
DOUBLED = "a 2 too many, or in the wrong place"
#: What decisions, right in some cases and wrong in others, agree with by chance.
SPURIOUS = (SQUARED, ROOTED, DOUBLED)
INVERSE = "a product with the matrix stands where its inverse belongs"
ROUNDS = "too few rounds, or too early an end"
NOT = "a truth value is turned round: a not (~) is missing"
DIRECTION = "the loop runs in the wrong direction"
TRANSPOSE = "a transpose is missing"


def other_name(name: str) -> str:
    """The kind for a variable in a wrong place; the braces take the student's name for it."""
    return f"{{{name}}} stands where another belongs"
