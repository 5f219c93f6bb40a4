"""Changes of one place that give a right answer again, each with the reason.

(exercises, lines, reason): the two patterns have to match all of the exercise's number and a part
of the changed line.
"""

NO_SIGN = "a square or an absolute value does not see the sign"
SAME_LENGTH = "the length is the same"
ZEROS = "zeros, whatever array lends its shape, and to whatever power and times whatever number"
TWICE = "a list that is repeated has the same last entry"
CANCELS = "a common factor of numerator and denominator cancels"
LIMIT = "another upper limit: any one above the solution will do"
HALVINGS = "the interval is far below the tolerance with half as many halvings"
END = "both ends of the last interval, and its middle, are the solution to the tolerance"
EQUAL = "at equality the limit, or the middle, is the solution itself"
CONJUGATE = "in the method pᵀr = rᵀr and rᵀFp = pᵀFp: p is r plus a direction conjugate to p"
GUARD = "0 exactly where r is 0"
SCALE = "the step does not depend on the scale of g, nor the comparison on that of L"
SAVING = "the `if` only saves a product: after the first layer z̄ is not used any more"
WRITTEN = "each entry is written before it is read"
BELOW = "the change is below the tolerance of ten digits"
SYMMETRIC = "B(α, β) = B(β, α)"
NUMBER = "another way to write the same number"
JUDGES = (
    "a test is any number that is 0 for the right programs and not 0 for the wrong ones; this one "
    "is so for all that the check has, and for the museum's own exhibits"
)

EQUIVALENT = [
    (".*", r"^without $", "two lines that do not depend on each other, in the other order"),
    (".*", r"zeros_like\(|np\.zeros\(\(1, 1\)\) \*\*|[2-]\s?\*? ?np\.zeros", ZEROS),
    (".*", r"len\((2 \* |-)?\w+( \*\* (2|0\.5))?\)", SAME_LENGTH),
    ("1.4", r"while|^high = |^low, high = ", LIMIT),
    ("1.4", r"<= delta", EQUAL),
    ("1.4", r"range\(", HALVINGS),
    ("1.4", r"return (low|middle)", END),
    ("3.1", r"np\.abs\(q - p\)|np\.abs\(-\(p - q\)\)", NO_SIGN),
    ("3.3", r"\(gamma - 1\) \*\* 2|\(-\(1 - gamma\)\) \*\* 2|np\.abs\(-A_old\)", NO_SIGN),
    ("4.5", r"\(-alpha\) \*\* 2", NO_SIGN),
    ("5.3", r"\(mean_new - mean\) \*\* 2|\(-\(mean - mean_new\)\) \*\* 2", NO_SIGN),
    ("6.[23]", r"\(-h\) \*\* 2", NO_SIGN),
    ("6.[23]", r"\(2 \* (Ws|dWs|hs)\)\[-1\]", TWICE),
    ("6.3", r"^if .* is not ", SAVING),
    ("7.1", r"^r = ", "the residual stands twice above and twice below: " + CANCELS),
    ("7.3|11.2", r"^alpha = |^p = ", CONJUGATE),
    ("9.1", r"^weights = ", CANCELS),
    ("9.5", r"^advantages = ", WRITTEN),
    ("10.7", r"2 \* ", SCALE),
    ("11.2", r"^if .* == 0", GUARD),
    ("11.3", r"sFs > 0|sFs \*\* 0\.5 > 0", "positive exactly where sᵀFs is"),
    ("11.(1|4|5|7|8|9|10|11)|16.7", r".", JUDGES),
    ("16.2", r"^series = series", BELOW),
    ("16.2", r"\(-y\) \*\* 2|\(-\(x \+ k\)\) \*\* 2", NO_SIGN),
    ("16.2|16.5", r"1\.0 / |\(1 / \(x \+ k\)\) \*\* 2", NUMBER),
    ("16.[34]", r"log_B\((beta, alpha|b_new, a_new|b, a)\)", SYMMETRIC),
    ("16.5", r"^slope = -|^slope = 1 / -", "the slope stands on both sides, and its sign cancels"),
    ("16.6", r"1 - nb\.EDGE", "as near to the end as before, to a millionth"),
]
#: Changes of this kind leave a product or a sum what it is, by the associative law.
BRACKETS = "a bracket closes too early"
