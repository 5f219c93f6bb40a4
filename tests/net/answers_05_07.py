"""Right and wrong answers to the exercises of notebooks 05 to 07; see answers_00_04.py."""

CG_RIGHT = [
    "x = np.zeros(len(b))\nr = b - 0\np = r.copy()\nrr = r @ r\nfor _ in range(iterations):\n"
    "    q = matvec(p)\n    a = rr / (p @ q)\n    x += a * p\n    r -= a * q\n    new = r @ r\n"
    "    p = r + new / rr * p\n    rr = new\nreturn x",
    "x, r, d, beta = 0 * b, b, 0 * b, 0.0\nfor _ in range(iterations):\n    d = r + beta * d\n"
    "    Fd = np.asarray(matvec(d))\n    a = (d @ r) / (d @ Fd)\n    x = x + a * d\n"
    "    r_next = r - a * Fd\n    beta = (r_next @ (r_next - r)) / (r @ r)\n    r = r_next\nreturn x",
    "(r @ r) / (p @ Ap) => np.dot(r, p) / np.dot(p, Ap)",
    # rᵀFp = pᵀFp, because p is r plus a direction conjugate to p
    "(r @ r) / (p @ Ap) => (r @ r) / (r @ Ap)",
]
CG_WRONG = {
    "r - alpha * Ap => r + alpha * Ap": "sign|minus|−|residual",
    "x + alpha * p => x - alpha * p": "sign|minus|−",
    "(r_next @ r_next) / (r @ r) * p => (r @ r) / (r_next @ r_next) * p": "β|beta|turned|upside|reciprocal|exchange|fraction",
    "p = r_next + (r_next @ r_next) / (r @ r) * p => p = r_next": "β|steepest|direction|conjugate|term",
    "(r @ r) / (p @ Ap) => (r @ r) / (p @ p)": "α|alpha|F p|Ap|curvature|denominator|pᵀFp|variable stands",
    "range(iterations) => range(iterations + 1)": "once more|one more|too many|products|calls|iteration",
    "range(iterations) => range(iterations - 1)": "one.*(few|less|fewer)|iteration|products|calls",
    "    p = r_next + (r_next @ r_next) / (r @ r) * p\n    r = r_next => "
    "    r = r_next\n    p = r_next + (r_next @ r_next) / (r @ r) * p": "old|order|before|β|beta",
    "    Ap = matvec(p)\n    alpha = (r @ r) / (p @ Ap) => "
    "    Ap = matvec(p)\n    alpha = (r @ r) / (p @ matvec(p))": "twice|product|calls|once",
    "return x => return r": "x|residual|return",
    "return x => return p": "x|direction|return",
    "return x => return x, r": "tuple|two|one array|pair|several arrays|shapes|2 things",
    "    r = r_next\n => ": "old|residual|kept|update|a line is missing",
    "return x => matvec(x)\nreturn x": "once more|one more|products|calls",
    "r_next = r - alpha * Ap => r_next = r\n    r_next -= alpha * Ap": "writes into|copy|argument",
    "x, r, p = np.zeros_like(b), b, b => x, r, p = b, b, b": "start|0|zero|x",
    "for _ in range(iterations): => while True:": "stop|end|loop|seconds",
    "np.linalg.solve(np.array([matvec(e) for e in np.eye(len(b))]), b)": "iterations|products|calls|enter|solve|off by one|rounds",
    "r_next = r - alpha * Ap => r_next = b - matvec(x)": "products|calls|twice|once",
    "alpha = (r @ r) / (p @ Ap) => alpha = np.sqrt((r @ r) / (p @ Ap))": "root|√|sqrt|α|alpha",
    "matvec(p) => matvec @ p": "function|call|matvec",
}
FVP_RIGHT = [
    "u = metric(jvp(v))\nreturn vjp(u / len(u))",
    "u = jvp(v)\nreturn np.asarray(vjp(metric(u))) / u.shape[0]",
    "N = np.shape(jvp(v))[0]\nreturn vjp(metric(jvp(v))) / N",
]
FVP_WRONG = {
    "{return} vjp(metric(jvp(v)))": "N|mean|divid|factor",
    "{return} vjp(jvp(v)) / len(jvp(v))": "metric|M|enter",
    "{return} vjp(metric(jvp(v))) / len(v)": "P|N|rows|divid|factor",
    "{return} vjp(metric(jvp(v))) / jvp(v).size": "K|N|rows|divid|factor|entries",
    "{return} -vjp(metric(jvp(v))) / len(jvp(v))": "sign",
    "{return} vjp(metric(metric(jvp(v)))) / len(jvp(v))": "metric|twice|M",
    "{return} metric(jvp(v)) / len(jvp(v))": "vjp|shape|Jᵀ",
    "{return} jvp(metric(vjp(v))) / len(v)": "order|jvp|vjp|shape|exchange|stops",
    "{return} vjp(metric(v)) / len(v)": "jvp|J|shape|stops|enter",
    "{return} metric(vjp(jvp(v))) / len(jvp(v))": "order|metric|M|shape|stops|before",
    "{return} np.sum(vjp(metric(jvp(v)))) / len(jvp(v))": "shape|sum|vector|one number",
    "{return} vjp(metric(jvp(v))) / len(jvp(v)) ** 2": "N|divid|factor|twice",
    "{return} vjp(metric(jvp(v)) * v) / len(jvp(v))": "shape|v|stops|row|off|factor",
}


