"""Right and wrong answers to the exercises of notebooks 08 to 10; see answers_00_04.py."""

from .answers_05_07 import CG_RIGHT, CG_WRONG, FVP_RIGHT, FVP_WRONG

STEP_RIGHT = [
    "(2 * delta / np.dot(s, Fs)) ** 0.5",
    "np.sqrt(2 * delta) / np.sqrt(np.sum(s * Fs))",
    "np.sqrt(np.float32(2 * delta) / np.float32(s @ Fs))",
]
STEP_WRONG = {
    "np.sqrt(2 * delta / (s @ Fs)) => 2 * delta / (s @ Fs)": "root|√|sqrt",
    "2 * delta => delta": "2|factor|√",
    "(s @ Fs) => (s @ s)": "F|Fs|enter|length",
    "np.sqrt(2 * delta / (s @ Fs)) => np.sqrt((s @ Fs) / (2 * delta))": "reciprocal|turned|upside|exchange|fraction",
    "np.sqrt(2 * delta / (s @ Fs)) => np.sqrt(2 * delta / (s @ Fs)) * s": "shape|number|step|vector|length",
    "np.sqrt(2 * delta / (s @ Fs)) => np.sqrt(2 * delta) / (s @ Fs)": "root|√|sqrt|bracket",
    "(s @ Fs) => s @ Fs": "bracket|parenthes|shape|order|number",
    "np.sqrt(2 * delta / (s @ Fs)) => np.sqrt(delta / (2 * s @ Fs))": "2|factor|half|½",
    "(s @ Fs) => (Fs @ Fs)": "s|Fs|enter",
    "(s @ Fs) => np.linalg.norm(Fs)": "sᵀFs|s|product|norm|enter",
    "np.sqrt(2 * delta / (s @ Fs)) => -np.sqrt(2 * delta / (s @ Fs))": "sign",
    "2 * delta => 2 * delta**2": "square|δ|delta",
    "2 * delta / => 2 / ": "δ|delta|enter|factor",
    "(s @ Fs) => (s * Fs)": "shape|sum|@|number|entry",
}
SEARCH_RIGHT = [
    "k = 0\nwhile k <= backtracks:\n    new = theta + full_step * beta**k\n"
    "    if L(new) > L(theta) and KL(new) <= delta:\n        return new\n    k = k + 1\nreturn theta",
    "start = L(theta)\nstep = full_step\nfor _ in range(backtracks + 1):\n    if KL(theta + step) <= delta:\n"
    "        if L(theta + step) > start:\n            return theta + step\n    step = beta * step\nreturn theta",
    "candidates = [theta + beta**k * full_step for k in range(backtracks + 1)]\n"
    "return next((x for x in candidates if KL(x) <= delta and L(x) > L(theta)), theta)",
]
SEARCH_WRONG = {
    "range(backtracks + 1) => range(backtracks)": "few|last|backtracks|k = |K",
    "range(backtracks + 1) => range(backtracks + 2)": "many|more|backtracks|K|k = ",
    "<= delta => < delta": "equal|≤|<=|exactly|includ|rim",
    "> L(theta) => >= L(theta)": "equal|>|≥|strict|improve|same",
    "<= delta and L => <= delta or L": "and|or|both",
    "KL(candidate) <= delta and => ": "KL|condition|\\(a\\)|enter|called",
    " and L(candidate) > L(theta): => :": "L|condition|\\(b\\)|enter|improve|called",
    "return theta => return candidate": "none|theta|refused|last|passes",
    "return theta => return None": "None|return|theta",
    "beta**k * full_step => beta * k * full_step": "power|βᵏ|right in 7 of 9",
    "beta**k * full_step => beta ** (k + 1) * full_step": "k = 0|full step|first|one|power|k",
    "beta**k * full_step => 0.5**k * full_step": "beta|β|enter",
    "theta + beta**k * full_step => theta - beta**k * full_step": "sign|minus|direction|−|\\+|came in",
    "candidate = theta + beta**k * full_step => candidate = beta**k * full_step": "theta|θ|start|term|add",
    "L(candidate) > L(theta) => L(candidate) < L(theta)": "turned|>|<|improve|compar|sign",
    "KL(candidate) <= delta => KL(candidate) >= delta": "turned|≤|<=|compar|≥|>=",
    "return candidate => theta = candidate": "return|add|first|accept|go on|goes on|loop",
    "KL(candidate) <= delta => KL(full_step) <= delta": "candidate|full_step|θ|KL",
    "L(candidate) > L(theta) => L(candidate) > 0": "L\\(θ|L\\(theta|old value|0|compare",
    "theta + beta**k * full_step =>> theta + full_step": "β|beta|shrink|enter|backtrack",
    "return candidate => return candidate, k": "tuple|pair|two|one array|return|shapes",
    "return candidate => return k": "parameters|shape|number|another of the variables",
    "for k in range(backtracks + 1):\n    theta += beta**k * full_step\n    if KL(theta) <= delta:\n        break\nreturn theta": "writes into|argument|copy",
}
GAE_RIGHT = [
    "A = [None] * len(rewards)\nlater = np.zeros(rewards.shape[1])\nfor t in range(len(rewards) - 1, -1, -1):\n"
    "    d = rewards[t] + gamma * next_values[t] * (1 - terminated[t]) - values[t]\n"
    "    later = d + gamma * lam * (1 - ended[t]) * later\n    A[t] = later\nreturn np.array(A)",
    "T, E = rewards.shape\nA = np.zeros((T, E))\nfor e in range(E):\n    for t in range(T):\n        w = 1.0\n"
    "        for j in range(t, T):\n"
    "            d = rewards[j, e] - values[j, e]\n            if not terminated[j, e]:\n                d += gamma * next_values[j, e]\n"
    "            A[t, e] += w * d\n            if ended[j, e]:\n                break\n            w *= gamma * lam\nreturn A",
    "A = np.zeros((len(rewards) + 1, rewards.shape[1]))\nfor t in reversed(range(len(rewards))):\n"
    "    bootstrap = np.where(terminated[t], 0, next_values[t])\n"
    "    A[t] = rewards[t] + gamma * bootstrap - values[t] + np.where(ended[t], 0, gamma * lam * A[t + 1])\nreturn A[:-1]",
    # by the λ-returns, where V(s_{t+1}) of one row is V(s_t) of the next
    "y, targets = next_values[-1], np.empty(rewards.shape)\nfor t in range(len(rewards))[::-1]:\n"
    "    n = next_values[t]\n    ahead = np.where(ended[t], n, (1 - lam) * n + lam * y)\n"
    "    y = targets[t] = rewards[t] + gamma * np.where(terminated[t], 0, ahead)\nreturn targets - values",
]


