"""Right and wrong answers to the exercises of notebook 15, and to 5.6; see answers_00_04.py."""

EXP_RIGHT = [
    "z = np.log(pi_old) + A / beta\nz = z - z.max(axis=1, keepdims=True)\nreturn np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)",
    "out = []\nfor p, a in zip(pi_old, A):\n    w = p * np.exp((a - max(a)) / beta)\n    out.append(w / sum(w))\nreturn out",
    "B = (A.T - A.max(axis=1)).T\nw = pi_old * np.exp(B / beta)\nreturn (w.T / w.sum(1)).T.astype(np.float32)",
]
EXP_WRONG = {
    "(A - np.max(A, axis=1, keepdims=True)) / beta => A / beta": "NaN|finite|large|overflow|largest|0\\.001|max",
    "/ beta) => * beta)": "β|beta|divid|1/β|fraction|upside",
    "pi_old * np.exp => np.exp": "old|enter",
    "np.sum(weights, axis=1, keepdims=True) => np.sum(weights)": "state|row|axis|all",
    "np.sum(weights, axis=1, keepdims=True) => np.sum(weights, axis=0, keepdims=True)": "axis|state|action",
    "return weights / np.sum(weights, axis=1, keepdims=True) => return weights": "sum|1|normal|Z|divid",
    "(A - np.max(A, axis=1, keepdims=True)) => (np.max(A, axis=1, keepdims=True) - A)": "sign|minus",
    "np.max(A, axis=1, keepdims=True) => np.max(A)": "state|row|underflow|NaN|all|axis|finite|each",
    "np.exp((A - np.max(A, axis=1, keepdims=True)) / beta) => (1 + A / beta)": "exp|first order|linear|small",
    "np.exp((A - np.max(A, axis=1, keepdims=True)) / beta) => np.exp(A - np.max(A, axis=1, keepdims=True)) / beta": "beta|β|bracket|enter|exponent",
    "np.sum(weights, axis=1, keepdims=True) => np.max(weights, axis=1, keepdims=True)": "sum|max|1|normal",
    "pi_old * np.exp => pi_old + np.exp": "product|times|\\*|sum|\\+",
    "return weights / np.sum(weights, axis=1, keepdims=True) => return np.log(weights / np.sum(weights, axis=1, keepdims=True))": "log",
    "np.sum(weights, axis=1, keepdims=True) => np.sum(pi_old, axis=1, keepdims=True)": "Z|weights|sum|old|another|normal",
}
LOGZ_RIGHT = [
    "pi_old @ (np.log(pi_old) - np.log(pi_beta))",
    "-np.dot(pi_old, np.log(pi_beta / pi_old))",
    "total = 0.0\nfor p, q in zip(pi_old, pi_beta):\n    total += p * np.log(p / q)\nreturn total",
    "np.float32(np.sum(np.float32(pi_old) * np.log(np.float32(pi_old) / np.float32(pi_beta))))",
]
LOGZ_WRONG = {
    "pi_old / pi_beta => pi_beta / pi_old": "sign|minus|way round",
    "np.sum(pi_old * np.log(pi_old / pi_beta)) => np.sum(pi_beta * np.log(pi_beta / pi_old))": "KL|way round|order|exchang|weights|old",
    "np.sum(pi_old * np.log => np.sum(pi_beta * np.log": "weights|old|pi_beta|stands",
    "np.sum(pi_old * np.log => np.sum(np.log": "weights|π_old|enter|weigh",
    "np.sum => np.mean": "mean|sum",
    "pi_old * np.log(pi_old / pi_beta) => pi_old * np.log(pi_beta)": "term|π_old|log|numerator|missing",
    "np.sum(pi_old * np.log(pi_old / pi_beta)) => pi_old * np.log(pi_old / pi_beta)": "shape|sum",
    "np.sum(pi_old * np.log(pi_old / pi_beta)) => np.log(np.sum(pi_old * pi_old / pi_beta))": "log|sum|inside|bracket|order",
    "np.log => np.log2": "base|log2|natural|factor|2",
    "np.log(pi_old / pi_beta) => (pi_old / pi_beta)": "log",
    "np.log(pi_old / pi_beta) => (pi_old / pi_beta - 1)": "log",
    "np.sum(pi_old * np.log(pi_old / pi_beta)) => np.exp(np.sum(pi_old * np.log(pi_old / pi_beta)))": "log|exp|Z itself",
    "np.sum(pi_old * np.log(pi_old / pi_beta)) => np.sum(pi_old * np.log(pi_old))": "pi_beta|enter",
    "np.sum(pi_old * np.log(pi_old / pi_beta)) => 0.0": "0",
}
HYP_RIGHT = [
    "a, b = max(A), max(A) + beta\nfor _ in range(60):\n    m = 0.5 * (a + b)\n"
    "    if np.sum(beta * pi_old / (m - A)) >= 1:\n        a = m\n    else:\n        b = m\n"
    "return beta * pi_old / ((a + b) / 2 - A)",
    "low, high = np.max(A), np.max(A) + beta\nwhile high - low > 1e-15 * max(1.0, abs(high)) * 8:\n    nu = (low + high) / 2\n"
    "    if (beta * pi_old / (nu - A)).sum() > 1:\n        low = nu\n    else:\n        high = nu\nreturn list(beta * pi_old / (high - A))",
    "f = lambda nu: float(np.sum(beta * pi_old / (nu - A)) - 1)\nlow, high = A.max(), A.max() + beta\n"
    "for _ in range(80):\n    mid = low / 2 + high / 2\n    low, high = (mid, high) if f(mid) > 0 else (low, mid)\n"
    "p = beta * pi_old / (high - A)\nreturn p / p.sum()",
]
HYP_WRONG = {
    "low = nu\n    else:\n        high = nu => high = nu\n    else:\n        low = nu": "wrong way|turned|half|wrong side|bisection|exchang|low|which",
    "> 1 => < 1": "wrong way|turned|compar|side|half",
    "np.max(A) + beta\n => np.max(A) + beta\nlow = 0.0\n": "right in|low|limit|max|start|line|negative|const",
    "range(60) => range(5)": "rounds|few|halv|early",
    "return beta * pi_old / (high - A) => return high": "shape|normaliser|ν|probab",
    "beta * pi_old =>> pi_old": "`beta` is 1|β|factor",
    "return beta * pi_old / (high - A) => return pi_old / (high - A)": "β|beta|sum|factor|1",
    "beta * pi_old / (high - A) => beta * pi_old / (high + A)": "sign|minus|\\+",
    "low, high = np.max(A), np.max(A) + beta => low, high = np.min(A), np.min(A) + beta": "max|min|largest|limit|equal",
    "np.max(A) + beta => np.max(A) + 1": "beta|β|limit|upper|const",
    "np.sum(beta * pi_old / (nu - A)) => np.sum(pi_old / (nu - A))": "β|beta|factor|term",
    "return beta * pi_old / (high - A) => return pi_old * np.exp(A / beta) / np.sum(pi_old * np.exp(A / beta))": "exponential|15\\.2|other|new",
    "(high - A) => (np.max(A) + beta - A)": "upper|start|bisection|ν|limit|sum|normal|loop|renew",
    "np.sum(beta * pi_old / (nu - A)) => np.mean(beta * pi_old / (nu - A))": "mean|sum",
    "beta * pi_old / (high - A) => beta * pi_old * (high - A)": "divid|fraction|product|upside",
    "beta * pi_old / (high - A) => beta / (high - A)": "pi_old|old|enter|factor|term|weight",
}
SLOPE_RIGHT = [
    "w = pi_old * np.exp((A - A.max()) / beta)\nw = w / w.sum()\nm = w @ A\nreturn -(w @ A**2 - m**2) / beta**3",
    "def K(b):\n    w = pi_old * np.exp((A - A.max()) / b)\n    w = w / w.sum()\n    return np.sum(w * np.log(w / pi_old))\n"
    "h = 1e-4 * beta\nreturn (8 * (K(beta + h) - K(beta - h)) - K(beta + 2 * h) + K(beta - 2 * h)) / (12 * h)",
    "p = pi_old * np.exp(A / beta)\np /= p.sum()\nreturn np.float32(-np.sum(p * (A - np.sum(p * A)) ** 2) * beta**-3.0)",
]
SLOPE_WRONG = {
    "-variance / beta**3 => variance / beta**3": "sign|falls|minus",
    "beta**3 => beta**2": "β|power|cube|divid|factor",
    "beta**3 => beta**4": "β|power|divid|factor",
    "variance = pi @ (A - pi @ A) ** 2 => variance = pi_old @ (A - pi_old @ A) ** 2": "π_β|old|policy|pi_old",
    "(A - pi @ A) ** 2 => A**2": "mean|subtract|variance|term|square",
    "-variance / => -np.sqrt(variance) / ": "root|standard|square",
    "weights / np.sum(weights) => weights": "denominator|normal|sum|Z|divid",
    "variance = pi @ (A - pi @ A) ** 2 => variance = np.var(A)": "alike|weights|plain|mean|π|enter|policy",
    "(A - np.max(A)) / beta => (A - np.max(A)) * beta": "product stands|β|divid|beta|upside|fraction",
    "return -variance / beta**3 => return -pi @ A / beta**2": "variance|first|log Z|mean|gain",
    "return -variance / beta**3 => return -variance / beta**3 - 2 * pi @ A / beta**2": "cancel|term|product rule|mean",
    "return -variance / beta**3 => return -variance": "denominator|beta|β|divid|gain|E\\[A\\]|factor",
    "return -variance / beta**3 => return -(pi @ (A - pi @ A)) / beta**3": "0|square|variance",
    "beta**3 => beta * 3": "power|cube|β",
    "return -variance / beta**3 => return -0.5 * variance / beta**3": "½|half|2|factor|0\\.5",
}
BETA_RIGHT = [
    "factor = 1.0\nif kl > 1.5 * target:\n    factor = 2.0\nelif kl < target / 1.5:\n    factor = 0.5\nreturn beta * factor",
    "if kl * 1.5 < target:\n    return 0.5 * beta\nreturn beta * 2 if kl / target > 1.5 else beta",
    "return np.float32(beta * 2.0 ** (int(kl > 1.5 * target) - int(kl < target / 1.5)))",
]
BETA_WRONG = {
    "if kl > 1.5 * target:\n    return 2 * beta\nif kl < target / 1.5:\n    return beta / 2 => if kl > 1.5 * target:\n    return beta / 2\nif kl < target / 1.5:\n    return 2 * beta": "turned|exchang|way round|far|light|heav|doubl",
    "> 1.5 * target => > target": "1\\.5|band|kept|right in",
    "< target / 1.5 => < target": "1\\.5|band|kept|right in",
    "return 2 * beta => return 1.5 * beta": "2|1\\.5|doubl|factor|right in|constant",
    "return beta / 2 => return beta / 1.5": "2|1\\.5|halv|factor|right in|constant",
    "return beta / 2\nreturn beta => return beta / 2\nreturn 1.0": "beta|kept|band|neither|right in|enter",
    "if kl > 1.5 * target:\n    return 2 * beta\n => ": "far|above|large|right in|too|line|case|doubl",
    "return 2 * beta => return beta**2": "2|square|doubl|right in|power",
    "return beta / 2 => return beta - 2": "2|halv|divid|right in|-",
    "target / 1.5 => target * 1.5": "product stands|1\\.5|divid|upside|band|right in",
    "kl > 1.5 * target => kl > 1.5": "target|δ|enter|term|factor",
    "kl < target / 1.5 => kl > target / 1.5": "turned|<|compar|right in",
    "return beta / 2\nreturn beta => return beta / 2": "None|return",
    "return beta / 2\nreturn beta => return beta / 2\nreturn kl": "beta|another|kl|right in|band|returned",
    "> 1.5 * target => > 2 * target": "1\\.5|constant|2|right in",
    "kl > 1.5 * target => kl >= 1.5 * target": "equal|<|>|≥|strict|exactly",
    "kl < target / 1.5 => kl <= target / 1.5": "equal|<|>|≤|strict|exactly",
}
TWO_RIGHT = [
    "B = beta + beta_ref\nz = (beta * np.log(pi_k) + beta_ref * np.log(pi_ref) + r) / B\nz -= z.max()\nreturn np.exp(z) / np.exp(z).sum()",
    "B = beta + beta_ref\nm = pi_k ** (beta / B) * pi_ref ** (beta_ref / B)\nw = m * np.exp((r - max(r)) / B)\nreturn list(w / sum(w))",
    "B = beta + beta_ref\nw = np.exp(r / B) * np.exp(np.average([np.log(pi_k), np.log(pi_ref)], axis=0, weights=[beta, beta_ref]))\n"
    "return (w / w.sum()).astype(np.float32)",
]
TWO_WRONG = {
    "r / total => r / beta": "β|total|sum|beta_ref|both",
    "r / total => r / beta_ref": "β|total|sum|beta stands|both",
    "r / total => r": "denominator|β|total|divid|weight",
    "(beta * np.log(pi_k) + beta_ref * np.log(pi_ref)) / total => (beta * pi_k + beta_ref * pi_ref) / total": "log|geometric|mean",
    "beta * np.log(pi_k) + beta_ref * np.log(pi_ref) => beta_ref * np.log(pi_k) + beta * np.log(pi_ref)": "exchang|β|weights|which",
    "logits = log_m + r / total => logits = log_m": "r|reward|enter",
    "logits = log_m + r / total => logits = r / total": "pi_k|pi_ref|enter|m",
    "return weights / np.sum(weights) => return weights": "denominator|normal|sum|1|Z|divid",
    "/ total\n => \n": "denominator|total|divid|β|mean|weights|bracket|factor",
    "log_m + r / total => log_m - r / total": "sign|minus|\\+",
    "beta * np.log(pi_k) + beta_ref * np.log(pi_ref) => np.log(pi_k) + np.log(pi_ref)": "weight|β|beta|plain|alike",
    "beta * np.log(pi_k) + beta_ref * np.log(pi_ref) => beta * np.log(pi_k) - beta_ref * np.log(pi_ref)": "1/`pi_ref`|sign|\\+|minus",
    "beta * np.log(pi_k) + beta_ref * np.log(pi_ref) => beta * np.log(pi_k)": "ref|enter|term",
    "beta * np.log(pi_k) + beta_ref * np.log(pi_ref) => beta_ref * np.log(pi_ref)": "pi_k|enter|term",
    "total = beta + beta_ref => total = beta * beta_ref": "sum|\\+|product",
    "total = beta + beta_ref => total = (beta + beta_ref) / 2": "sum|half|2|mean",
}
ESTIMATES_RIGHT = [
    "w = np.exp(log_q - log_p)\nreturn np.array([-np.log(w), 0.5 * np.log(w) ** 2, w - 1 - np.log(w)])",
    "k1 = log_p - log_q\nreturn [k1, k1 * k1 / 2, np.expm1(-k1) + k1]",
    "k1 = (log_p - log_q).astype(np.float32)\nreturn np.vstack([k1, k1**2 / 2, np.exp(-k1) - 1 + k1])",
]
ESTIMATES_WRONG = {
    "log_w = log_q - log_p => log_w = log_p - log_q": "w|q / p|sign|exchang|way round|ratio|order",
    "-log_w, log_w => log_w, log_w": "sign|k1|k₁|row 0|minus",
    "log_w**2 / 2 => log_w**2": "½|half|2|row 1|k2|k₂|factor",
    "np.exp(log_w) - 1 - log_w => np.exp(log_w) - log_w": "1|row 2|k3|k₃|term|constant",
    "np.exp(log_w) - 1 - log_w => np.exp(log_w) - 1 + log_w": "sign|row 2|k3|k₃",
    "np.exp(log_w) - 1 - log_w => np.exp(log_w) - 1": "log w|row 2|k3|k₃|term",
    "np.exp(log_w) - 1 - log_w => np.exp(-log_w) - 1 + log_w": "w|row 2|1/w|k3|k₃|way round|sign|exp",
    "return np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w]) => return np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w]).T": "transpos|shape",
    "return np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w]) => return np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w]).mean(axis=1)": "shape|mean|sample",
    "log_w = log_q - log_p => log_w = log_q / log_p": "difference|subtract|quotient|divid|-",
    "log_w = log_q - log_p => log_w = np.exp(log_q - log_p)": "log|exp|twice",
    "log_w**2 / 2 => abs(log_w) / 2": "root|square|row 1|k2|k₂|absolute",
    "-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w => -log_w, np.exp(log_w) - 1 - log_w, log_w**2 / 2": "order|row|exchang",
    "np.stack([-log_w, log_w**2 / 2, np.exp(log_w) - 1 - log_w]) => -log_w": "shape|three",
    "np.exp(log_w) - 1 - log_w => np.exp(log_q) / np.exp(log_w) - 1 - log_w": "log_p|row 2|w|p|ratio|k3|k₃",
    "log_w = log_q - log_p => log_w = log_q": "log_p|enter",
}
K3_RIGHT = [
    "np.array([a - b for a, b in zip(p, q)])",
    "S = np.eye(len(p)) - p\nreturn ((p * (1 - q / p))[:, None] * S).sum(axis=0)",
    "total = np.zeros(len(p))\nfor a in range(len(p)):\n    e = np.eye(len(p))[a]\n    total += p[a] * (1 - q[a] / p[a]) * (e - p)\nreturn total",
    "(p.astype(np.float32) - q.astype(np.float32))",
]
K3_WRONG = {
    "p - q => q - p": "sign|minus|turned",
    "p - q => p * (1 - q / p) * (1 - p)": "other|mixed|e_a|softmax|vector|entries|logits|cross|score",
    "p - q => p": "as it came in|q|enter",
    "p - q => -q": "p|enter",
    "p - q => 1 - q / p": "p|weight|mean|divid|ratio",
    "p - q => p * np.log(p / q) - p * np.sum(p * np.log(p / q))": "k1|k₁|KL\\(p|log|other|gradient of the KL",
    "p - q => np.zeros(len(p))": "0",
    "p - q => np.sum(p - q)": "shape|number|vector",
    "p - q => p + q": "sign|\\+",
    "p - q => p * (p - q)": "p|weight|twice|factor|mean",
    "p - q => (p - q) / len(p)": "mean|factor|number|divid|sum",
    "p - q => np.abs(p - q)": "absolute|sign",
    "p - q => (p - q) ** 2": "square",
    "p - q => np.log(p) - np.log(q)": "log",
}
GROUP_RIGHT = [
    "m, s = R.mean(axis=1, keepdims=True), R.std(axis=1, keepdims=True)\ns[s == 0] = 1\nreturn (R - m) / s",
    "rows = []\nfor row in R:\n    c = row - np.mean(row)\n    s = np.sqrt(np.mean(c**2))\n    rows.append(c / s if s > 0 else c)\nreturn rows",
    "c = R - R.mean(1)[:, None]\ns = R.std(1)[:, None]\nreturn np.divide(c, s, out=np.zeros_like(c), where=s > 0).astype(np.float32)",
]
GROUP_WRONG = {
    "np.where(std > 0, std, 1.0) => std": "0|NaN|alike|divi",
    "np.where(std > 0, std, 1.0) => np.where(std > 0, std**2, 1.0)": "variance|square|standard|root",
    "/ np.where(std > 0, std, 1.0) => ": "divid|standard|std|unit",
    "(R - np.mean(R, axis=1, keepdims=True)) => R": "mean|subtract|baseline|term",
    "np.std(R, axis=1, keepdims=True) => np.std(R)": "group|row|axis|all",
    "np.mean(R, axis=1, keepdims=True) => np.mean(R)": "group|row|axis|all",
    "axis=1 =>> axis=0": "axis|row|group|column",
    "np.std(R, axis=1, keepdims=True) => np.std(R, axis=1, keepdims=True, ddof=1)": "ddof|G - 1|np.std|sample|factor|as it is|G|case",
    "R - np.mean(R, axis=1, keepdims=True) => np.mean(R, axis=1, keepdims=True) - R": "sign|minus",
    "np.mean(R, axis=1, keepdims=True) => np.median(R, axis=1, keepdims=True)": "rows|median|mean",
    "np.where(std > 0, std, 1.0) => (std + 0.1)": "entries|0\\.1|small|add|std|exact|standard|1\\.",
    "np.where(std > 0, std, 1.0) => np.where(std > 0, std, 1.0) / R.shape[1]": "G|factor|number|divid|size",
    "np.where(std > 0, std, 1.0) => np.maximum(std, 1.0)": "constant|std|1|small|max|case|right in|row",
    "np.mean(R, axis=1, keepdims=True) => np.max(R, axis=1, keepdims=True)": "max|mean|largest|best",
    "return ( => return np.abs(": "absolute|sign",
}
ANSWERS = {
    "15.4": {"right": EXP_RIGHT, "wrong": EXP_WRONG},
    "15.5": {"right": LOGZ_RIGHT, "wrong": LOGZ_WRONG},
    "15.6": {"right": HYP_RIGHT, "wrong": HYP_WRONG},
    "15.7": {"right": SLOPE_RIGHT, "wrong": SLOPE_WRONG},
    "15.8": {"right": BETA_RIGHT, "wrong": BETA_WRONG},
    "15.9": {
        "right": ["0.415", "0.42", "1 - np.log(2.25) / np.log(4)", "np.log(16 / 9) / np.log(4)"],
        "wrong": {
            "0.585": "lands|never|other|1 minus|1 -",
            "0.5625": "log|width|2\\.25 / 4|ratio|large",
            "0.4375": "log|large|2\\.25|1 - ",
            "0.29": "1\\.5|band|width|one side|small|half",
            "0.71": "1\\.5|lands|band|large|one side",
            "0": "small|settle|jump",
            "1": "large|all|some",
            "41.5": "per cent|percent|share|power of ten|100",
            "-0.415": "sign",
            "0.17": "2|doubl|step|small|β|KL",
            "'0.415'": "text|quot",
            "0.25": "small",
        },
    },
    "15.10": {"right": TWO_RIGHT, "wrong": TWO_WRONG},
    "15.11": {"right": ESTIMATES_RIGHT, "wrong": ESTIMATES_WRONG},
    "15.12": {"right": K3_RIGHT, "wrong": K3_WRONG},
    "15.13": {"right": GROUP_RIGHT, "wrong": GROUP_WRONG},
    "15.14": {
        "right": ["15 / 16", "1 - 1 / 16", "0.9375", "np.float32(0.9375)", "0.94"],
        "wrong": {
            "1": "large|itself|own|takes away|j = i",
            "1 / 16": "takes away|1 -|left|small|what|1 minus",
            "16 / 15": "above 1|other way|upside|large",
            "17 / 16": "sign|large|\\+|minus",
            "0": "small|0|itself|vanish",
            "15": "count|large|divid|G",
            "16": "large|divid|G",
            "0.9": "small|G|10",
            "-0.9375": "sign",
            "'15/16'": "text|quot",
            "0.875": "small|2|twice|two",
        },
    },
}
DOUBLED = {
    "right": ["0.5", "1 / 2", "np.float32(0.5)", "2 / 4"],
    "wrong": {
        "2": "F⁻¹g|upside|other way|inverse|g|F̃|large|doubles",
        "1": "unchanged|square|F|large|natural",
        "0.25": "g|small|inverse|doubles|F̃",
        "4": "large|square|inverse",
        "8": "multiplied|large",
        "-0.5": "sign",
        "0": "small|0",
        "0.707": "large|root|√",
        "1 / 8": "multiplies|small",
        "'½'": "text",
        "None": "None",
        "[0.5, 0.5]": "number|one",
    },
}
ANSWERS["5.6"] = DOUBLED