def returning(answers):
    """The same answers, with the `return` written out."""
    return {code.replace("{return}", "return"): pattern for code, pattern in answers.items()}


FVP_WRONG = returning(FVP_WRONG)

ANSWERS = {
    "5.1": {
        "right": [
            "p = np.exp(eta_old) / np.exp(eta_old).sum(1, keepdims=True)\n"
            "q = np.exp(eta_new) / np.exp(eta_new).sum(1, keepdims=True)\nreturn (p * np.log(p / q)).sum(1)",
            "def log_softmax(e):\n    e = e - e.max(axis=1, keepdims=True)\n"
            "    return e - np.log(np.exp(e).sum(axis=1, keepdims=True))\n"
            "a, b = log_softmax(eta_old), log_softmax(eta_new)\nreturn np.einsum('nk,nk->n', np.exp(a), a - b)",
            "def ls(e):\n    e = e.astype(np.float32)\n"
            "    return e - np.log(np.exp(e).sum(axis=1, keepdims=True))\n"
            "a, b = ls(eta_old), ls(eta_new)\nreturn (np.exp(a) * (a - b)).sum(axis=1)",
        ],
        "wrong": {
            "np.exp(log_p) * => np.exp(log_q) *": "weight|old|exchange|variable stands",
            "(log_p - log_q) => (log_q - log_p)": "sign",
            "np.exp(log_p) * (log_p - log_q) => (log_p - log_q)": "weight|probabilit|p|factor|mean",
            "return np.sum(np.exp(log_p) * (log_p - log_q), axis=1) => return np.sum(np.exp(log_q) * (log_q - log_p), axis=1)": "exchange|old|new|direction",
            "return np.sum(np.exp(log_p) * (log_p - log_q), axis=1) => return np.sum(np.exp(log_p) * (log_p - log_q))": "axis|shape|row|one number",
            "return np.sum(np.exp(log_p) * (log_p - log_q), axis=1) => return np.sum(np.exp(log_p) * (log_p - log_q), axis=0)": "axis|shape|row|column",
            "return np.sum(np.exp(log_p) * (log_p - log_q), axis=1) => return np.mean(np.exp(log_p) * (log_p - log_q), axis=1)": "mean|sum|factor|n",
            "np.sum(np.exp(eta_old) * (eta_old - eta_new), axis=1)": "normal|softmax|sum|log",
            "np.sum(np.exp(log_p) * (log_p - log_q), axis=1) => np.sum(np.exp(log_p) * (eta_old - eta_new), axis=1)": "normal|log|softmax|term",
            "np.sum(np.exp(eta_old), axis=1, keepdims=True) => np.sum(np.exp(eta_old))": "row|axis|softmax|normal|sum|all",
            "axis=1, keepdims=True =>> axis=0, keepdims=True": "axis|row|softmax|column",
            "np.exp(log_p) * (log_p - log_q), axis=1 => np.exp(log_p) * (log_p - log_q), axis=1, keepdims=True": "shape|keepdims|\\(N, 1\\)",
            ", axis=1, keepdims=True =>> , axis=1": "shape|keepdims|stops|broadcast",
            "np.exp(log_p) * (log_p - log_q) => np.exp(log_p) * (log_p - log_q) / 2": "half|½|1/2|factor",
            "np.exp(log_p) * (log_p - log_q) => np.exp(eta_old) * (log_p - log_q)": "normal|softmax|add up to 1|sum",
            "np.exp(log_p) * (log_p - log_q) => eta_old * (log_p - log_q)": "probabilit|p|logits|weight|exp",
        },
    },
    "5.2": {
        "right": [
            "p * u - p * (p * u).sum(axis=1)[:, None]",
            "w = np.einsum('nk,nk->n', p, u)\nreturn p * u - w[:, np.newaxis] * p",
            "np.array([row * vec - row * (row @ vec) for row, vec in zip(p, u)])",
            "np.stack([p[i] * u[i] - p[i] * np.dot(p[i], u[i]) for i in range(len(p))])",
        ],
        "wrong": {
            "np.array([(np.diag(a) - np.outer(a, a)) @ b for a, b in zip(p, u)])": "n ?× ?n|matrix|memory|array of",
            "np.einsum('nij,nj->ni', p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :], u)": "n ?× ?n|matrix|memory|array of",
            "p * u": "second|term|missing|mean",
            "np.sum(p * u, axis=1, keepdims=True) => np.sum(u, axis=1, keepdims=True)": "weight|mean|factor",
            "u - np.sum => u + np.sum": "sign|minus|−|\\+",
            "p * (u - np.sum(p * u, axis=1, keepdims=True)) => u - np.sum(p * u, axis=1, keepdims=True)": "p|factor|missing|weight",
            "np.sum(p * u, axis=1, keepdims=True) => np.sum(p * u)": "row|axis|all|sum",
            "np.sum(p * u, axis=1, keepdims=True) => np.sum(p * u, axis=0)": "row|axis|column",
            "np.sum(p * u, axis=1, keepdims=True) => np.sum(p * u, axis=1)": "keepdims|shape|stops|row|broadcast",
            "np.sum(p * u => np.mean(p * u": "mean|sum",
            "p * u - p * p": "u|product|term|pᵀu|p p",
            "p * (u - p * u)": "sum|term|row|diagonal",
            "np.sum(p * (u - np.sum(p * u, axis=1, keepdims=True)), axis=1)": "shape|sum|vector|row",
            "-p * (u - np.sum(p * u, axis=1, keepdims=True))": "sign",
            "p * u**2 - p * (np.sum(p * u, axis=1, keepdims=True)) ** 2": "square|u|variance",
        },
    },
    "5.3": {
        "right": [
            "s2, t2 = np.exp(log_std) ** 2, np.exp(log_std_new) ** 2\n"
            "return (log_std_new - log_std + (s2 + (mean - mean_new) ** 2) / (2 * t2) - 0.5).sum(-1)",
            "np.sum(log_std_new - log_std, axis=1) + 0.5 * np.sum(np.exp(2 * (log_std - log_std_new))"
            " + ((mean - mean_new) / np.exp(log_std_new)) ** 2 - 1, axis=1)",
            "f = np.float32\nspread = np.exp(2 * f(log_std)) + (f(mean) - f(mean_new)) ** 2\n"
            "return np.sum(f(log_std_new) - f(log_std) + spread / (2 * np.exp(2 * f(log_std_new))) - f(0.5), axis=1)",
        ],
        "wrong": {
            "log_std_new - log_std + => log_std - log_std_new +": "sign|log|term|exchange",
            " - 0.5 => ": "½|half|0.5|term|constant",
            "np.exp(2 * log_std) => np.exp(log_std)": "variance|σ²|square|2|factor|root",
            "2 * np.exp(2 * log_std_new) => 2 * np.exp(2 * log_std)": "σ'|new|old|denominator|log_std",
            "np.sum(terms, axis=1) => np.mean(terms, axis=1)": "mean|sum|d|factor",
            "np.sum(terms, axis=1) => np.sum(terms, axis=0)": "axis|shape|row|dimension",
            "np.sum(terms, axis=1) => np.sum(terms)": "axis|shape|row|one number",
            "np.sum(terms, axis=1) => terms": "sum|shape|dimension",
            "np.exp(2 * log_std) + (mean - mean_new) ** 2 => (mean - mean_new) ** 2": "term|missing|σ|variance",
            "np.exp(2 * log_std) + (mean - mean_new) ** 2 => np.exp(2 * log_std) + (mean - mean_new)": "square|mean",
            "spread / (2 * np.exp(2 * log_std_new)) => spread / (2 * np.exp(log_std_new))": "variance|σ|square|2|factor|root",
            "spread / (2 * np.exp(2 * log_std_new)) => spread / (np.exp(2 * log_std_new))": "½|2|factor|half",
            "my_gaussian_kl(mean_new, log_std_new, mean, log_std)": "recurs|itself|stops|deep|call",
            "spread = log_std**2 + (mean - mean_new) ** 2\n"
            "return np.sum(np.log(log_std_new / log_std) + spread / (2 * log_std_new**2) - 0.5, axis=1)": "log|exp|finite|σ",
            "spread = np.exp(2 * log_std_new) + (mean - mean_new) ** 2\n"
            "return np.sum(log_std - log_std_new + spread / (2 * np.exp(2 * log_std)) - 0.5, axis=1)": "exchange|old|new|direction",
            "np.exp(2 * log_std) + (mean => np.exp(2 * log_std) - (mean": "sign|minus|\\+|−",
        },
    },
    "5.4": {
        "right": [
            "F = np.zeros((J.shape[2], J.shape[2]))\nfor j, m in zip(J, M):\n    F += j.T @ m @ j\nreturn F / len(J)",
            "np.mean(np.transpose(J, (0, 2, 1)) @ M @ J, axis=0)",
            "sum(j.T @ m @ j for j, m in zip(J, M)) / J.shape[0]",
        ],
        "wrong": {
            " / len(J) => ": "N|mean|divid|sum|factor",
            "/ len(J) => / J.shape[2]": "N|P|divid|factor",
            "/ len(J) => / J.shape[1]": "N|K|divid|factor",
            "np.einsum('nkp,nkq->pq', J, J) / len(J)": "M|metric|enter",
            "Jm, Mm = J.mean(axis=0), M.mean(axis=0)\nreturn Jm.T @ Mm @ Jm": "mean|average|state|before|product",
            "np.einsum('nkp,nkl,nlq->npq', J, M, J)": "shape|mean|sum|states",
            "np.einsum('nkp,nkl,nlq->pq', J, M, J) / len(J) ** 2": "N|divid|factor|twice",
            "-np.einsum('nkp,nkl,nlq->pq', J, M, J) / len(J)": "sign",
            "np.einsum('nkp,nkk,nkq->pq', J, M, J) / len(J)": "diagonal|M|entries|off",
            "np.mean([j @ m @ j.T for j, m in zip(J, M)], axis=0)": "transpos|shape|stops|Jᵀ",
            "np.einsum('nkp,nkl,nlq->pq', J, M, J) / len(J) + 0.1 * np.eye(J.shape[2])": "damp|λ|diagonal|term|identity",
            "np.einsum('nkp,nkl,nlm,nmq->pq', J, M, M, J) / len(J)": "M|twice|metric|square",
            "J[0].T @ M[0] @ J[0]": "first|state|mean|one",
            "np.einsum('nkp,nkl->pl', J, M) / len(J)": "shape|J|second",
        },
    },
    "5.5": {
        "right": ["30", "30.0", "10 * 3", "min(200, 10 * (4 - 1))"],
        "wrong": {
            "40": "large|rank|n − 1|one less|softmax|all logits",
            "200": "large|P|parameters",
            "10": "small|rank|one direction",
            "4": "small|adds up",
            "3": "small|N|states|power of ten",
            "800": "large",
            "None": "None|number",
            "'30'": "text|string|quot",
            "[30]": "list|number|bracket",
            "29": "small",
        },
    },
    "6.1": {
        "right": [
            "gradient = grad(k)\nf = lambda x: np.dot(gradient(x), v) if False else (gradient(x) * v).sum()\nreturn grad(f)(theta)",
            "def inner(x):\n    return (grad(k)(x) * v).sum()\nreturn grad(inner)(theta)",
            "return grad(slope_along_v)(theta) => answer = grad(slope_along_v)\nreturn answer(theta)",
        ],
        "wrong": {
            "(grad(k)(theta + 1e-5 * v) - grad(k)(theta - 1e-5 * v)) / 2e-5": "difference|derivative|twice|exact|once",
            "h = 1e-4\nreturn (grad(k)(theta + h * v) - grad(k)(theta)) / h": "difference|derivative|exact|once",
            "grad(k)(theta)": "first|once|twice|second|v|enter|0",
            "grad(k)(theta) @ v": "shape|second|once|number|again",
            "grad(k)(theta) * v": "once|second|twice|0|again|derivative",
            "grad(slope_along_v)(theta) => grad(slope_along_v)(v)": "theta|θ|point|at v|exchange",
            "slope_along_v = lambda x: grad(k)(x) @ v => slope_along_v = lambda x: grad(k)(x) @ x": "v|θ|theta|x|enter",
            "grad(slope_along_v)(theta) => grad(slope_along_v)": "function|call",
            "grad(slope_along_v)(theta) => slope_along_v(theta)": "shape|once|second|again|number",
            "grad(slope_along_v)(theta) => -grad(slope_along_v)(theta)": "sign",
            "slope_along_v = lambda x: grad(k)(x) @ v => slope_along_v = lambda x: k(x) * v": "grad|scalar|stops|number|k",
            "grad(grad(k))(theta) @ v": "stops|scalar|number|v|gradient of a vector|one number|inner",
            "slope_along_v = lambda x: grad(k)(x) @ v => slope_along_v = lambda x: grad(k)(theta) @ v": "θ|theta|x|constant|0|enter",
            "k(theta) * v": "grad|derivative|0|k",
        },
    },
    "6.2": {
        "right": [
            "h, dh = x, 0 * x\nfor l in range(len(Ws) - 1):\n    z = with_one(h) @ Ws[l]\n"
            "    dz = with_one(h) @ dWs[l] + dh @ Ws[l][:-1, :]\n    h, dh = np.tanh(z), dz / np.cosh(z) ** 2\n"
            "return with_one(h) @ dWs[-1] + dh @ Ws[-1][:-1, :]",
            "h = x\ndh = np.zeros_like(x)\nfor l, (W, dW) in enumerate(zip(Ws, dWs)):\n"
            "    z = with_one(h) @ W\n    dz = np.hstack([dh, np.zeros((len(dh), 1))]) @ W + with_one(h) @ dW\n"
            "    h = np.tanh(z)\n    dh = (1 - h * h) * dz\nreturn dz",
            "(1 - h**2) * dz => dz - h * h * dz",
        ],
        "wrong": {
            "dh @ W[:-1] + => ": "term|missing|first",
            "return dh => return with_one(h) @ Ws[-1], dh": "2 things|alone|last",
            "1 - h**2) * dz => 1 - h**2) * (dh @ W[:-1]) + with_one(h) @ dW": "stops|`Ws`|`dWs`|bracket|derivative",
            " + with_one(h) @ dW\n => \n": "term|missing|second|only the last layer",
            "dh = (1 - h**2) * dz => dh = dz": "tanh|1 −|1 -|factor|derivative",
            "1 - h**2 => 1 + h**2": "sign|minus|−|\\+",
            "1 - h**2 => h**2": "1 −|tanh|term|factor",
            "1 - h**2 => 1 - h": "square|h²|tanh",
            "dz = dh @ W[:-1] + with_one(h) @ dW\n    h = np.tanh(with_one(h) @ W) => h = np.tanh(with_one(h) @ W)\n    dz = dh @ W[:-1] + with_one(h) @ dW": "order|before|old|shape|stops|new h",
            "dh @ Ws[-1][:-1] + => ": "term|missing|first|only the last layer",
            "return dh @ Ws[-1][:-1] + with_one(h) @ dWs[-1] => return dh @ Ws[-1][:-1]": "term|missing|second|dW",
            "return dh @ Ws[-1][:-1] + with_one(h) @ dWs[-1] => return (1 - np.tanh(with_one(h) @ Ws[-1]) ** 2) * (dh @ Ws[-1][:-1] + with_one(h) @ dWs[-1])": "last|tanh|top|linear",
            "dh @ W[:-1] + with_one(h) @ dW => with_one(dh) @ W + with_one(h) @ dW": "zero|ones|column|last row|bias|`Ws`",
            "dh @ W[:-1] => dh @ W[1:]": "last row|row|index|bias|first",
            "dh @ W[:-1] => dh @ W": "last row|shape|stops|bias|\\[:-1\\]|W̅|row",
            "dh @ Ws[-1][:-1] + with_one(h) @ dWs[-1] => dh": "last|top|layer|shape",
            "h = np.tanh(with_one(h) @ W) => h = with_one(h) @ W": "tanh|activation",
            "np.zeros_like(x) => x": "0|zero|input|dh|start",
            "with_one(h) @ dW\n => with_one(h) @ W\n": "dW|W|enter|direction|Ws",
            "(1 - h**2) * dz => (1 - h**2) @ dz": "entry|shape|@|stops|\\*",
        },
    },
    "6.3": {
        "right": [
            "h, hs = x, []\nfor W in Ws[:-1]:\n    hs.append(h)\n    h = np.tanh(with_one(h) @ W)\nhs.append(h)\n"
            "grads = [None] * len(Ws)\nz = u\nfor l in range(len(Ws) - 1, -1, -1):\n"
            "    grads[l] = with_one(hs[l]).T @ z\n    z = (1 - hs[l] ** 2) * (z @ Ws[l][:-1].T)\n"
            "return np.concatenate([g.reshape(-1) for g in grads])",
            "    if h is not x:\n        z_bar = (1 - h**2) * (z_bar @ W[:-1].T) => "
            "    z_bar = (1 - h**2) * (z_bar @ W[:-1].T)",
            "np.concatenate([G.ravel() for G in gradients]) => np.hstack([G.flatten() for G in gradients]).tolist()",
        ],
        "wrong": {
            "with_one(h).T @ z_bar => -with_one(h).T @ z_bar": "sign",
            "(1 - h**2) * (z_bar @ W[:-1].T) => (z_bar @ W[:-1].T)": "tanh|1 −|factor|derivative",
            "1 - h**2 => 1 + h**2": "sign|minus|−|\\+",
            "1 - h**2 => 1 - h": "square|h²|tanh",
            "W[:-1].T => W[1:].T": "last row|row|bias|index",
            "W[:-1].T => W.T": "last row|row|bias|shape|stops|W̅",
            "reversed(Ws), reversed(hs) => Ws, hs": "order|reverse|backward|shape|stops|opposite",
            "with_one(h).T @ z_bar => with_one(h).T @ z_bar / len(x)": "N|mean|divid|factor|sum",
            "for G in gradients => for G in reversed(gradients)": "order|reverse|layers",
            "G.ravel() => G.T.ravel()": "transpos|order|layout",
            "with_one(h).T @ z_bar => h.T @ z_bar": "ones|bias|shape|row",
            "z_bar, gradients = u, [] => z_bar, gradients = (1 - np.tanh(with_one(hs[-1]) @ Ws[-1]) ** 2) * u, []": "last|tanh|top|linear",
            "np.tanh(with_one(hs[-1]) @ W) => with_one(hs[-1]) @ W": "tanh|activation|z",
            "np.concatenate([G.ravel() for G in gradients]) => gradients": "list|vector|concatenate|shapes|one array",
            "z_bar, gradients = u, [] => z_bar, gradients = np.ones_like(u), []": "u|enter",
            "if h is not x: => if False:": "z̄|down|layer|propagat|right in|entries|a line is missing",
            "with_one(h).T @ z_bar => 2 * with_one(h).T @ z_bar": "factor|twice|2",
        },
    },
    "6.4": {"right": FVP_RIGHT, "wrong": FVP_WRONG},
    "6.5": {
        "right": ["80", "80.0", "100_000**2 * 8 / 1e9", "np.float64(80)"],
        "wrong": {
            "0.0008": "small|P²|square",
            "10": "small|8|byte",
            "8": "small|10⁹",
            "800": "large|power of ten",
            "8e10": "large|bytes|giga|unit",
            "74.5": "small|1024|2³⁰",
            "None": "None|number",
            "'80 GB'": "text|string|quot|unit",
            "[80]": "list|number|bracket",
            "40": "small|symmetr",
        },
    },
    "7.1": {
        "right": [
            "r = g - F.dot(x)\nreturn np.dot(r, r) / np.dot(r, F.dot(r))",
            "r = F @ x - g\nreturn (r @ r) / (r @ (F @ r))",
            "r = g - F @ x\nreturn np.linalg.norm(r) ** 2 / np.einsum('i,ij,j', r, F, r)",
        ],
        "wrong": {
            "(r @ r) / (r @ F @ r) => (r @ F @ r) / (r @ r)": "reciprocal|turned|upside|fraction|exchange",
            "r = g - F @ x => r = g": "x|residual|enter",
            "(r @ F @ r) => (x @ F @ x)": "x|r|denominator",
            "r = g - F @ x => r = g + F @ x": "sign|minus|−|\\+",
            "(r @ r) / (r @ F @ r) => -(r @ r) / (r @ F @ r)": "sign",
            "(r @ r) / (r @ F @ r) => (r @ r) / (r @ r)": "F|denominator|enter",
            "(r @ r) / (r @ F @ r) => (r @ r) / (2 * r @ F @ r)": "half|½|2|factor",
            "(r @ r) / (r @ F @ r) => (r @ g) / (r @ F @ r)": "r|g|numerator",
            "(r @ r) / (r @ F @ r) => np.linalg.norm(r) / (r @ F @ r)": "square|root|norm|numerator|length",
            "(r @ r) / (r @ F @ r) => (r @ r) / (r @ F @ r) * r": "number|step|shape|α|alpha",
            "(r @ r) / (r @ F @ r) => x + (r @ r) / (r @ F @ r) * r": "number|step|shape|α|alpha",
            "(r @ r) / (r @ F @ r) => r / (F @ r)": "shape|number|product|vector",
            "r = g - F @ x => r = x - F @ g": "exchange|g|x",
            "(r @ r) / (r @ F @ r) => (r @ r) / (g @ F @ g)": "r|g|denominator|right in",
        },
    },
    "7.2": {
        "right": [
            "np.dot(r_next, r_next) / np.dot(r, r)",
            "np.linalg.norm(r_next) ** 2 / np.linalg.norm(r) ** 2",
            "sum(a * a for a in r_next) / sum(a * a for a in r)",
            "(r_next - r) @ r_next / (r @ r)",
            "r_next @ r_next / ((r - r_next) @ r)",
        ],
        "wrong": {
            "(r @ r) / (r_next @ r_next)": "exchange|upside|turned|reciprocal|old and new",
            "np.linalg.norm(r_next) / np.linalg.norm(r)": "root|square|norm",
            "(r_next @ r) / (r @ r)": "r_next|new|numerator|twice|orthogonal",
            "-(r_next @ r_next) / (r @ r)": "sign",
            "r_next @ r_next": "r|divid|enter|denominator|old",
            "r_next / r": "shape|number|entry|length|product",
            "(r_next - r) @ (r_next - r) / (r @ r)": "1 more|term|difference|length of the difference",
            "np.sum(r_next) / np.sum(r)": "square|sum|product",
            "(r_next @ r_next) / (r @ r_next)": "denominator|old|`r_next` stands",
            "np.max(np.abs(r_next)) / np.max(np.abs(r))": "max|length|sum|square",
            "1 - (r_next @ r_next) / (r @ r)": "1|term|minus|constant",
            "(r_next @ r_next) * (r @ r)": "divid|product|quotient|/",
        },
    },
    "7.3": {"right": CG_RIGHT, "wrong": CG_WRONG},
    "7.4": {
        "right": ["3", "3.0", "np.int64(3)"],
        "wrong": {
            "40": "large|distinct|different|far fewer",
            "1": "small",
            "2": "small|degree",
            "30": "large|power of ten",
            "20": "large|one zero",
            "0": "small|at least",
            "None": "None|number",
            "'3'": "text|string|quot",
            "[3]": "list|number|bracket",
            "4": "large",
        },
    },
}