def gae_wrong(deltas, start):
    """Wrong answers to GAE for a solution with these names."""
    return {
        "~terminated => ~ended": "truncat|terminated|ended|time limit",
        f"{deltas} = rewards + gamma * next_values * ~terminated - values => {deltas} = rewards + gamma * next_values - values": "terminated|enter|bootstrap",
        " * ~ended[t] => ": "ended|enter|episode|next episode|carr",
        "~ended[t] => ~terminated[t]": "ended|terminated|truncat|next episode|carr",
        "gamma * lam * => lam *": "γ|gamma|factor",
        "gamma * lam * => gamma *": "λ|lam|enter",
        "reversed(range(len("
        + deltas
        + "))) => range(len("
        + deltas
        + "))": "backward|order|reverse|last|forward|end",
        "rewards + gamma * next_values => rewards + next_values": "γ|gamma|discount|factor",
        "~terminated - values => ~terminated + values": "sign|minus|−|\\+",
        " - values => ": "values|V|enter|baseline|term|missing",
        "next_values * ~terminated => values * ~terminated": "next|V\\(s|enter",
        "return advantages => return advantages + values": "values|V|target|return|term",
        f"return advantages => return {deltas}": "TD|λ|lam|recursion|enter|one step",
        "~terminated => terminated": "not|turned|~|opposite|terminated",
        "advantages[t] = following => advantages[t] = following.sum()": "environment|column|sum|row|separate",
        "return advantages => return (advantages - advantages.mean()) / advantages.std()": "standard|mean|asked|shift|factor|subtract",
        "advantages[t] = following => advantages[t] = gamma**t * following": "γ|discount|factor|t|row|right in",
        "~ended[t] => (not ended[t])": "not|stops|array|ambiguous|truth",
        "return advantages => return advantages.T": "transpos|shape",
        "return advantages => return advantages[::-1]": "revers|order|turned|backward",
        f"{start}0.0 => {start}next_values[-1]": "0|last|batch|after|following|row|end",
    }


