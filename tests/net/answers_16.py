"""Right and wrong answers to the exercises of notebook 16; see answers_00_04.py."""

GAE = "program.advantages"
SETTING = (
    "rng = np.random.default_rng(3)\nrewards, V, V_next = rng.standard_normal((3, 5, 1))\n"
    "ended = np.array([[False], [True], [False], [False], [True]])\nnever = np.zeros((5, 1), bool)\n"
)
ENDS = (
    SETTING
    + "from trpo_np import generalized_advantages\narguments = (rewards, V, V_next, never, ended, 0.9, 0.8)\n"
    "ends = np.abs(program.advantages(*arguments) - generalized_advantages(*arguments)).max()\n"
)
PRODUCT = (
    "J = np.random.default_rng(1).standard_normal((4, 2, 3))\nv = np.ones(3)\n"
    "F = np.einsum('nkp,nkq->pq', J, J) / 4\n"
    "got = program.product(lambda v: J @ v, lambda u: u, lambda u: np.einsum('nkp,nk->p', J, u), v)\n"
    "product = np.linalg.norm(got - F @ v)\n"
)
SEARCH = (
    "got = program.search(lambda x: x - 5.0, lambda x: 0.0, 0.0, 1.0, 1.0)\nsearch = got - 1.0\n"
)

