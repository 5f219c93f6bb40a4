"""The usual causes of errors with arrays and functions."""

#: (type, pattern in the error's text, what to say).
ARRAYS = [
    (
        "ValueError",
        r"matmul|shapes .* not aligned",
        "in a product `a @ b` the last size of a must be the "
        "first of b (for a matrix b, the last but one). Is a transpose missing, a "
        "row or column too many, "
        "or is the order turned?",
    ),
    (
        "ValueError",
        r"could not be broadcast|broadcast",
        "entry by entry, two sizes must be equal or one of "
        "them 1. Is a `keepdims=True` or an axis missing, or is `@` meant?",
    ),
    (
        "ValueError",
        r"truth value of an array",
        "`if`, `and`, `or` and `not` take one truth value, and here is "
        "an array of them. For arrays write `~`, `&`, `|` or np.where",
    ),
    (
        "ValueError",
        r"setting an array element|inhomogeneous",
        "parts of different shapes do not make one array",
    ),
    ("ValueError", r"zip\(\)", "the two sequences in zip have different lengths"),
    (
        "ValueError",
        r"unpack",
        "the number of names on the left is not that of the values on the right",
    ),
    (
        "ValueError",
        r"einsum|subscript|operand has",
        "the letters of the einsum do not fit the shapes: one "
        "letter for each axis, and the same letter only for axes of one size",
    ),
    ("ValueError", r"reshape", "the number of entries does not fit the new shape"),
    ("ValueError", r"dimensions|axis", "the number of axes does not fit: look at the shapes"),
    ("AxisError", r"", "there is no such axis: a vector has axis 0 alone, a matrix 0 and 1"),
    (
        "TypeError",
        r"unsupported operand.*'ellipsis'",
        "the dots of the exercise are still in your code",
    ),
    (
        "TypeError",
        r"'(function|builtin_function_or_method|method)'",
        "one of the two is a function: call it on its argument, `f(x)` and not `f`",
    ),
    (
        "TypeError",
        r"unsupported operand.*'NoneType'|'NoneType'",
        "one of the values is None: does a function of yours lack its return?",
    ),
    (
        "TypeError",
        r"object is not callable",
        "what stands before the bracket is no function: a number, an array "
        "or a name that you gave anew? For a product write `*`",
    ),
    (
        "TypeError",
        r"bad operand type for unary ~",
        "`~` turns round truth values; this is a number",
    ),
    (
        "TypeError",
        r"boolean negative|boolean subtract",
        "a minus does not turn round truth values: write `~`",
    ),
    (
        "TypeError",
        r"missing \d+ required positional",
        "the function in this line wants more arguments than it is given",
    ),
    (
        "TypeError",
        r"takes .* positional arguments? but",
        "the function in this line is given more arguments than it takes",
    ),
    (
        "TypeError",
        r"can only concatenate|list",
        "a list is not an array: `+` joins lists, and `*` repeats them. "
        "Make an array with np.array(...)",
    ),
    (
        "TypeError",
        r"not subscriptable",
        "this has no entries to take one of: is it a number or a function?",
    ),
    (
        "TypeError",
        r"real scalar-output|scalar-output",
        "grad differentiates a function whose result is one number: "
        "take the inner product with v before you differentiate again",
    ),
    (
        "TypeError",
        r"only (integer|length-1|0-dimensional)|index",
        "one whole number is wanted here, and this is an array or a fraction",
    ),
    (
        "TypeError",
        r"ufunc .bitwise_xor|for \^",
        "the power is `**` in Python; `^` is another operation",
    ),
]
