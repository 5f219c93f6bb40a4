"""Right and wrong answers to the exercises of notebook 14 but its orders; see answers_00_04.py."""

PATH_RIGHT = [
    "out = np.zeros(steps)\np = start\nfor t in range(1, steps):\n    out[t] = out[t - 1] + p @ k\n    p = P_old.T @ p\nreturn out",
    "powers = [np.linalg.matrix_power(P_old, t) for t in range(steps)]\n"
    "kappa = np.array([start @ M @ k for M in powers])\nreturn np.cumsum(kappa) - kappa",
    "K, total, p = [], 0.0, np.array(start)\nfor _ in range(steps):\n    K.append(total)\n"
    "    total += float(np.dot(p, k))\n    p = np.dot(p, P_old)\nreturn K",
    "S = len(k)\nK = []\nfor t in range(steps):\n    total = sum(start @ np.linalg.matrix_power(P_old, i) @ k for i in range(t))\n"
    "    K.append(total)\nreturn np.array(K, dtype=np.float32)",
]
PATH_WRONG = {
    "p = p @ P_old => p = P_old @ p": "transpos|row|order|way round|p @ P|exchang",
    "    p = p @ P_old\n => ": "distribution|state|renew|line|kept|P_old|enter",
    "start, [0.0] => start, [start @ k]": "shifted|more|K_0|first|i < t|0|sum|start|one step|term|start @ k",
    "K[-1] + p @ k => p @ k": "κ|sum|term|add|those before",
    "p @ k => p @ np.sqrt(k)": "root|√|k|square",
    "K.append(K[-1] + p @ k)\n    p = p @ P_old => p = p @ P_old\n    K.append(K[-1] + p @ k)": "order|first|shift|step|lines|old value",
    "range(steps - 1) => range(steps)": "many|one|shape|steps|entries",
    "p @ k => k.mean()": "p|mean|weight|distribution|enter",
    "p @ k => k.max()": "p|max|largest|mean|enter",
    "return np.array(K) => return np.array(K[-1])": "shape|last|all",
    "return np.array(K) => return np.array(K)[::-1]": "revers|order|turned",
    "return np.array(K) => return np.cumsum(K)": "entries|cumul|twice|sum|added",
    "return np.array(K) => return np.sqrt(2 * np.array(K))": "entries|root|Pinsker|distance|√",
    "p @ k => 0.5 * (p @ k)": "2|half|½|factor",
    "return np.array(K) => return np.array(K) / np.arange(1, steps + 1)": "mean|divid|sum|average|factor|row|t|entr",
    "K[-1] + p @ k => K[-1] + 0.9 * (p @ k)": "γ|discount|factor|0\\.9",
}
GAP_RIGHT = [
    "rho = tabular.visitation(mdp, pi_old)\nd = rho / rho.sum()\nK = d @ tabular.state_kl(pi_old, pi)\n"
    "G = [pi[s] @ tabular.advantages(mdp, pi_old)[s] for s in range(len(pi))]\n"
    "return mdp.gamma * (2 * K) ** 0.5 / (1 - mdp.gamma) ** 1.5 * max(abs(g) for g in G)",
    "g = mdp.gamma\nk = np.sum(pi_old * np.log(pi_old / pi), axis=1)\n"
    "G = np.einsum('sa,sa->s', pi, tabular.advantages(mdp, pi_old))\n"
    "return g / (1 - g) * np.sqrt(2 * tabular.visitation(mdp, pi_old) @ k) * np.abs(G).max()",
    "g = mdp.gamma\nd = (1 - g) * tabular.visitation(mdp, pi_old)\nA = tabular.advantages(mdp, pi_old)\n"
    "return np.float32(g * np.sqrt(2 * np.dot(d, tabular.state_kl(pi_old, pi)))"
    " * (1 - g) ** -1.5 * np.linalg.norm((pi * A).sum(1), np.inf))",
]
GAP_WRONG = {
    "(1 - gamma) ** -1.5 => (1 - gamma) ** -2": "power|3/2|2|chapter|Achiam",
    "(1 - gamma) ** -1.5 => (1 - gamma) ** 1.5": "power|upside|sign|divid|-",
    "share = (1 - gamma) * tabular => share = tabular": "1 - γ|mean|share|sum|normal|weights|factor",
    "gamma * np.sqrt => np.sqrt": "γ|gamma|factor",
    "gamma * np.sqrt(2 * mean_kl) => np.sqrt(2 * gamma * mean_kl)": "root|√γ|bracket|first form|γ",
    "np.sqrt(2 * mean_kl) => np.sqrt(mean_kl)": "2|factor|√",
    "np.sqrt(2 * mean_kl) => 2 * mean_kl": "root|√",
    "tabular.visitation(mdp, pi_old) => tabular.visitation(mdp, pi)": "old|new|visit|pi stands",
    "tabular.state_kl(pi_old, pi) => tabular.state_kl(pi, pi_old)": "order|exchang|way round|old",
    "np.sum(share * tabular.state_kl(pi_old, pi)) => np.max(tabular.state_kl(pi_old, pi))": "max|mean|largest",
    "np.sum(share * tabular.state_kl(pi_old, pi)) => np.mean(tabular.state_kl(pi_old, pi))": "mean|weight|share|state|visit|alike",
    "tabular.advantages(mdp, pi_old) => tabular.advantages(mdp, pi)": "old|advantages|pi stands|0",
    "np.sum(pi * tabular => np.sum(pi_old * tabular": "old|new|0|pi",
    "np.max(np.abs(G)) => np.max(G)": "absolute|sign|abs",
    "* np.max(np.abs(G)) => ": "G|max|factor|gain",
    "np.max(np.abs(G)) => np.sum(share * np.abs(G))": "max|mean|largest",
    "np.max(np.abs(G)) => np.max(np.abs(tabular.advantages(mdp, pi_old)))": "ε|G|advantag|mean over|action|policy",
}
SPAN_RIGHT = [
    "(max(G) - min(G)) / 2",
    "np.ptp(np.asarray(G, dtype=np.float32)) / 2",
    "c = (G.max() + G.min()) / 2\nreturn np.abs(G - c).max()",
    "s = sorted(G)\nreturn 0.5 * (s[-1] - s[0])",
]
SPAN_WRONG = {
    "0.5 * (np.max(G) - np.min(G)) => np.max(G) - np.min(G)": "half|½|whole|2|factor|0\\.5",
    "np.max(G) - np.min(G) => np.max(G) + np.min(G)": "sign|minus|c itself|best c",
    "0.5 * (np.max(G) - np.min(G)) => np.max(np.abs(G))": "c = 0|c|span|absolute",
    "0.5 * (np.max(G) - np.min(G)) => np.max(np.abs(G - np.mean(G)))": "mean|half-way",
    "0.5 * (np.max(G) - np.min(G)) => np.max(np.abs(G - np.median(G)))": "median|half-way",
    "0.5 * (np.max(G) - np.min(G)) => np.std(G)": "deviation",
    "(np.max(G) - np.min(G)) => np.max(G) - np.min(G)": "bracket|½|half|0\\.5",
    "0.5 * (np.max(G) - np.min(G)) => 0.5 * (np.max(np.abs(G)) - np.min(np.abs(G)))": "sign|absolute",
    "np.max(G) - np.min(G) => np.min(G) - np.max(G)": "sign|negative|minus",
    "0.5 * (np.max(G) - np.min(G)) => G - 0.5 * (np.max(G) + np.min(G))": "shape|one number|largest|max",
    "0.5 * (np.max(G) - np.min(G)) => 0.5 * np.max(G)": "min|term|smallest",
    "np.max(G) - np.min(G) => G[0] - G[-1]": "max|first|sort|largest|order|smallest|right in",
    "0.5 * (np.max(G) - np.min(G)) => np.mean(np.abs(G - 0.5 * (np.max(G) + np.min(G))))": "right in|mean|largest|max",
    "0.5 * (np.max(G) - np.min(G)) => np.max(G)": "min|c|span|largest|term",
}
FORK_RIGHT = [
    "k = 0.5 * np.log(0.5 / (0.5 + u)) + 0.5 * np.log(0.5 / (0.5 - u))\nreturn 2 * u / np.sqrt(2 * k)",
    "np.sqrt(4 * u * u / -np.log((1 - 2 * u) * (1 + 2 * u)))",
    "gamma = 0.9\nold, new = np.array([0.5, 0.5]), np.array([0.5 + u, 0.5 - u])\nK = (1 - gamma) * np.sum(old * np.log(old / new))\n"
    "moved = 2 * gamma * u / (1 - gamma)\nreturn moved / (gamma * np.sqrt(2 * K) * (1 - gamma) ** -1.5)",
    "np.float32(2 * u / (-np.log1p(-4 * u**2)) ** 0.5)",
]
FORK_WRONG = {
    "2 * u / np.sqrt(2 * k) => 1.0": "u|enter|leading|exact|small",
    "2 * u / np.sqrt(2 * k) => 2 * u / np.sqrt(k)": "2|√|factor",
    "2 * u / np.sqrt(2 * k) => u / np.sqrt(2 * k)": "both|2|half|factor",
    "2 * u / np.sqrt(2 * k) => np.sqrt(2 * k) / (2 * u)": "upside|fraction|other way|1 over|reciprocal",
    "2 * u / np.sqrt(2 * k) => 2 * u / (2 * k)": "root|√",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = -np.log(1 - 4 * u**2)": "½|half|2|factor|0\\.5",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = 2 * u**2": "u|exact|leading|small|approx|quadratic|1",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = -0.5 * np.log(1 - 2 * u**2)": "4|2u|constant|square|coin",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = (0.5 + u) * np.log(1 + 2 * u) + (0.5 - u) * np.log(1 - 2 * u)": "new|old|order|way round|direction",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = -0.5 * np.log(1 - 2 * u)": "both|two|one outcome|term|u|bracket|square|outcome",
    "2 * u / np.sqrt(2 * k) => k": "divergence|ratio|distance|k|moved|√|square|root",
    "2 * u / np.sqrt(2 * k) => 2 * u * np.sqrt(2 * k)": "divid|product|fraction|ratio",
    "2 * u / np.sqrt(2 * k) => -2 * u / np.sqrt(2 * k)": "sign|minus",
    "2 * u / np.sqrt(2 * k) => 4 * u**2 / (2 * k)": "square|root",
}
WALK_RIGHT = [
    "n = 900\nx = np.arange(-n, n + 1)\nrho, p = np.zeros(len(x)), np.zeros(len(x))\np[n] = 1.0\n"
    "for _ in range(int(np.log(1e-13) / np.log(gamma))):\n    rho = rho + p\n"
    "    p = gamma * ((0.5 + u) * np.roll(p, 1) + (0.5 - u) * np.roll(p, -1))\n"
    "D = rho[x > 0].sum() - rho[x < 0].sum()\nk = 0.5 * np.log(0.25 / (0.25 - u * u))\n"
    "return 2 * u * D / (2 * gamma * (1 - gamma) ** -1.5 * k)",
    "w = (1 - gamma**2 * (1 - 4 * u * u)) ** 0.5\nr = [(1 - w) / (gamma * (1 - s * 2 * u)) for s in (1, -1)]\n"
    "a, b = [x / (1 - x) for x in r]\nrho0 = 1 / ((1 - gamma) * (1 + a + b))\nD = rho0 * (a - b)\n"
    "return u * D * (1 - gamma) ** 1.5 / gamma / (-0.5 * np.log(1 - 4 * u * u))",
    "w = np.sqrt(1 - gamma**2 * (1 - 4 * u**2))\nr, l = (1 - w) / gamma / (1 - 2 * u), (1 - w) / gamma / (1 + 2 * u)\n"
    "D = (r / (1 - r) - l / (1 - l)) / w\n"
    "return np.float32(-2 * u * D * (1 - gamma) ** 1.5 / (gamma * np.log(1 - 4 * u**2)))",
]
WALK_WRONG = {
    "return u * D * (1 - gamma) ** 1.5 / (gamma * k) => return (1 + gamma) ** -0.5": "leading|first order|u|small|exact|enter",
    "left = (1 - omega) / (2 * gamma * (0.5 + u)) => left = right": "0|left|side|sign of u",
    "D = (to_right - to_left) => D = (to_right + to_left)": "sign|minus|difference|left",
    "/ (1 + to_right + to_left) / => / (to_right + to_left) /": "1|0|start|term|ρ\\(0\\)",
    "/ (1 + to_right + to_left) / (1 - gamma) => / np.sqrt(1 - gamma**2)": "first order|ρ\\(0\\)|u|exact|fair",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = 2 * u**2": "leading|first order|exact|k|small|divergence",
    "k = -0.5 * np.log(1 - 4 * u**2) => k = -np.log(1 - 4 * u**2)": "½|half|2|factor|0\\.5",
    "return u * D => return 2 * u * D": "2|twice|factor",
    "(1 - gamma) ** 1.5 / (gamma * k) => (1 - gamma) ** 2 / (gamma * k)": "power|3/2|2|1 . `?gamma|chapter",
    "/ (gamma * k) => / k": "γ|gamma|factor",
    "right / (1 - right) => right": "sum|geometric|1 - r|denominator|side",
    "return u * D * (1 - gamma) ** 1.5 / (gamma * k) => return D": "ratio|D|time|bound|factor|another|gap",
    "(1 - 4 * u**2))\nright => (1 + 4 * u**2))\nright": "sign|\\+|minus",
    "omega = np.sqrt(1 - gamma**2 * (1 - 4 * u**2)) => omega = np.sqrt(1 - gamma**2)": "u|first order|ω|omega|exact|term|bracket|leading",
    "return u * D * (1 - gamma) ** 1.5 / (gamma * k) => return gamma * k / (u * D * (1 - gamma) ** 1.5)": "upside|1 over|fraction|other way|reciprocal",
    "/ (1 + to_right + to_left) / (1 - gamma) => / (1 + to_right + to_left)": "1 . `?gamma|γ|normal|factor|add up",
}
HIDDEN_RIGHT = [
    "kappa = np.zeros(T)\nkappa[t0] = 1.0\nreturn (1 - gamma) * np.sum(gamma ** np.arange(T) * kappa) / kappa.mean()",
    "T * gamma**t0 - T * gamma ** (t0 + 1)",
    "np.float32((1 - gamma) * T) * gamma**t0",
]
HIDDEN_WRONG = {
    "(1 - gamma) * gamma**t0 * T => gamma**t0 * T": "1 - γ|factor|normal",
    "(1 - gamma) * gamma**t0 * T => (1 - gamma) * gamma**t0": "T|enter|mean|factor",
    "(1 - gamma) * gamma**t0 * T => (1 - gamma) * T": "t0|t₀|enter|γ|late|discount",
    "(1 - gamma) * gamma**t0 * T => (1 - gamma) * gamma**t0 / T": "T|divid|upside|mean|multipl",
    "gamma**t0 => gamma**T": "t0|T|enter|power|another",
    "gamma**t0 => gamma ** (t0 + 1)": "factor `gamma`|one|power|index|γ|step",
    "gamma**t0 => gamma ** (t0 - 1)": "factor `gamma`|one|power|index|γ|step",
    "(1 - gamma) * gamma**t0 * T => 1 / ((1 - gamma) * gamma**t0 * T)": "upside|1 over|other way|fraction|reciprocal",
    "gamma**t0 => gamma * t0": "power|γ",
    "(1 - gamma) * gamma**t0 * T => gamma**t0 * T / (1 - gamma)": "1 − `gamma`|1 - γ|divid|upside|product|power",
    "(1 - gamma) * gamma**t0 * T => (1 - gamma) * T * gamma**t0 + gamma**T": "term|γ\\^T|after|later|rest",
    "(1 - gamma) * gamma**t0 * T => 1 - gamma * gamma**t0 * T": "bracket|term",
    "(1 - gamma) * gamma**t0 * T => (gamma - 1) * gamma**t0 * T": "sign",
    "T => (T - t0)": "t0|T|mean|all steps|term|length",
}
BEST_RIGHT = [
    "total = 0.0\nfor t in range(1, len(kappa)):\n"
    "    total += gamma**t * min(2, 2 * sum(tv[:t]), (2 * sum(kappa[:t])) ** 0.5)\nreturn total",
    "K = np.concatenate([[0], np.cumsum(kappa)])[:-1]\nD = np.concatenate([[0], np.cumsum(tv)])[:-1]\n"
    "return np.sum(gamma ** np.arange(len(kappa)) * np.min([np.full_like(K, 2), 2 * D, np.sqrt(2 * K)], axis=0))",
    "K, D = np.cumsum(kappa[:-1]), np.cumsum(tv[:-1])\n"
    "return np.float32((gamma ** np.arange(1, len(kappa)) * np.clip(np.minimum(2 * D, np.sqrt(2 * K)), 0, 2)).sum())",
]
BEST_WRONG = {
    "np.cumsum(kappa) - kappa => np.cumsum(kappa)": "i < t|before|term|K_0|first|shift|one",
    "np.cumsum(tv) - tv => np.cumsum(tv)": "i < t|before|term|first|one|tv",
    "2 * (np.cumsum(tv) - tv) => np.cumsum(tv) - tv": "2|twice|factor",
    "np.sqrt(2 * K) => np.sqrt(K)": "2|factor|√",
    "np.sqrt(2 * K) => 2 * K": "root|√",
    "np.minimum(2, np.minimum(coupled, np.sqrt(2 * K))) => np.minimum(coupled, np.sqrt(2 * K))": "2|three|min|never more",
    "np.minimum(2, np.minimum(coupled, np.sqrt(2 * K))) => np.minimum(2, np.sqrt(2 * K))": "tv|TV|enter|three",
    "np.minimum(2, np.minimum(coupled, np.sqrt(2 * K))) => np.minimum(2, coupled)": "kappa|κ|enter|three",
    "np.minimum(2, np.minimum => np.maximum(2, np.maximum": "larger|min|max|smallest|largest",
    "gamma**t * shift => shift": "γ|gamma|discount|enter|weight",
    "np.sum(gamma**t * shift) => (1 - gamma) * np.sum(gamma**t * shift)": "1 - γ|factor|mean|normal",
    "gamma**t * shift => gamma ** (t + 1) * shift": "γ|power|index|one|factor",
    "np.minimum(2, np.minimum(coupled, np.sqrt(2 * K))) => np.minimum(1, np.minimum(coupled, np.sqrt(2 * K)))": "2|1|constant|twice",
    "np.sum(gamma**t * shift) => gamma**t * shift": "shape|sum",
    "np.sum(gamma**t * shift) => min(np.sum(gamma**t * 2), np.sum(gamma**t * coupled), np.sum(gamma**t * np.sqrt(2 * K)))": "each time|every|first|order|sum|minimum|min",
    "np.sum(gamma**t * shift) => np.mean(gamma**t * shift)": "mean|sum",
    "np.sum(gamma**t * shift) => np.max(gamma**t * shift)": "max|sum|largest",
}
SECOND_RIGHT = [
    "S = len(G)\nchange = np.linalg.inv(np.eye(S) - gamma * P_old) @ G\nreturn gamma * np.sum(rho_old * ((P_new - P_old) @ change))",
    "W, term = np.zeros(len(G)), np.array(G)\nfor _ in range(4000):\n    W = W + term\n    term = gamma * P_old @ term\n"
    "return gamma * rho_old @ (P_new @ W - P_old @ W)",
    "x = np.linalg.solve((np.eye(len(G)) - gamma * P_old).T, (P_new - P_old).T @ rho_old)\nreturn np.float32(gamma * (x @ G))",
]
SECOND_WRONG = {
    "gamma * P_old, G => gamma * P_new, G": "P_new|new|old|P_old|second|order",
    "return gamma * rho_old => return rho_old": "γ|gamma|factor",
    "(P_new - P_old) => (P_old - P_new)": "sign|exchang|order",
    "(P_new - P_old) => P_new": "difference|P_old|term|change|minus",
    "np.linalg.solve(np.eye(len(G)) - gamma * P_old, G) => (np.eye(len(G)) - gamma * P_old) @ G": "inverse|product|solve",
    "np.linalg.solve(np.eye(len(G)) - gamma * P_old, G) => G": "inverse|later|G|all|one step|matrix|first|left out",
    "np.eye(len(G)) - gamma * P_old => np.eye(len(G)) - gamma * P_old.T": "transpos",
    "np.eye(len(G)) - gamma * P_old => np.eye(len(G)) - P_old": "γ|gamma|singular|discount|factor",
    "np.eye(len(G)) - gamma * P_old => np.eye(len(G)) + gamma * P_old": "sign|\\+|minus",
    "np.linalg.solve(np.eye(len(G)) - gamma * P_old, G) => G / (1 - gamma)": "P_old|matrix|inverse|chain|state|rows|solve|all|constant|bound",
    "(P_new - P_old) => (P_new - P_old).T": "transpos",
    "return gamma * rho_old @ => return gamma * np.ones(len(G)) @": "ρ|rho|weight|enter",
    "return gamma * rho_old @ => return gamma * (1 - gamma) * rho_old @": "1 - γ|factor|normal",
    "return gamma * rho_old @ => return gamma**2 * rho_old @": "γ|square|power|twice|factor",
    "return gamma * rho_old @ (P_new - P_old) @ change => return gamma * rho_old * ((P_new - P_old) @ change)": "shape|sum",
    "return gamma * rho_old @ (P_new - P_old) @ change => return rho_old @ change": "difference|P|enter|change|gap|term|L",
    "return gamma * rho_old @ (P_new - P_old) @ change => return abs(gamma * rho_old @ (P_new - P_old) @ change)": "sign|absolute",
}
MEMORY_RIGHT = [
    "S = len(P)\nN = np.linalg.solve(np.eye(S) - gamma * P, np.eye(S))\nbest = 0.0\nfor i in range(S):\n"
    "    for j in range(i):\n        best = max(best, 0.5 * np.sum(np.abs(N[i] - N[j])))\nreturn best",
    "N, M = np.zeros_like(P), np.eye(len(P))\nfor _ in range(3000):\n    N = N + M\n    M = gamma * M @ P\n"
    "return max(np.abs(a - b).sum() for a in N for b in N) / 2",
    "N = np.linalg.inv(np.eye(len(P)) - gamma * P).astype(np.float32)\n"
    "return np.max(np.linalg.norm(N[:, None] - N[None], 1, axis=2)) / np.float32(2)",
]
MEMORY_WRONG = {
    "0.5 * np.max => np.max": "½|half|2|factor|0\\.5",
    "np.max(apart) => np.mean(apart)": "mean|largest|max",
    "np.max(apart) => np.sum(apart)": "sum|largest|max",
    "np.abs(N[:, None, :] - N[None, :, :]) => (N[:, None, :] - N[None, :, :])": "absolute|abs|0",
    "- gamma * P => - P": "γ|gamma|singular|discount|factor|inverse",
    "- gamma * P => + gamma * P": "sign|\\+|minus",
    "np.eye(len(P)) - gamma * P => np.eye(len(P)) - gamma * P.T": "transpos|rows|columns",
    "np.linalg.inv(np.eye(len(P)) - gamma * P) => P": "inverse|visit|N|one step|gamma|γ|enter",
    "np.linalg.inv(np.eye(len(P)) - gamma * P) => (np.eye(len(P)) - gamma * P)": "inverse",
    "np.linalg.inv(np.eye(len(P)) - gamma * P) => (1 - gamma) * np.linalg.inv(np.eye(len(P)) - gamma * P)": "1 - γ|factor|normal|steps",
    "sum(axis=2) => max(axis=2)": "sum|max|largest",
    "np.abs(N[:, None, :] - N[None, :, :]).sum(axis=2) => np.sqrt(((N[:, None, :] - N[None, :, :]) ** 2).sum(axis=2))": "absolute|Euclid|square|norm|root|sum",
    "0.5 * np.max(apart) => 0.5 * apart": "shape|max|one number|largest",
    "N[:, None, :] - N[None, :, :] => N[:, :, None] - N[:, None, :]": "axis|columns|rows|index|entries|slice",
    "np.abs(N[:, None, :] - N[None, :, :]).sum(axis=2) => np.abs(N).sum(axis=1)": "term|difference|pair|two rows|1/\\(1|minus|apart|row",
    "0.5 * np.max(apart) => 0.5 * np.max(apart) / gamma": "γ|gamma|factor|divid",
    "0.5 * np.max(apart) => 0.5 * np.min(apart)": "no argument|min|largest|max|0",
}
FORGOTTEN_RIGHT = [
    "total = 0.0\nfor x in range(len(p)):\n    if p[x] > 0:\n        here = last == last[x]\n"
    "        total += p[x] * (np.log(p[x] / p_new[x]) - np.log(p[here].sum() / p_new[here].sum()))\nreturn total",
    "kl = lambda a, b: sum(x * np.log(x / y) for x, y in zip(a, b) if x > 0)\nends = sorted(set(last.tolist()))\n"
    "a = [sum(p[last == s]) for s in ends]\nb = [sum(p_new[last == s]) for s in ends]\nreturn kl(p, p_new) - kl(a, b)",
    "lost = 0.0\nfor s in np.unique(last):\n    here = last == s\n    if p[here].sum() > 0:\n"
    "        a, b = p[here] / p[here].sum(), p_new[here] / p_new[here].sum()\n"
    "        lost = lost + p[here].sum() * tabular.state_kl(a, b)\nreturn np.float32(lost)",
    "E = np.eye(last.max() + 1)[last]\nreturn tabular.state_kl(p, p_new) - tabular.state_kl(p @ E, p_new @ E)",
]
FORGOTTEN_WRONG = {
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return tabular.state_kl(p, p_new)": "K_t|paths|states|term|second|last|subtract",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return tabular.state_kl(states, states_new)": "states|paths|K_t|term|kept|remember",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return tabular.state_kl(states, states_new) - tabular.state_kl(p, p_new)": "sign|minus|negative|exchang|other way",
    "state_kl(p, p_new) - tabular.state_kl(states, states_new) => state_kl(p_new, p) - tabular.state_kl(states_new, states)": "order|new|old|exchang|way round|infinite|inf",
    "state_kl(states, states_new) => state_kl(states_new, states)": "order|new|old|exchang|way round|arguments|infinite",
    "tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => tabular.state_kl(p, p_new) / tabular.state_kl(states, states_new)": "divid|difference|ratio|minus|quotient|subtract",
    "states, states_new = => p, p_new, last = p[p > 0], p_new[p > 0], last[p > 0]\nstates, states_new =": "path|never|only the new|old policy never|leave|drop|p̃",
    "np.bincount(last, weights=p_new) => np.bincount(last, weights=p)": "0|p_new|new|states|K_t|weights|same|twice",
    "np.bincount(last, weights=p), np.bincount(last, weights=p_new) => np.bincount(last) / len(last), np.bincount(last, weights=p_new)": "count|weight|probab|p|number of paths",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return sum(tabular.state_kl(p[last == s] / p[last == s].sum(), p_new[last == s] / p_new[last == s].sum()) for s in set(last.tolist()) if p[last == s].sum() > 0)": "weigh|p_t|probab|mean|alike|states",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return np.sum(p * np.log(p / p_new)) - np.sum(states * np.log(states / states_new))": "NaN|nan|0|log|never|zero",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return p - states[last]": "shape|one number",
    "state_kl(p, p_new) - tabular.state_kl(states, states_new) => state_kl(p, p_new) + tabular.state_kl(states, states_new)": "sign|minus|plus|\\+",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return abs(p - p_new).sum() - abs(states - states_new).sum()": "distance|diverg|KL|total variation|absolute",
    "return tabular.state_kl(p, p_new) - tabular.state_kl(states, states_new) => return 0.0": "0|nothing|path|no argument|enter|does not depend|all",
}