ANSWERS = {
    "8.1": {"right": STEP_RIGHT, "wrong": STEP_WRONG},
    "8.2": {
        "right": ["0.0459", "-0.2 + 0.5 * np.exp(0.4) - 0.5", "0.04591", "np.float32(0.0459)"],
        "wrong": {
            "0.04": "small|model|quadratic",
            "0.0352": "small|sign|x",
            "0.0453": "small|cubic|term|series|decimals",
            "0.46": "large|power of ten",
            "-0.0459": "sign|below|negative|positive",
            "0.4459": "large|x",
            "None": "None|number",
            "'0.0459'": "text|string|quot",
            "[0.0459]": "list|number|bracket",
            "0.05": "large|decimals|digits",
        },
    },
    "8.3": {"right": SEARCH_RIGHT, "wrong": SEARCH_WRONG},
    "8.4": {
        "right": [
            "np.dot(s, g) - np.dot(s, r) - damping * np.dot(s, s)",
            "s @ (g - r - damping * s)",
            "np.sum(s * (g - r)) - damping * np.linalg.norm(s) ** 2",
        ],
        "wrong": {
            "g - r => g + r": "sign|minus|−|\\+|residual",
            " - damping * (s @ s) => ": "damping|λ|enter|term",
            "- damping => + damping": "sign|minus|−|\\+|λ",
            "(g - r) => g": "r|residual|enter",
            "damping * (s @ s) => damping": "s|length|λ|factor|square",
            "damping * (s @ s) => damping * np.linalg.norm(s)": "square|root|norm|length",
            "(g - r) => (r - g)": "sign|turned|exchange|g|r",
            "s @ (g - r) => g @ (g - r)": "s|g|exchange",
            "s @ (g - r) - damping * (s @ s) => s * (g - r) - damping * s * s": "sum|number|shape|@",
            "np.sqrt(s @ (g - r) - damping * (s @ s))": "root|√|sqrt",
            "damping * (s @ s) => damping**2 * (s @ s)": "square|λ|damping",
            "(s @ (g - r)) / (1 + damping)": "damping|λ|term|factor|s",
            "(1 - damping) * (s @ (g - r))": "`damping` is 0|λ",
            "s @ (g - damping * r) - damping * (s @ s)": "`damping` is 1|`r`",
            "0.5 * (s @ (g - r) - damping * (s @ s))": "half|½|1/2|factor",
        },
    },
    "9.1": {
        "right": [
            "w = pi * score2\nreturn (w * Q).sum(1) / w.sum(1)",
            "np.array([np.average(q, weights=p * s) for q, p, s in zip(Q, pi, score2)])",
            "np.einsum('sa,sa,sa->s', pi, score2, Q) / np.einsum('sa,sa->s', pi, score2)",
        ],
        "wrong": {
            "np.sum(pi * Q, axis=1)": "score|enter|V|weight",
            " / np.sum(weights, axis=1) => ": "divid|normal|weights|sum",
            "weights = pi * score2 => weights = score2": "pi|π|enter|weight",
            "weights = pi * score2 => weights = pi * np.sqrt(score2)": "square|root|score",
            "axis=1 =>> axis=0": "axis|shape|states|column",
            "/ np.sum(weights, axis=1) => / np.sum(weights)": "axis|state|row|each|factor|sum",
            "np.mean(Q, axis=1)": "weight|mean|score|enter|pi",
            "np.sum(weights * Q, axis=1) / np.sum(weights, axis=1) => np.sum(weights * Q) / np.sum(weights)": "axis|state|shape|number",
            "np.sum(weights * Q, axis=1) / => np.mean(weights * Q, axis=1) /": "mean|sum|factor|1/A|A",
            "weights = pi * score2 => weights = pi * score2**2": "square|score",
            "np.sum(weights * Q, axis=1) / np.sum(weights, axis=1) => np.sum(weights, axis=1) / np.sum(weights * Q, axis=1)": "reciprocal|turned|upside|exchange",
            "np.sum(weights * Q, axis=1) / np.sum(weights, axis=1) => -np.sum(weights * Q, axis=1) / np.sum(weights, axis=1)": "sign",
            "np.sum(weights * Q, axis=1) / np.sum(weights, axis=1) => weights * Q / np.sum(weights, axis=1, keepdims=True)": "sum|shape|actions",
            "np.sum(pi * score2 * Q, axis=1) / np.sum(score2, axis=1)": "pi|π|weight|denominator|divid|factor",
        },
    },
    "9.2": {
        "right": [
            "rewards + np.where(terminated, 0.0, gamma * next_values) - values",
            "rewards - values + gamma * (1 - terminated) * next_values",
            "next_values = next_values.copy()\nnext_values[terminated] = 0\nreturn rewards + gamma * next_values - values",
        ],
        "wrong": {
            " * ~terminated => ": "terminate|enter|bootstrap|end",
            "gamma * => ": "γ|gamma|enter|discount|factor",
            "- values => + values": "sign|minus|−|\\+",
            " - values => ": "values|V|enter|term|missing|expected",
            "~terminated => terminated": "not|turned|opposite|~|only where|way round",
            "gamma * next_values * ~terminated - values => gamma * (next_values * ~terminated - values)": "bracket|γ|gamma|factor|parenthes|values|discounted",
            "rewards + gamma * next_values * ~terminated - values => (rewards + gamma * next_values - values) * ~terminated": "terminated|reward|only|where",
            "next_values * => values *": "next|V\\(s|enter",
            "rewards + => ": "reward|enter|term",
            "rewards + gamma * next_values * ~terminated - values => values - rewards - gamma * next_values * ~terminated": "sign",
            "next_values[terminated] = 0\nreturn rewards + gamma * next_values - values": "writes into|argument|copy",
            "rewards + gamma * next_values * (not terminated) - values": "not|stops|ambiguous|truth|~",
            "rewards + gamma * next_values * -terminated - values": "stops|~|not|minus",
            "np.sum(rewards + gamma * next_values * ~terminated - values, axis=0)": "shape|sum|step",
            "gamma * next_values => gamma**2 * next_values": "γ|gamma|square|factor|power",
        },
    },
    "9.3": {
        "right": [
            "total = 0.0\nfor j in range(k):\n    total += gamma**j * rewards[t + j]\nreturn total + gamma**k * values[t + k] - values[t]",
            "deltas = rewards + gamma * values[1:] - values[:-1]\nreturn sum(gamma**j * deltas[t + j] for j in range(k))",
            "G = values[t + k]\nfor r in rewards[t : t + k][::-1]:\n    G = r + gamma * G\nreturn G - values[t]",
        ],
        "wrong": {
            "gamma**k * values[t + k] => values[t + k]": "γ|gamma|discount|factor|power",
            "gamma**k * values[t + k] => gamma ** (k - 1) * values[t + k]": "γ|gamma|discount|power",
            "np.mean(gamma ** np.arange(k) * rewards[t : t + k]) + gamma**k * values[t + k] - values[t]": "`k` is 1|mean|sum",
            "gamma ** np.arange(k)[::-1] @ rewards[t : t + k] + gamma**k * values[t + k] - values[t]": "`rewards`|order|`k`",
            " - values[t] => ": "V|values|term|missing|baseline",
            "- values[t] => + values[t]": "sign|minus|−|\\+",
            "rewards[t : t + k] => rewards[:k]": "t|start|index|shift|enter|from",
            "+ gamma**k * values[t + k] => ": "value|V|term|missing|bootstrap",
            "gamma ** np.arange(k) => np.ones(k)": "γ|gamma|discount|power",
            "gamma**k * values[t + k] => gamma**k * values[k]": "t|index|enter|shift",
            "gamma**k * values[t + k] => gamma ** (k + 1) * values[t + k]": "power|γ|gamma|one|k",
            "gamma ** np.arange(k) => gamma ** np.arange(1, k + 1)": "power|γ|gamma|one|first|shift|discount",
            "rewards[t : t + k] + => rewards[t + 1 : t + k + 1] +": "index|shift|one|t|shape|stops",
            "values[t + k] => values[t + k - 1]": "index|one|shift|t \\+ k",
            "rewards[t : t + k] => rewards[t : t + k - 1]": "shape|stops|one|length",
            "np.sum(rewards[t : t + k]) + gamma**k * values[t + k] - values[t]": "γ|gamma|discount|power",
            "gamma * np.sum(rewards[t : t + k]) + gamma * values[t + k] - values[t]": "γ|gamma|discount|power|factor",
        },
    },
    "9.4": {
        "right": [
            "-99 * (0.99 * 0.95) ** 10",
            "-(0.9405**10) * 99",
            "-53.6",
            "np.float64(-99 * 0.9405**10)",
        ],
        "wrong": {
            "99 * 0.9405**10": "sign|negative|below|too large|positive",
            "-100 * 0.9405**10": "γ|gamma|far below|small|large|discount",
            "-99 * 0.9405**11": "one|near|large|step",
            "-99 * 0.99**10": "λ|lam|far below|small|another factor",
            "-99 * 0.95**10": "γ|near|large|another factor",
            "-99": "far below|small|steps|shrinks",
            "0": "near|large|sign|0",
            "None": "None|number",
            "'-53.6'": "text|string|quot",
            "[-53.6]": "list|number|bracket",
        },
    },
    "9.5": {"right": GAE_RIGHT, "wrong": gae_wrong("deltas", "following = ")},
    "9.6": {
        "right": [
            "N = V.shape[0]\nb = vjp(y - V) / N\n"
            "return conjugate_gradient(lambda v: vjp(jvp(v) / N) + damping * v, b, cg_iterations).x",
            "def matvec(v):\n    Jv = jvp(v)\n    return vjp(Jv) / len(Jv) + damping * v\n"
            "return conjugate_gradient(matvec, vjp((y - V) / len(y)), max_iterations=cg_iterations).x",
            "N = len(y)\nresult = conjugate_gradient(lambda v: (vjp(jvp(v)) + N * damping * v) / N, -vjp(V - y) / N, cg_iterations)\nreturn result.x",
        ],
        "wrong": {
            "y - V => V - y": "sign|descent|minus|turned|exchange",
            "vjp(jvp(v)) / N => vjp(jvp(v))": "N|mean|divid|left|factor",
            "vjp(y - V) / N => vjp(y - V)": "N|mean|divid|right|factor",
            " + damping * v => ": "damping|κ|enter|term",
            "+ damping * v => + damping": "v|damping|κ|factor",
            "+ damping * v => - damping * v": "sign|damping|κ|minus|−",
            "vjp(y - V) => vjp(y)": "V|enter|difference",
            ", cg_iterations).x => , cg_iterations)": "\\.x|result|object|type|number",
            ", cg_iterations).x => , 1).x": "iterations|enter",
            "cg_iterations).x => 1000).x": "iterations|enter",
            "vjp(y - V) / len(y)": "solve|CG|gradient|damping|left|enter",
            "conjugate_gradient(matvec, vjp(y - V) / N, cg_iterations).x => vjp(y - V) / N / damping": "solve|CG|gradient|left|enter|matvec|term",
            "vjp(jvp(v)) / N => vjp(v) / N": "jvp|J|stops|shape",
            "N = len(y) => N = 1": "N|mean|damping|divid|factor",
            "vjp(y - V) / N, => (y - V) / N,": "vjp|Jᵀ|shape|stops",
            "vjp(jvp(v)) / N + damping * v => 2 * vjp(jvp(v)) / N + damping * v": "2|factor|twice",
        },
    },
    "10.1": {
        "right": [
            "r = np.exp(log_probs_new - log_probs_old)\nreturn (r * advantages).sum() / len(r)",
            "np.exp(log_probs_new - log_probs_old) @ advantages / len(advantages)",
            "np.average(advantages * np.exp(log_probs_new) / np.exp(log_probs_old))",
            "np.float32(np.mean(np.exp(log_probs_new - log_probs_old) * advantages))",
        ],
        "wrong": {
            "np.mean => np.sum": "sum|mean|N",
            "log_probs_new - log_probs_old => log_probs_old - log_probs_new": "exchange|old and new|ratio|reciprocal|turned",
            "np.exp(log_probs_new - log_probs_old) => (log_probs_new - log_probs_old)": "exp|log",
            "np.mean(np.exp(log_probs_new - log_probs_old) * advantages) => np.exp(log_probs_new - log_probs_old) * advantages": "mean|number|shape",
            "-np.mean(np.exp(log_probs_new - log_probs_old) * advantages)": "sign",
            " * advantages => ": "advantages|enter",
            "np.mean(log_probs_new * advantages)": "ratio|old|exp|enter",
            "np.exp(log_probs_new - log_probs_old) => log_probs_new / log_probs_old": "exp|log|ratio",
            "np.mean(np.clip(np.exp(log_probs_new - log_probs_old), 0.8, 1.2) * advantages)": "clip|PPO|large|ratio|case|right in|equal",
            "np.mean(np.exp(log_probs_new - log_probs_old)) * np.mean(advantages)": "two means|product|mean",
        },
    },
    "10.2": {"right": FVP_RIGHT, "wrong": FVP_WRONG},
    "10.3": {"right": CG_RIGHT, "wrong": CG_WRONG},
    "10.4": {"right": STEP_RIGHT, "wrong": STEP_WRONG},
    "10.5": {
        "right": SEARCH_RIGHT,
        "wrong": {
            code.replace("candidate", "theta_new"): pattern
            for code, pattern in SEARCH_WRONG.items()
        },
    },
    "10.6": {"right": GAE_RIGHT, "wrong": gae_wrong("errors", "np.zeros_like(errors), ")},
    "10.7": {
        "right": [
            "lambda v: F(v) + damping * v => lambda v: damping * v + F(v)",
            "g = policy_gradient(policy, theta, batch)\n"
            "Fvp = lambda v: pieces.fisher_vector_product(at.jvp, metric, at.vjp, v)\n"
            "s = pieces.conjugate_gradient(lambda v: Fvp(v) + damping * v, g, iterations)\n"
            "step = pieces.maximum_step(delta, s, Fvp(s)) * s\n"
            "def L(x):\n    return pieces.surrogate(policy.log_prob(x, obs, actions), batch.log_probs, batch.advantages)\n"
            "def KL(x):\n    return mean_kl(policy, theta, x, obs)\n"
            "return pieces.line_search(L, KL, theta, step, delta, backtracks, beta)",
            "batch.log_probs, batch.advantages => policy.log_prob(theta, obs, actions), batch.advantages",
        ],
        "wrong": {
            "lambda v: F(v) + damping * v => F": "damping|λ|enter",
            "+ damping * v => + damping": "right in 1|damping|λ|factor",
            "alpha_max * s => s": "α|alpha|length|maximum_step|step",
            "maximum_step(delta, s, F(s)) => maximum_step(delta, g, F(g))": "direction|variable stands",
            "maximum_step(delta, s, F(s)) => maximum_step(delta, s, F(s) + damping * s)": "damping|λ|damped|F\\(s\\)|undamped",
            "maximum_step(delta, s, F(s)) => maximum_step(delta, s, s)": "F|Fs|product",
            "mean_kl(policy, theta, x, obs) => mean_kl(policy, x, theta, obs)": "exchange|order|old|direction|KL",
            "g, iterations) => -g, iterations)": "sign|uphill|minus|descent",
            "return pieces.line_search(L, KL, theta, alpha_max * s, delta, backtracks, beta) => return theta + alpha_max * s": "line_search|search|piece|never",
            "s = pieces.conjugate_gradient(lambda v: F(v) + damping * v, g, iterations) => s = g": "conjugate_gradient|direction|plain|g|piece|never",
            "policy.log_prob(x, obs, actions), batch.log_probs, => batch.log_probs, policy.log_prob(x, obs, actions),": "exchange|order|old|new|ratio|surrogate",
            "batch.advantages => -batch.advantages": "do not enter|sign|advantages",
            "trpo_step(policy, theta, batch, TRPOConfig(delta=delta, damping=damping, cg_iterations=iterations, backtracks=backtracks, backtrack_ratio=beta))[0]": "pieces|piece|never|line_search|called|stops",
            "theta, alpha_max * s, delta => theta, alpha_max * s, 2 * delta": "δ|delta|radius|KL|factor",
            "return theta": "piece|nothing|theta|never|called|enter",
            "backtracks, beta => 10, 0.5": "backtracks|β|beta|enter|K",
            "g, iterations => g, 10": "iterations|enter",
            "L = lambda x: pieces.surrogate( => L = lambda x: -pieces.surrogate(": "sign|L|surrogate|minus",
            "alpha_max * s, delta, => alpha_max, delta,": "direction|step|number|alpha|α|factor",
            "from trpo_np.line_search import backtracking_line_search\nimport trpo_np\n"
            "g = policy_gradient(policy, theta, batch)\n"
            "F = trpo_np.fisher_vector_product(policy, theta, obs)\n"
            "s = trpo_np.conjugate_gradient(lambda v: F(v) + damping * v, g, iterations).x\n"
            "step = np.sqrt(2 * delta / (s @ F(s))) * s\n"
            "L = lambda x: np.mean(np.exp(policy.log_prob(x, obs, actions) - batch.log_probs) * batch.advantages)\n"
            "for k in range(backtracks + 1):\n    new = theta + beta**k * step\n"
            "    if mean_kl(policy, theta, new, obs) <= delta and L(new) > L(theta):\n        return new\nreturn theta": "piece|never|called",
        },
    },
    "10.8": {
        "right": ["0.0025", "0.01 / 4", "0.01 * 0.5**2", "np.float32(0.0025)"],
        "wrong": {
            "0.005": "square|large|half|quadratic|in proportion",
            "0.01": "large|shortened",
            "0.04": "large|more than δ",
            "0.00125": "small|½",
            "0.02": "large",
            "-0.0025": "sign|below|negative|positive",
            "None": "None|number",
            "'0.0025 nats'": "text|string|quot|unit",
            "[0.0025]": "list|number|bracket",
        },
    },
}
