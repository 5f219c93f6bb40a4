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
TRUTH = "true exactly where it was true before, squared or twice"
WALL = "a sample exactly at the wall, or with no advantage, may be counted either way"
FACES = "the coin with its faces exchanged has the same divergence from a fair one"
ORDER = "the same order, or the same smaller one of two"
SHIFT = "a constant that is subtracted from all logits cancels with their sum"
ONES = "ones and zeros are their own squares"
SYMMETRIC = "the two sides may change places"
DIVISOR = "what divides the zeros does not matter, and the others are positive"
BELOW = "the change is below the tolerance of ten digits"
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
    ("4.6", r"norm\(-g_u\)", NO_SIGN),
    ("5.8", r"^z = .*(mean - actions|-\(|-np)|\(-z\) \*\* 2", NO_SIGN),
    ("5.9", r"^d = ", "the width is the same, and of 2d columns the last d begin at -d, too"),
    ("5.10", r"\(-z\) \*\* 2", NO_SIGN),
    ("7.6", r"\(-rFp\) \*\* 2", NO_SIGN),
    ("9.7", r"^W = .*np\.zeros", ZEROS),
    ("9.7", r"range\(", "rows behind the last have no entries"),
    ("9.7|9.9", r"not .*ended|np\.where\(.*ended", TRUTH),
    ("9.9", r"^targets = ", WRITTEN),
    ("10.11", r"values - targets|np\.var\(-", NO_SIGN),
    ("14.4", r"\(2 \* K\)\[-1\]", TWICE),
    ("14.6", r"^G = .*-|np\.abs\(-G\)", NO_SIGN),
    ("14.1[34]", r"\(-(u|gamma)\) \*\* 2", NO_SIGN),
    ("14.17", r"^shift = ", SYMMETRIC),
    ("14.1[89]", r"np\.eye\(len\([^)]*\)\) \*\* ", ONES),
    ("14.19", r"gamma \* P - np|inv\(-|^N = -|^apart = .*(N\[None.* - N\[:|abs\(-)", NO_SIGN),
    ("15.4", r"^weights = ", CANCELS),
    ("15.6", r"range\(", HALVINGS),
    ("15.6", r"^low, high = ", LIMIT),
    ("15.6", r">= 1", EQUAL),
    ("15.6", r"\*\* (2|0\.5) > 1", ONES),
    ("15.6", r"return .*\((low|nu) - A\)", END),
    ("15.7|15.10", r"^weights = ", SHIFT),
    ("15.7", r"^variance = .*(A - A|-\(A)", NO_SIGN),
    ("15.10", r"^log_m = .*np\.log\(2 \* ", CANCELS),
    ("15.11", r"\(-log_w\) \*\* 2", NO_SIGN),
    ("15.13", r"np\.std\(-R", NO_SIGN),
    ("15.13", r"np\.where\(", DIVISOR),
    ("12.4", r"^fine = ", "the same axis, from its other end or in other steps"),
    ("12.4", r" > 0\.9\)", "the places where a score is exactly 0.9 have no length"),
    ("12.4", r"log10\(2 \* x\)", "a factor moves the axis and changes no length on it"),
    ("12.4", r"fine\[(-1|0)\]", "the grid ends where the axis ends"),
    ("13.7", r"min\(min\(", ORDER),
    ("13.[49]", r">=|<=|> 0\.0", WALL),
    ("13.[49]", r"(past|outside|outwards\)?|< 1( - c)?\)) \*\* (2|0\.5)", TRUTH),
    ("13.[49]", r"2 \* (past|np\.where|\(outside)|(A \*\* 0\.5|2 \* A) > 0", TRUTH),
    ("13.5", r"^q = ", FACES),
    ("13.6", r"\(-c\) \*\* 2", NO_SIGN),
    ("13.7", r"^pi, left = ", WRITTEN),
    ("13.7", r"min\(left|-\(2 \* A\)", ORDER),
    ("13.9", r"np\.abs\((1 - w|-\(w - 1\))\)", NO_SIGN),
    ("13.9", r"w \*\* (2|0\.5) [<>] 1", TRUTH),
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