ANSWERS = {
    "14.4": {"right": PATH_RIGHT, "wrong": PATH_WRONG},
    "14.5": {
        "right": ["3", "3.0", "np.int64(3)"],
        "wrong": {
            "1": "t = 0|sum|term|0|start",
            "2": "sum|1|γ|weights",
            "4": "sum|1|1 - γ|weights|mean",
            "5": "sum|infin|1|weights|mean",
            "0": "line|number|1 to 5|small",
            "6": "line|number|1 to 5|large|five",
            "'3.'": "text",
            "[3]": "list|bracket",
            "[1, 2, 3]": "one|number",
            "None": "None",
            "2.5": "line|whole|small",
        },
    },
    "14.6": {"right": GAP_RIGHT, "wrong": GAP_WRONG},
    "14.8": {
        "right": [
            "0.5",
            "1 / 2",
            "np.linspace(0.1, 2, 1901)[np.argmax((x := np.linspace(0.1, 2, 1901)) ** 0.5 / (1 + x) ** 1.5)]",
        ],
        "wrong": {
            "1 / 3": "notebook 03|power|2|1/3",
            "1": "log|differentiat|derivative|large",
            "2": "upside|other way",
            "0.385": "height|where|value",
            "0": "small|0",
            "1.5": "power|large",
            "-0.5": "sign",
            "0.77": "height|large|twice",
            "3": "solve|large",
            "'1/2'": "text|quot",
            "(0.5, 0.385)": "number|one|2",
        },
    },
    "14.9": {
        "right": ["0.981", "(-1 + (1 + 0.08) ** 0.5) / 0.04", "0.98076"],
        "wrong": {
            "0.99": "2γ²|1 - γ = δ|denominator|large|2",
            "0.98": "digits|three|γ²|small|near|2",
            "0.995": "2|side|large",
            "0.019": "1 - γ",
            "0.02": "1 - γ|small",
            "0.876": "chapter|power|\\(1 - γ\\)²|square|small",
            "1 / 1.02": "γ²|square|γ",
            "-51": "root|negative|other|small|0|1",
            "0.9": "small",
            "0.0051": "small|limit|nats",
            "None": "None",
            "'0.981'": "text|quot",
        },
    },
    "14.10": {"right": SPAN_RIGHT, "wrong": SPAN_WRONG},
    "14.11": {
        "right": ["4 / 3", "1.3333", "2 * (2 / 3)", "np.float32(4 / 3)"],
        "wrong": {
            "2 / 3": "2|root|factor",
            "2": "2/3|⅔|integral|sum|large",
            "8 / 3": "2|factor|4|root",
            "1": "factor|small|2/3|⅔",
            "3": "integral|derivative|large",
            "0.75": "upside|other way|small",
            "1.5": "3/2|large|upside|integral",
            "-4 / 3": "sign",
            "1.3": "digit|small",
            "13.333": "power of ten",
            "'4/3'": "text|quot",
        },
    },
    "14.13": {"right": FORK_RIGHT, "wrong": FORK_WRONG},
    "14.14": {"right": WALK_RIGHT, "wrong": WALK_WRONG},
    "14.15": {
        "right": ["0.000505", "0.01**1.5 / (2 * 0.99)", "1 / 1980", "5.05e-4"],
        "wrong": {
            "19.8": "loss|0\\.01|δ|how small|large",
            "1980": "C|constant|1/C|other way",
            "5.05e-5": "power|chapter|2|square|(14\\.7)",
            "0.00101": "2|factor|half|large|twice",
            "5.1e-7": "mean|root|√|small",
            "0.0005": "γ|digits|three|small",
            "0.0051": "power of ten|certif|large|improv",
            "-0.000505": "sign",
            "0.05": "large|power",
            "0": "small|0",
            "'0.000505 nats'": "text|unit",
            "0.01": "usual|large|δ|usual",
        },
    },
    "14.16": {"right": HIDDEN_RIGHT, "wrong": HIDDEN_WRONG},
    "14.17": {"right": BEST_RIGHT, "wrong": BEST_WRONG},
    "14.18": {"right": SECOND_RIGHT, "wrong": SECOND_WRONG},
    "14.19": {"right": MEMORY_RIGHT, "wrong": MEMORY_WRONG},
    "14.20": {"right": FORGOTTEN_RIGHT, "wrong": FORGOTTEN_WRONG},
    "14.21": {
        "right": [
            "0.6561",
            "0.9**4",
            "0.656",
            "0.1 * sum(0.9**t for t in range(4, 2000))",
            "np.float32(0.1 * 0.9**4 / (1 - 0.9))",
        ],
        "wrong": {
            "0.9**3": "K_3|before|itself|i < t|one|large",
            "0.1 * 0.9**4": "one K|single|all|later|each|power of ten|sum",
            "0.1 * 0.9**3": "K̄|14\\.1|κ|single|later|weight|small",
            "0.9**4 / 0.1": "1 - γ|mean|power of ten|weights",
            "1 - 0.9**4": "not yet|before|later|early|those|other|small",
            "1": "sum|K_0|large|early|before|all",
            "0.9**5": "one|too|K_4|small|begin",
            "0.9 / 0.1": "K̄|14\\.4|large|whole|one",
            "0.9": "κ_0|large|first",
            "0.1": "weight|small|κ",
            "-0.6561": "sign",
            "0.66": "digits",
            "'0.6561'": "text|quot",
            "[0.6561]": "bracket|list",
            "None": "None",
        },
    },
    "14.22": {
        "right": [
            "162",
            "2 * 0.99**21 / 0.01",
            "161.9",
            "200 * 0.99**21",
            "2 * sum(0.99**t for t in range(21, 5000))",
        ],
        "wrong": {
            "2 * 0.99**20 / 0.01": "20|state|action|one|later|next|21",
            "2 * 0.99**22 / 0.01": "one|too|22|small|later",
            "198": "14\\.8|first|20|time|large|from",
            "200": "large|from|t = 0|all",
            "0.99**21 / 0.01": "2|apart|half",
            "2 * 0.99**21": "sum|1 - γ|time|one time|all",
            "0.99**21": "2|sum|small|one|1 - γ",
            "198 - 2 * 0.99**21 / 0.01": "saved|before|rest|early|drop|small",
            "158": "discount|weigh|small|γ|near",
            "198 - 42": "discount|weigh|small|γ|near",
            "198 * 0.99**21": "once|γ|twice|one|small|already",
            "0": "small|0|later",
            "-161.94": "sign",
            "16.194": "power of ten",
            "'162'": "text|quot",
        },
    },
    "14.23": {
        "right": [
            "np.sqrt(np.pi)",
            "1.772",
            "1.77",
            "4 * np.sum(np.linspace(0, 9, 90001) ** 2 * np.exp(-np.linspace(0, 9, 90001) ** 2)) * 1e-4",
            "2e-6 * sum((np.exp(-1e-4) ** k) * k**0.5 for k in range(1, 200000))",
        ],
        "wrong": {
            "np.sqrt(np.pi) / 2": "2|root|two roots|½|half|factor",
            "2 * np.sqrt(np.pi)": "half|0|line|both|twice|2",
            "2": "Jensen|14\\.7|large",
            "np.sqrt(np.pi / 2)": "root|2|√2",
            "np.sqrt(2 * np.pi)": "½|bell|normal|x²/2|exponent|area",
            "np.pi": "square|root",
            "4 / 3": "horizon|14\\.11|finite|T|14\\.12|discount",
            "np.sqrt(2)": "walk|world|needs|lower|small",
            "np.sqrt(np.pi) / 4": "4|part|root|2|factor|small",
            "0.5": "small",
            "1 / np.sqrt(np.pi)": "other way|upside|small",
            "-np.sqrt(np.pi)": "sign",
            "1.8": "digits",
            "17.72": "power of ten|large",
            "'sqrt(pi)'": "text|quot",
        },
    },
}
