"""Right and wrong answers on scores, gradients, metrics and damping; see answers_00_04.py."""

SCORE_RIGHT = [
    "S, A, P = features.shape\nout = np.zeros((S, A, P))\nfor s in range(S):\n"
    "    w = np.exp(features[s] @ theta)\n    p = w / w.sum()\n"
    "    for a in range(A):\n        out[s, a] = features[s, a] - p @ features[s]\nreturn out",
    "z = np.einsum('sap,p->sa', features, theta)\nz = z - z.max(axis=1, keepdims=True)\n"
    "pi = np.exp(z) / np.exp(z).sum(axis=1)[:, None]\n"
    "return features - np.einsum('sa,sap->sp', pi, features)[:, None]",
    "f = features.astype(np.float32)\ne = np.exp(f @ theta.astype(np.float32))\n"
    "return f - ((e[..., None] * f).sum(1) / e.sum(1)[:, None])[:, None]",
]
SCORE_WRONG = {
    "return features - mean => return features": "mean|average|subtract|second|enter|term|normalis",
    "return features - mean => return mean - features": "sign|minus|turned",
    "return features - mean => return features + mean": "sign|minus|\\+",
    "return features - mean => return pi[:, :, None] * (features - mean)": "log|π|probab|factor|gradient of π",
    "np.sum(np.exp(logits), axis=1, keepdims=True) => np.sum(np.exp(logits))": "state|row|axis|all|each",
    "np.sum(np.exp(logits), axis=1, keepdims=True) => np.sum(np.exp(logits), axis=0, keepdims=True)": "axis|state|row|action",
    "pi[:, :, None] * features => features": "theta|enter|weight|π|mean|plain|probab",
    "return features - mean => return 1 - mean": "features|enter|shape|action",
    "np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True) => np.exp(logits)": "denominator|sum|normalis|1|softmax|divid",
    "return features - mean => return (features - mean).sum(axis=1)": "shape|action|sum|axis",
    "return features - mean => return logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))": "shape|gradient|log-prob|itself",
    "features @ theta => features @ theta * 0": "plain mean|theta|θ|enter|uniform|logits",
    "keepdims=True)\nreturn => keepdims=True)\nreturn 2 * ": "factor|2|twice|\\*",
    "np.sum(pi[:, :, None] * features, axis=1, keepdims=True) => np.mean(pi[:, :, None] * features, axis=1, keepdims=True)": "mean|sum|weights",
}
GRADIENT_RIGHT = [
    "g = np.zeros(score.shape[-1])\nfor s in range(len(rho)):\n    for a in range(pi.shape[1]):\n"
    "        g = g + rho[s] * pi[s, a] * A_old[s, a] * score[s, a]\nreturn g",
    "weights = rho[:, None] * pi * A_old\nreturn np.tensordot(weights, score, 2)",
    "return np.sum((rho[:, None] * pi * A_old)[:, :, None] * score, axis=(0, 1)).astype(np.float32)",
    "return list((rho[:, None] * pi * A_old).ravel() @ score.reshape(-1, score.shape[2]))",
]
GRADIENT_WRONG = {
    "pi * A_old => A_old": "π|pi|enter|weight",
    "pi * A_old => pi": "A|advantage|enter",
    "rho, pi * A_old => rho / rho.sum(), pi * A_old": "ρ|1/\\(1|sum|normal|factor|d",
    "rho, pi * A_old => np.ones_like(rho), pi * A_old": "ρ|rho|enter|state",
    "np.einsum => -np.einsum": "sign|minus",
    "pi * A_old, score) => pi * A_old, score) / len(rho)": "mean|factor|divid|sum|number of states|1/",
    '"s,sa,sap->p" => "s,sa,sap->sp"': "shape|state|sum|axis",
    '"s,sa,sap->p" => "s,sa,sap->ap"': "shape|action|sum|axis",
    "pi * A_old => pi**2 * A_old": "square|twice|π|pi|power",
    "pi * A_old => pi * np.abs(A_old)": "sign|absolute|A",
    "pi * A_old => np.log(pi) * A_old": "log|π|pi",
    "pi * A_old, score) => pi, A_old[:, :, None] * score**2)": "square|score|power",
    "pi * A_old, score) => pi * A_old, score) / np.sum(rho[:, None] * pi * A_old)": "0|normal|divid|factor|weights|term|enter|infin|large|size",
    "pi * A_old => A_old / pi": "π|pi|divid|ratio|fraction",
}
SUBSTITUTION_RIGHT = [
    "F = C @ C.T\ns = np.linalg.solve(F, g)\nd = np.sqrt(2 * delta / (g @ s)) * s\n"
    "return np.array([np.linalg.inv(C) @ g, C.T @ d, d])",
    "b = np.linalg.inv(C) @ g\nu = b * (2 * delta / (b @ b)) ** 0.5\nreturn [b, u, np.linalg.inv(C).T @ u]",
    "b = np.zeros(len(g))\nfor i in range(len(g)):\n    b[i] = (g[i] - C[i, :i] @ b[:i]) / C[i, i]\n"
    "u = b * np.sqrt(2 * delta) / np.sqrt(b @ b)\nd = np.linalg.lstsq(C.T, u, rcond=None)[0]\nreturn np.stack([b, u, d])",
    "b = np.linalg.solve(C, g)\nu = np.sqrt(2 * delta / np.sum(b**2)) * b\n"
    "return np.array([b, u, np.linalg.solve(C.T, u)], dtype=np.float32)",
]
SUBSTITUTION_WRONG = {
    "np.linalg.solve(C, g) => np.linalg.solve(C.T, g)": "transpos|Cᵀ|row 0|C⁻ᵀ|way round",
    "np.linalg.solve(C, g) => C.T @ g": "inverse|C⁻¹|row 0|product|solve",
    "np.linalg.solve(C, g) => C @ g": "inverse|C⁻¹|row 0|product|solve",
    "np.linalg.solve(C, g) => g": "C|row 0|ĝ|coordinates|matrix",
    "np.linalg.solve(C.T, u) => np.linalg.solve(C, u)": "transpos|Cᵀ|row 2|back",
    "np.linalg.solve(C.T, u) => C.T @ u": "undone|inverse|row 2|back|product|solve",
    "np.linalg.solve(C.T, u) => u": "matrix|row 2|back|coordinates|C",
    "np.sqrt(2 * delta) => np.sqrt(delta)": "2|½|factor|√",
    "np.sqrt(2 * delta) => 2 * delta": "root|√",
    "/ np.linalg.norm(g_u) => / (g_u @ g_u)": "root|norm|length|square|power",
    "/ np.linalg.norm(g_u) => ": "denominator|length|norm|divid|term|factor|boundary|ball|row 1",
    "np.array([g_u, u, d]) => d": "shape|three|rows",
    "np.array([g_u, u, d]) => np.array([d, u, g_u])": "order|revers|row|turned",
    "np.sqrt(2 * delta) * g_u => -np.sqrt(2 * delta) * g_u": "sign|minus",
    "/ np.linalg.norm(g_u) => / np.linalg.norm(g)": "norm|length|g_u|ĝ|row 1|another",
    "np.array([g_u, u, d]) => np.array([g_u, u, d]).T": "transpos|shape",
}
LOG_PROB_RIGHT = [
    "var = np.exp(2 * log_std)\nreturn (-0.5 * (actions - mean) ** 2 / var - log_std"
    " - 0.5 * np.log(2 * np.pi)).sum(axis=1)",
    "d = mean.shape[1]\nz = (actions - mean) * np.exp(-log_std)\n"
    "return -0.5 * (z * z).sum(1) - log_std.sum(1) - d / 2 * np.log(2 * np.pi)",
    "s = np.exp(log_std)\np = np.exp(-0.5 * ((actions - mean) / s) ** 2) / (s * np.sqrt(2 * np.pi))\n"
    "return np.log(np.prod(p, axis=1))",
    "z = ((actions - mean) / np.exp(log_std)).astype(np.float32)\n"
    "return list(np.sum(-0.5 * z**2 - log_std - 0.9189385332, axis=1).astype(np.float32))",
]
LOG_PROB_WRONG = {
    "axis=1 => axis=0": "axis|shape",
    "np.sum( => np.mean(": "mean|sum",
    "-0.5 * z**2 - log_std => -0.5 * z**2 + log_std": "sign|log σ|\\+|minus",
    " - log_std => ": "log σ|log_std|term|missing",
    " - 0.5 * np.log(2 * np.pi) => ": "2π|constant|term|2 π|0\\.9|pi",
    "np.exp(log_std) => log_std": "exp|σ|log",
    "0.5 * z**2 => z**2": "½|0\\.5|half|factor|constant|2",
    "- 0.5 * np.log(2 * np.pi) => - np.log(2 * np.pi)": "½|0\\.5|constant|2π|term|half|factor|root",
    "np.exp(log_std) => np.exp(2 * log_std)": "square|variance|σ²|2|power|factor",
    "z**2 => z": "square|power",
    ", axis=1) => )": "shape|axis|one number|row|sum",
    "-0.5 * z**2 => 0.5 * z**2": "sign",
    "return np.sum( => return -np.sum(": "sign|minus|negative",
    "return np.sum(-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi), axis=1) => "
    "return np.exp(np.sum(-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi), axis=1))": "exp|density|log",
    "return np.sum(-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi), axis=1) => "
    "return -0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi)": "shape|sum|dimension|axis",
    "(actions - mean) => (actions + mean)": "sign|minus|\\+",
    "np.log(2 * np.pi), axis=1) => np.log(2 * np.pi), axis=1) / actions.shape[1]": "mean|sum|divid|factor",
}
GAUSS_METRIC_RIGHT = [
    "d = log_std.shape[1]\nscale = np.concatenate([np.exp(-2 * log_std), np.full_like(log_std, 2.0)], axis=1)\n"
    "return scale * u",
    "m, x = np.split(u, 2, axis=1)\nreturn np.hstack([m * np.exp(-2 * log_std), x + x])",
    "out = []\nfor row, ls in zip(u, log_std):\n    n = len(ls)\n"
    "    out.append(np.diag(list(np.exp(-2 * ls)) + [2.0] * n) @ row)\nreturn out",
    "d = log_std.shape[1]\nout = u.astype(np.float32)\nout[:, :d] /= np.exp(2 * log_std)\nout[:, d:] *= 2\nreturn out",
]
GAUSS_METRIC_WRONG = {
    "np.exp(2 * log_std) => np.exp(log_std)": "σ²|square|power|2|variance|factor",
    "u[:, :d] / np.exp(2 * log_std) => u[:, :d] * np.exp(2 * log_std)": "1/σ|divid|inverse|upside|fraction|reciprocal|sign",
    "2 * u[:, d:] => u[:, d:]": "2|log σ|factor|second half|columns",
    "2 * u[:, d:] => 2 * u[:, d:] / np.exp(2 * log_std)": "log σ|2|σ|every|columns|second",
    "2 * u[:, d:] => 0 * u[:, d:]": "log σ|2|0|columns|second|enter|term",
    "u[:, :d] / np.exp(2 * log_std) => u[:, :d] / log_std**2": "exp|log",
    "u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:] => 2 * u[:, d:], u[:, :d] / np.exp(2 * log_std)": "order|exchange|mean|first|columns|halves|revers",
    "axis=1) => axis=0)": "axis|shape",
    "u[:, :d] / np.exp(2 * log_std) => u[:, :d]": "σ|enter|log_std|divid|mean|columns",
    "2 * u[:, d:] => u[:, d:] / 2": "½|2|upside|log σ|half|factor|divid",
    "2 * u[:, d:] => u[:, d:] ** 2": "square|2|log σ|power",
    "u[:, :d] / np.exp(2 * log_std) => u[:, :d] / np.exp(log_std) / 2": "bracket|σ|square|2",
    "np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1) => "
    "u[:, :d] / np.exp(2 * log_std)": "shape|log σ|half|2",
    "np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1) => "
    "np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1).sum(axis=1)": "shape|sum",
    "np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1) => "
    "u * np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1)": "u|twice|square|quadratic|product|factor",
}
POLICY_SCORE_RIGHT = [
    "m = W @ obs\nvar = np.exp(2 * log_std)\ntop = ((action - m) / var)[:, None] * obs[None, :]\n"
    "return np.hstack([top.flatten(), (action - m) ** 2 / var - 1])",
    "out = []\nfor i in range(len(action)):\n    s = np.exp(log_std[i])\n    z = (action[i] - W[i] @ obs) / s\n"
    "    out = out + [z / s * x for x in obs]\n"
    "return out + [((a - w @ obs) / np.exp(l)) ** 2 - 1 for a, w, l in zip(action, W, log_std)]",
    "from autograd import grad\nimport autograd.numpy as anp\nd, D = W.shape\n"
    "def logp(x):\n    w, l = x[: d * D].reshape(d, D), x[d * D :]\n"
    "    z = (action - anp.dot(w, obs)) / anp.exp(l)\n    return anp.sum(-0.5 * z**2 - l)\n"
    "return grad(logp)(np.concatenate([W.ravel(), log_std]))",
]
POLICY_SCORE_WRONG = {
    "z / np.exp(log_std) => z": "σ|std|divid|twice|factor|first|entries",
    "z**2 - 1 => z**2": "1|log σ|term|constant|last|entries",
    "z**2 - 1 => 1 - z**2": "sign|log σ|last|entries",
    "z**2 - 1 => z - 1": "square|power|log σ|last|entries",
    "z**2 - 1 => z**2 + 1": "sign|log σ|last|entries",
    "np.outer(z / np.exp(log_std), obs) => np.outer(obs, z / np.exp(log_std))": "order|transpos|row|exchang|ravel",
    "(action - W @ obs) => (W @ obs - action)": "sign|minus|turned",
    "z**2 - 1]) => (z**2 - 1) / np.exp(log_std)])": "log σ|σ|last|divid|factor|entries",
    "np.outer(z / np.exp(log_std), obs).ravel() => z / np.exp(log_std)": "shape|W|obs|chain",
    "z / np.exp(log_std), obs => z * np.exp(log_std), obs": "σ|divid|upside|product|fraction|sign",
    "(action - W @ obs) / np.exp(log_std) => (action - W @ obs)": "denominator|σ|std|divid|z|enter|factor",
    "np.concatenate([np.outer(z / np.exp(log_std), obs).ravel(), z**2 - 1]) => "
    "np.concatenate([z**2 - 1, np.outer(z / np.exp(log_std), obs).ravel()])": "order|first|exchang|revers|behind",
    "np.concatenate([np.outer(z / np.exp(log_std), obs).ravel(), z**2 - 1]) => "
    "np.outer(z / np.exp(log_std), obs).ravel()": "shape|log σ|log_std",
    "(action - W @ obs) / => action / ": "mean|W|obs|term|minus|subtract",
    "np.exp(log_std), obs).ravel() => np.exp(log_std), np.ones_like(obs)).ravel()": "entries|obs|enter|state|chain",
    "z / np.exp(log_std), obs => z / log_std, obs": "exp|log",
}
DAMPED_RIGHT = [
    "F = U @ np.diag(mu) @ U.T\nreturn np.linalg.solve(F + lam * np.eye(len(g)), g)",
    "s = np.zeros(len(g))\nfor m, v in zip(mu, U.T):\n    s = s + (v @ g) / (m + lam) * v\nreturn s",
    "c = g.astype(np.float32) @ U.astype(np.float32)\nreturn (U * (c / (mu + lam))).sum(axis=1).astype(np.float32)",
    "return list((U / (mu + lam)) @ U.T @ g)",
]
DAMPED_WRONG = {
    "(mu + lam) => mu": "λ|lam|enter|damp",
    "(mu + lam) => (mu * lam)": "division|\\+|sum|product|λ|lam|add",
    "(U.T @ g) / (mu + lam) => (U.T @ g) * (mu + lam)": "inverse|divid|product|fraction|upside|multipl",
    "U @ ((U.T @ g) / (mu + lam)) => (U.T @ g) / (mu + lam)": "back|U|eigenvector|coordinates|basis",
    "U @ ((U.T @ g) / (mu + lam)) => U @ (g / (mu + lam))": "U|eigenvector|coordinates|Uᵀ|basis",
    "U @ ((U.T @ g) / (mu + lam)) => U.T @ ((U @ g) / (mu + lam))": "transpos|column|row",
    "(mu + lam) => (mu - lam)": "sign|λ|\\+|minus",
    "(mu + lam) => lam": "μ|mu|enter",
    "(mu + lam) => (mu + lam) ** 2": "square|power|twice",
    "(mu + lam) => np.sqrt(mu + lam)": "root|√|power",
    "(mu + lam) => mu + lam": "bracket|parenthes",
    "(U.T @ g) / (mu + lam) => (U.T @ g) * mu / (mu + lam)": "μ|mu|share|factor|F",
    "(mu + lam) => np.maximum(mu, lam)": "add|max|sum|\\+|λ|small",
    "(mu + lam) => (mu + lam**2)": "square|λ|lam|power",
    "U @ ((U.T @ g) / (mu + lam)) => -U @ ((U.T @ g) / (mu + lam))": "sign|minus",
    "U @ ((U.T @ g) / (mu + lam)) => g / (mu + lam)": "U|eigenvector|coordinates|basis|enter",
}
PLANE_RIGHT = [
    "M = np.array([[r @ F @ r, r @ F @ p], [r @ F @ p, p @ F @ p]])\nreturn np.linalg.solve(M, [r @ r, 0.0])",
    "b = -(r @ F @ p) / (p @ F @ p)\nnew = r + b * p\nu = (r @ r) / (new @ F @ new)\nreturn [u, u * b]",
    "M = np.stack([r, p])\nreturn np.linalg.inv(M @ F @ M.T) @ (M @ r)",
    "A = np.stack([r, p]).astype(np.float32)\n"
    "return np.linalg.solve(A @ F.astype(np.float32) @ A.T, np.array([r @ r, 0], np.float32))",
]
PLANE_WRONG = {
    "(r @ r) / (rFr - rFp**2 / pFp) => (r @ r) / rFr": "mixed|rᵀFp|steepest|term|first|p",
    "-u * rFp / pFp => u * rFp / pFp": "sign|entry 1|minus|second",
    "-u * rFp / pFp => -rFp / pFp": "β|u|factor|entry 1|second|quotient|ratio|times|missing",
    "rFr - rFp**2 / pFp => rFr + rFp**2 / pFp": "sign|\\+|minus",
    "rFp**2 / pFp) => rFp / pFp)": "square|power",
    "np.array([u, -u * rFp / pFp]) => np.array([-u * rFp / pFp, u])": "order|exchang|revers",
    "np.array([u, -u * rFp / pFp]) => u * r - u * rFp / pFp * p": "shape|two numbers|point|step",
    "np.array([u, -u * rFp / pFp]) => u": "shape|two",
    "-u * rFp / pFp => -u * pFp / rFp": "upside|fraction|entry 1|exchang|second|reciprocal",
    "(r @ r) / (rFr => (r @ p) / (rFr": "0|r @ r|rᵀr|enter|r",
    "-u * rFp / pFp => 0.0": "p|second|entry 1|0|steepest|direction|term",
    "(r @ r) / ( => 1 / (": "numerator|rᵀr|r @ r|factor|enter|first|gradient",
    "rFr, rFp, pFp = r @ F @ r, r @ F @ p, p @ F @ p => rFr, rFp, pFp = r @ r, r @ p, p @ p": "F|enter|0",
    "-u * rFp / pFp => -u * rFp / rFr": "pᵀFp|rᵀFr|entry 1|another|second",
    "(r @ r) / (rFr - rFp**2 / pFp) => -(r @ r) / (rFr - rFp**2 / pFp)": "sign|minus",
    "np.array([u, -u * rFp / pFp]) => np.array([u, u])": "entry 1|second|twice|same|another",
}

ANSWERS = {
    "2.7": {"right": SCORE_RIGHT, "wrong": SCORE_WRONG},
    "2.8": {"right": GRADIENT_RIGHT, "wrong": GRADIENT_WRONG},
    "4.6": {"right": SUBSTITUTION_RIGHT, "wrong": SUBSTITUTION_WRONG},
    "5.8": {"right": LOG_PROB_RIGHT, "wrong": LOG_PROB_WRONG},
    "5.9": {"right": GAUSS_METRIC_RIGHT, "wrong": GAUSS_METRIC_WRONG},
    "5.10": {"right": POLICY_SCORE_RIGHT, "wrong": POLICY_SCORE_WRONG},
    "5.11": {"right": DAMPED_RIGHT, "wrong": DAMPED_WRONG},
    "7.6": {"right": PLANE_RIGHT, "wrong": PLANE_WRONG},
}
