"""Right and wrong answers to the exercises of notebook 12; see answers_00_04.py."""

ANSWERS = {
    "12.1": {
        "right": ["1.16", "1.1630", "np.float64(1.2)"],
        "wrong": {
            "0.84": "lie below|on average",
            "0": "mean",
            "2.236": "factor|root|inverted|too",
            "0.4472": "spread|mean of five",
            "1.54": "ten",
            "0.56": "two",
            "None": "None",
            "'1.16'": "text|quot|string|word|number",
            "[1.16]": "brackets|list",
        },
    },
    "12.2": {
        "right": [
            "x = np.sort(x)\nk = len(x) // 4\nreturn x[k:-k].mean() if k else x.mean()",
            "s = sorted(x)\nk = int(np.floor(len(s) / 4))\ninner = s[k : len(s) - k]\nreturn sum(inner) / len(inner)",
            "order = np.argsort(x)\nk = x.size // 4\nreturn np.mean(x[order][k : x.size - k])",
        ],
        "wrong": {
            "len(x) // 4 => len(x) // 2 - 1": "two more|leave|quarter|median|right in|k|4",
            "np.sort(x)[k : len(x) - k] => x[k : len(x) - k]": "sort",
            "np.sort(x)[k : len(x) - k] => np.sort(x)[k:]": "highest",
            "np.sort(x)[k : len(x) - k] => np.sort(x)[: len(x) - k]": "lowest",
            "np.sort(x)[k : len(x) - k] => np.sort(x)[k:-k]": "nothing is left out|NaN|nan|three runs|k = 0",
            "np.mean(np.sort(x)[k : len(x) - k]) => np.median(x)": "median",
            "np.mean(np.sort(x)[k : len(x) - k]) => np.mean(x)": "mean of all",
            "np.mean(np.sort(x)[k : len(x) - k]) => np.sum(np.sort(x)[k : len(x) - k])": "sum|mean",
            "np.mean(np.sort(x)[k : len(x) - k]) => np.sum(np.sort(x)[k : len(x) - k]) / len(x)": "number of all|divide",
            "np.mean(np.sort(x)[k : len(x) - k]) => np.sort(x)[k : len(x) - k]": "shape|number",
            "return np.mean(np.sort(x)[k : len(x) - k]) => return -np.mean(np.sort(x)[k : len(x) - k])": "sign",
            "np.sort(x)[k : len(x) - k] => np.sort(x)[k + 1 : len(x) - k - 1]": "one|right in|index|shift|leave|k",
        },
    },
    "12.3": {
        "right": [
            "m = len(x)\nreturn (y.mean() - x.mean()) * m**0.5 / np.sqrt(x.var(ddof=1) + y.var(ddof=1))",
            "se = np.hypot(np.std(x, ddof=1), np.std(y, ddof=1)) / np.sqrt(len(x))\nreturn np.mean(y) / se - np.mean(x) / se",
            "v = [sum((u - np.mean(u)) ** 2) / (len(u) - 1) for u in (x, y)]\nreturn (np.mean(y) - np.mean(x)) / np.sqrt(sum(v) / len(x))",
        ],
        "wrong": {
            "np.mean(y) - np.mean(x) => np.mean(x) - np.mean(y)": "sign",
            "(np.var(x, ddof=1) + np.var(y, ddof=1)) / len(x) => np.var(x, ddof=1) + np.var(y, ddof=1)": "single|standard deviations|m",
            "(np.mean(y) - np.mean(x)) / error => np.mean(y) - np.mean(x)": "itself|errors",
            "np.var(x, ddof=1) + np.var(y, ddof=1) => np.var(x) + np.var(y)": "m - 1|unbiased",
            "np.var(x, ddof=1) + np.var(y, ddof=1) => np.var(x, ddof=1)": "after|enter|y",
            "np.var(x, ddof=1) + np.var(y, ddof=1) => np.var(x, ddof=1) - np.var(y, ddof=1)": "NaN|nan|minus|−|\\+",
            "np.sqrt((np.var(x, ddof=1) + np.var(y, ddof=1)) / len(x)) => (np.var(x, ddof=1) + np.var(y, ddof=1)) / len(x)": "root|√|sqrt",
            "(np.mean(y) - np.mean(x)) / error => (np.sum(y) - np.sum(x)) / error": "sum|mean",
            "(np.mean(y) - np.mean(x)) / error => (y - x) / error": "shape|mean",
            "/ len(x) => / np.sqrt(len(x))": "root|√|sqrt|factor|len|m",
        },
    },
    "12.4": {
        "right": [
            "t = np.log10(x)\ngrid = np.arange(t[0], t[-1], 1e-4)\nreturn 1e-4 * sum(np.interp(grid, t, scores) >= 0.9)",
            "t, total = np.log10(x), 0.0\nfor a, b, u, v in zip(t, t[1:], scores, scores[1:]):\n    n = 4000\n"
            "    f = u + (v - u) * (np.arange(n) + 0.5) / n\n    total += (b - a) * np.mean(f >= 0.9)\nreturn total",
            "fine = np.geomspace(x[0], x[-1], 50_000)\ns = np.interp(np.log(fine), np.log(x), scores)\n"
            "return np.mean(s >= 0.9) * np.log10(x[-1] / x[0])",
        ],
        "wrong": {
            "axis = np.log10(x) => axis = x": "along x|decade|log",
            "axis = np.log10(x) => axis = np.log(x)": "natural|log₁₀|decade",
            " * (axis[-1] - axis[0]) => ": "share|length",
            ">= 0.9 => < 0.9": "below|turned|compar",
            ">= 0.9 => >= 0.5": "0.9|threshold|right in|wrong",
            "np.mean(np.interp(fine, axis, scores) >= 0.9) => np.mean(scores >= 0.9)": "count|between|straight",
            "np.mean(np.interp(fine, axis, scores) >= 0.9) => np.sum(np.interp(fine, axis, scores) >= 0.9)": "sum|mean|share|factor",
            "np.mean(np.interp(fine, axis, scores) >= 0.9) => (np.interp(fine, axis, scores) >= 0.9)": "shape|number|mean",
            "(axis[-1] - axis[0]) => (axis[0] - axis[-1])": "sign",
            ">= 0.9 => > 0.9": "equal|≥|at 0.9",
        },
    },
    "12.5": {
        "right": [
            "return np.array([np.mean(scores > tau) for tau in taus])",
            "return [sum(s > tau for s in scores) / len(scores) for tau in taus]",
            "return 1 - np.searchsorted(np.sort(scores), taus, side='right') / len(scores)",
        ],
        "wrong": {
            "scores[:, None] > taus => scores[:, None] >= taus": "equal",
            "scores[:, None] > taus => scores[:, None] < taus": "do not|turned|compar|rises|below|share",
            "scores[:, None] > taus => scores[:, None] <= taus": "do not|rises",
            "axis=0 => axis=1": "thresholds|axis",
            "np.mean(scores[:, None] > taus, axis=0) => np.mean(scores[:, None] > taus)": "one number",
            "np.mean(scores[:, None] > taus, axis=0) => np.sum(scores[:, None] > taus, axis=0)": "numbers of runs|share",
            "np.mean(scores[:, None] > taus, axis=0) => np.mean(scores[:, None] > taus, axis=0)[::-1]": "revers|order|turned",
            "np.mean(scores[:, None] > taus, axis=0) => scores[:, None] > taus": "shape|mean",
            "scores[:, None] > taus => scores[:, None] > np.sort(taus)": "order|sort",
            "scores[:, None] > taus => np.abs(scores[:, None]) > taus": "below 0|absolute|sign",
            "scores[:, None] > taus => scores[:, None] * (scores[:, None] > taus)": "1 everywhere|weight|share|scores",
        },
    },
    "12.6": {
        "right": ["0.25", "1 / 4", "np.float32(0.25)"],
        "wrong": {
            "0.5": "step|quadratic",
            "4": "smaller|turned|reciprocal",
            "1": "ellipse",
            "1 / 16": "root",
            "2": "before|longer|turned|step",
            "-0.25": "sign|negative",
            "None": "None",
            "'a quarter'": "text|quot|string|word|number",
        },
    },
}