ANSWERS = {
    "16.1": {
        "right": ["1.6", "2 - 0.399", "1.601", "2 - (2 * np.pi) ** -0.5", "np.array(1.6)"],
        "wrong": {
            "2": "drawn|clip|low|large",
            "1.2": "draws below|small|half|1.2",
            "1.5": "half|standard|small",
            "1": "standard deviation|small",
            "2.4": "above|sign|large",
            "0.4": "takes away|subtract|small",
            "-1.6": "sign|negative|small",
            "None": "None|number",
            "'1.60'": "text|string",
            "[1.6]": "list|number|shape|bracket",
            "1.7": "large|once more|section",
        },
    },
    "16.2": {
        "right": [
            "y = x + 20\nt = 1 / y + 1 / (2 * y**2) + 1 / (6 * y**3) - 1 / (30 * y**5)\n"
            "return t + np.sum([1 / (x + j) ** 2 for j in range(20)], axis=0)",
            "total, y = 0, x\nwhile np.min(y) < 12:\n    total = total + y**-2.0\n    y = y + 1\n"
            "return total + 1 / y + 0.5 / y**2 + 1 / (6 * y**3) - 1 / (30 * y**5) + 1 / (42 * y**7) - 1 / (30 * y**9)",
            "from autograd import elementwise_grad as eg\nreturn eg(eg(log_gamma))(np.asarray(x, float))",
            "from autograd import elementwise_grad as eg\nreturn eg(digamma)(np.asarray(x, float))",
        ],
        "wrong": {
            "y = x + 10 => y = x": "series|large|recurrence|raised|10",
            "+ sum(1 / (x + k) ** 2 for k in range(10)) => ": "raised|step|cost|recurrence|term",
            "(x + k) ** 2 => (x + k)": "square|ψ|power|term",
            "range(10) => range(9)": "step|range|end|count|number|9|limit",
            "range(10) => range(1, 11)": "first step|start|range|shift|one",
            "range(10) => range(11)": "more|step|range|one",
            "+ sum( => - sum(": "sign|falls|added|minus|−",
            "y = x + 10 => y = x + 2": "digits|further|raise|argument|10|2",
            "1 / (2 * y**2) => 1 / (2 * y)": "term|power|exponent|square|series",
            "- 1 / (30 * y**5) => + 1 / (30 * y**5)": "sign|term|minus|−",
            "1 / (6 * y**3) => 1 / (3 * y**3)": "factor|term|number|6|2|constant",
            "digamma(x)": "ψ|first derivative|derivative",
            "log_gamma(x)": "ψ|derivative|log|related|other|large|for x|correct|right",
            "1 / x + 1 / (2 * x**2)": "series|large|recurrence|term|for x|right",
            "np.pi**2 / 6": "shape|x|enter|array|argument",
            "sum(1 / (x + k) ** 2 for k in range(1000))": "digits|off|1e|tail|sum|series|too|small|raise|only|right",
        },
    },
    "16.3": {
        "right": [
            "a, b = np.split(1 + np.log1p(np.exp(eta)), 2, axis=1)\nx = (actions - low) / (high - low)\n"
            "from math import lgamma\nB = np.vectorize(lambda a, b: lgamma(a) + lgamma(b) - lgamma(a + b))(a, b)\n"
            "return ((a - 1) * np.log(x) + (b - 1) * np.log(1 - x) - B).sum(axis=1) - np.log(high - low).sum()",
            "alpha, beta = concentrations(eta)\nu, w = actions - low, high - low\n"
            "terms = (alpha - 1) * (anp.log(u) - anp.log(w)) + (beta - 1) * (anp.log(high - actions) - anp.log(w)) - log_B(alpha, beta) - anp.log(w)\n"
            "return anp.sum(terms, axis=1)",
            "total = 0\nd = actions.shape[1]\nfor i in range(d):\n    a, b = concentrations(eta[:, [i, d + i]])\n"
            "    w = high[i] - low[i]\n    x = (actions[:, i] - low[i]) / w\n"
            "    total = total + (a[:, 0] - 1) * anp.log(x) + (b[:, 0] - 1) * anp.log(1 - x) - log_B(a, b)[:, 0] - anp.log(w)\n"
            "return total",
        ],
        "wrong": {
            "log_p - anp.log(high - low) => log_p": "width|stretched|box|between 0 and 1",
            "log_p - anp.log(high - low) => log_p + anp.log(high - low)": "sign|wide|width",
            "- log_B(alpha, beta) => ": "normaliser|log B|B|integrate",
            "- log_B(alpha, beta) => + log_B(alpha, beta)": "divided|multiply|sign|B",
            "(alpha - 1) * anp.log(x) + (beta - 1) => alpha * anp.log(x) + beta": "α - 1|- 1|exponent|one",
            "alpha, beta = => beta, alpha =": "exchanged|swap|α|order",
            "anp.sum( => anp.mean(": "mean|sum|dimension",
            "x = (actions - low) / (high - low) => x = actions": "low|box|NaN|between|finite|width|not finite",
            "x = (actions - low) / (high - low) => x = (actions - low) / high": "low|high|box|width|NaN|where|wrong",
            ", axis=1) => )": "axis|shape|number|row",
            "concentrations(eta) => np.split(eta, 2, axis=1)": "concentrations|NaN|softplus|16.2|finite|not|1|eta|η",
            "concentrations(eta) => np.split(np.exp(eta), 2, axis=1)": "concentrations|16.2|softplus|exp|where|wrong|change|term",
            "anp.log(1 - x) => anp.log(x)": "1 - x|x|term|wrong|exchanged|change|place",
            "anp.log(1 - x) => (1 - anp.log(x))": "1 - x|x|term|wrong|change|bracket",
            "anp.sum(log_p - anp.log(high - low), axis=1) => np.exp(np.sum(log_p - anp.log(high - low), axis=1))": "density|logarithm|exp",
            "anp.sum(log_p - anp.log(high - low), axis=1) => log_p - anp.log(high - low)": "shape|sum|(N,)|axis|one",
        },
    },
    "16.4": {
        "right": [
            "p, q = concentrations(eta), concentrations(eta_new)\ns = digamma(p[0] + p[1])\n"
            "t = log_B(*q) - log_B(*p) + (p[0] - q[0]) * digamma(p[0]) + (p[1] - q[1]) * digamma(p[1]) + (q[0] + q[1] - p[0] - p[1]) * s\n"
            "return t.sum(axis=1)",
            "a, b = concentrations(eta)\nc, e = concentrations(eta_new)\nx = digamma(a) - digamma(a + b)\ny = digamma(b) - digamma(a + b)\n"
            "minus_entropy = (a - 1) * x + (b - 1) * y - log_B(a, b)\ncross = (c - 1) * x + (e - 1) * y - log_B(c, e)\n"
            "return np.sum(minus_entropy - cross, axis=1)",
            "nodes, w = np.polynomial.legendre.leggauss(150)\nt = np.pi / 2 * nodes\nx = (1 + np.sin(t)) / 2\nw = w * np.pi / 4 * np.cos(t)\n"
            "(a, b), (c, e) = concentrations(eta[..., None]), concentrations(eta_new[..., None])\n"
            "lp = (a - 1) * np.log(x) + (b - 1) * np.log(1 - x) - log_B(a, b)\nlq = (c - 1) * np.log(x) + (e - 1) * np.log(1 - x) - log_B(c, e)\n"
            "return np.sum(np.exp(lp) * (lp - lq) * w, axis=(1, 2))",
        ],
        "wrong": {
            "(a, b), (a_new, b_new) => (a_new, b_new), (a, b)": "new ‖ old|old|direction|exchanged",
            "+ log_B(a_new, b_new) - log_B(a, b) => ": "normaliser|log B|B",
            "+ log_B(a_new, b_new) - log_B(a, b) => - log_B(a_new, b_new) + log_B(a, b)": "normaliser|sign|log B",
            "(a - a_new) * mean_log_x => (a_new - a) * mean_log_x": "sign|minus|term|exchanged|change|α",
            "(b - b_new) * mean_log_rest => (b - b_new) * mean_log_x": "log x|exchanged|rest|1 - x|mean|right in 1 of 4",
            "mean_log_x = digamma(a) - digamma(a + b) => mean_log_x = digamma(a)": "ψ|α + β|term|16.5|mean of log x",
            "mean_log_x = digamma(a) - digamma(a + b) => mean_log_x = np.log(a / (a + b))": "logarithm of the mean|16.5|mean|log|where|rows",
            "digamma( =>> log_gamma(": "digamma|ψ|16.5|derivative|log|function|where|rows",
            "anp.sum(linear => anp.mean(linear": "mean|sum|dimension|independent",
            ", axis=1) => , axis=0)": "axis|shape|rows|states",
            "anp.sum(linear + log_B(a_new, b_new) - log_B(a, b), axis=1) => linear + log_B(a_new, b_new) - log_B(a, b)": "shape|sum|axis|dimension",
            "linear + log_B => -linear + log_B": "sign|means|minus",
            "(a, b), (a_new, b_new) = concentrations(eta), concentrations(eta_new) => (a, b), (a_new, b_new) = np.split(eta, 2, axis=1), np.split(eta_new, 2, axis=1)": "NaN|concentrations|16.2|finite|where|rows|α|one",
            "np.zeros(len(eta))": "0|zero|argument|enter|eta",
            "0.5 * np.sum((eta - eta_new) ** 2, axis=1)": "right in|wrong|KL|where|rows|one|eta|α alone",
            "log_prob(eta, eta_new)": "stops|not defined|NameError|name",
        },
    },
    "16.5": {
        "right": [
            "a, b = concentrations(eta)\nda, db = np.split(1 / (1 + np.exp(-eta)), 2, axis=1)\nua, ub = np.split(u, 2, axis=1)\nt = trigamma(a + b)\n"
            "return np.hstack([(trigamma(a) - t) * da**2 * ua - t * da * db * ub, (trigamma(b) - t) * db**2 * ub - t * da * db * ua])",
            "d = eta.shape[1] // 2\na, b = concentrations(eta)\nout = np.zeros(eta.shape)\ns = np.exp(eta) / (1 + np.exp(eta))\n"
            "for n in range(len(eta)):\n    for i in range(d):\n        t = trigamma(a[n, i] + b[n, i])\n"
            "        M = np.array([[trigamma(a[n, i]) - t, -t], [-t, trigamma(b[n, i]) - t]])\n        D = np.diag(s[n, [i, d + i]])\n"
            "        out[n, [i, d + i]] = D @ M @ D @ u[n, [i, d + i]]\nreturn out",
            "N, d = len(eta), eta.shape[1] // 2\nc = np.stack(concentrations(eta), axis=-1)\nM = -trigamma(c.sum(axis=-1))[..., None, None] + trigamma(c)[..., None] * np.eye(2)\n"
            "D = (1 - np.exp(1 - c))\nw = np.stack(np.split(u, 2, axis=1), axis=-1)\nMw = np.einsum('ndij,ndj->ndi', M, D * w) * D\n"
            "return np.concatenate([Mw[..., 0], Mw[..., 1]], axis=1)",
        ],
        "wrong": {
            "slope * np.concatenate(parts, axis=1) => np.concatenate(parts, axis=1)": "both|side|slope|derivative|D",
            "np.split(slope * u, 2, axis=1) => np.split(u, 2, axis=1)": "both|side|slope|derivative|D",
            "slope = 1 / (1 + np.exp(-eta)) => slope = np.ones_like(eta)": "α and β|derivative|score|D|η",
            "slope = 1 / (1 + np.exp(-eta)) => slope = np.exp(eta)": "derivative|exp|log",
            "slope = 1 / (1 + np.exp(-eta)) => slope = 1 / (1 + np.exp(eta))": "sign|slope|exp|minus|−|change",
            "shared = trigamma(alpha + beta) * (u_alpha + u_beta) => shared = 0.0": "diagonal|couple|independent|ψ'",
            "u_alpha - shared => u_alpha + shared": "sign|shared|minus|−|entry|column|coup",
            "(u_alpha + u_beta) => u_alpha": "coup|term|shared|u|both|only|entry|change|name|place",
            "trigamma( =>> digamma(": "second|first|ψ",
            "trigamma(beta) * u_beta => trigamma(alpha) * u_beta": "α|β|exchang|alpha|entry|column|name|place|only|variable",
            "axis=1)\nshared => axis=0)\nshared": "axis|shape|stops|split|array",
            "slope * np.concatenate(parts, axis=1) => slope * np.concatenate(parts[::-1], axis=1)": "exchanged|order|revers|column|swap",
            "np.concatenate(parts, axis=1) => np.concatenate(parts, axis=0)": "axis|shape|stops",
            "u": "given back|argument|u|eta",
            "-slope * u": "metric|u|sign|wrong|eta|where|trigamma|entry",
            "slope * np.concatenate(parts, axis=1) => slope**2 * np.concatenate(parts, axis=1)": "both|side|slope|power|square|once|more|change|factor|exponent",
        },
    },
    "16.6": {
        "right": [
            "a, b = concentrations(eta)\nreturn low + (high - low) * np.clip(rng.beta(a, b), nb.EDGE, 1 - nb.EDGE)",
            "a, b = concentrations(eta)\nX = rng.gamma(a, 3.0)\nY = rng.gamma(b, 3.0)\nx = X / (X + Y)\n"
            "x = np.maximum(1e-6, np.minimum(x, 1 - 1e-6))\nreturn high * x + low * (1 - x)",
            "a, b = concentrations(eta)\nx = np.array([[rng.beta(a[n, i], b[n, i]) for i in range(len(low))] for n in range(len(a))])\n"
            "return low + (high - low) * np.clip(x, 1e-6, 1 - 1e-6)",
        ],
        "wrong": {
            "np.clip(X / (X + Y), nb.EDGE, 1 - nb.EDGE) => X / (X + Y)": "float32|bound|EDGE|end",
            "X / (X + Y) => Y / (X + Y)": "exchanged|α|β",
            "return low + (high - low) * x => return x": "box|outside|low|stretch|between|mean",
            "return low + (high - low) * x => return (low + high) * x": "box|outside|low|between|the mean is not",
            "rng.standard_gamma(alpha), rng.standard_gamma(beta) => rng.standard_gamma(alpha - 1), rng.standard_gamma(beta - 1)": "- 1|exponent|α",
            "rng.standard_gamma(alpha), rng.standard_gamma(beta) => rng.random(alpha.shape), rng.random(alpha.shape)": "α and β|mean|spread|Beta|evenly",
            "X / (X + Y) => alpha / (alpha + beta)": "same|draw|mean",
            "X / (X + Y) => rng.random(alpha.shape)": "evenly|α|β",
            "X / (X + Y) => rng.standard_gamma(alpha) / (X + Y)": "same X|twice|sum|below",
            "low + (high - low) * np.tanh(rng.standard_normal(eta[:, : len(low)].shape))": "outside|box|mean",
            "0.5 * (low + high) + 0.25 * (high - low) * np.tanh(rng.standard_normal((len(eta), len(low))))": "mean|spread|Beta",
            "low + (high - low) * np.clip(rng.beta(*concentrations(eta[:1])), nb.EDGE, 1 - nb.EDGE)": "shape|each row|row",
            "low + (high - low) * np.repeat(np.clip(rng.beta(*concentrations(eta[:1])), nb.EDGE, 1 - nb.EDGE), len(eta), axis=0)": "row|same draw|each state",
            "rng.beta(eta[:, : len(low)], eta[:, len(low) :])": "stops|positive|a <= 0|ValueError|16.2",
            "alpha, beta = concentrations(eta)\nm = alpha / (alpha + beta)\nreturn low + (high - low) * np.clip(m + 0.1 * rng.standard_normal(m.shape), 0.01, 0.99)": "spread|mean of log|shape|Beta",
            "X / (X + Y), nb.EDGE, 1 - nb.EDGE => X / (X + Y), 0.1, 0.9": "spread|mean of log|mean|clip|Beta",
        },
    },
    "16.7": {
        "right": [
            ENDS + PRODUCT + SEARCH + "return {'ends': ends, 'product': product, 'search': search}",
            ENDS + PRODUCT + SEARCH + "return [ends, product, search]",
            ENDS + PRODUCT + "x = program.search(lambda x: 1 - x, lambda x: 0.0, 0.0, 1.0, 0.1)\n"
            "return {'ends': ends, 'product': product, 'worse': abs(x)}",
            ENDS + PRODUCT + SEARCH + "return ends + product + abs(search)",
            ENDS + PRODUCT + SEARCH + "A = program.standardise(3 + 5 * rng.standard_normal(50))\n"
            "return {'ends': ends, 'product': product, 'search': np.array([search]), 'mean': A.mean(), 'std': A.std() - 1}",
            "return numbers => return {**numbers, 'length': program.length(2.0, 1.0) - 2, 'none': program.length(1.0, -1.0)}",
        ],
        "wrong": {
            'numbers["behind an end"] = np.abs(A - B)[:3].max() => ': "at large|advantages",
            'numbers["F by hand"] = np.abs(Fv - M.mean(axis=0) * v).max() => ': "at large|product",
            'numbers["L plus a constant"] = np.abs(x - y).max() => ': "at large|search",
            "[:3].max() => [3:].max()": "fault|right",
            "[:3].max() => .max()": "fault|right",
            "M.mean(axis=0) => M.sum(axis=0)": "fault|right",
            "M.mean(axis=0) * v => Fv": "at large|product",
            "for c in (-9, 1) => for c in (1, 9)": "at large|search",
            "np.abs(x - y).max() => x - y": "one number|shape|array",
            "(np.arange(6) > 2) => (np.arange(6) > 9)": "at large|advantages",
            "ended[2] = True => ended[5] = True": "at large|advantages|fault",
            GAE + " => nb.RIGHT.advantages": "at large|advantages",
            "return numbers => return {k: float(x == 0) for k, x in numbers.items()}": "fault|turned",
            "return numbers => return {k: x > 1e-6 for k, x in list(numbers.items())[:1]}": "at large|product",
            "return numbers => return list(numbers.values())[1:]": "at large|advantages",
            "{}": "attempted|dictionary|nothing|none|no test|empty",
            "{'nothing': 0.0}": "never use|program",
            "0": "never use|program|none",
            "program": "dictionary|type|Program",
            "{'search': program.search}": "number|function|one number",
            "{'solve': np.abs(program.solve(lambda v: 2 * v, np.ones(3), 1) - 0.5).max()}": "none of the three",
            "ProductOf = program.multiply\nreturn {}": "stops|AttributeError|multiply|attribute",
            "return numbers => print(numbers)": "return",
        },
    },
}
