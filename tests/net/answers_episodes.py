"""Right and wrong answers on episodes, targets and the training loop; see answers_00_04.py."""

UNROLLED_RIGHT = [
    "T = len(ended)\nM = np.eye(T)\nfor t in range(T - 2, -1, -1):\n    if not ended[t]:\n"
    "        M[t] = M[t] + gamma * lam * M[t + 1]\nreturn M",
    "T = len(ended)\nN = np.zeros((T, T))\nfor t in range(T - 1):\n"
    "    N[t, t + 1] = gamma * lam * (1 - ended[t])\nreturn np.linalg.inv(np.eye(T) - N)",
    "T = len(ended)\nepisode = np.concatenate([[0], np.cumsum(ended)[:-1]])\n"
    "j = np.arange(T)[None, :] - np.arange(T)[:, None]\nsame = episode[None, :] == episode[:, None]\n"
    "return np.where((j >= 0) & same, (gamma * lam) ** np.maximum(j, 0), 0.0)",
    "T = len(ended)\nreturn [[float((gamma * lam) ** (i - t) * (not any(ended[t:i]))) if i >= t else 0.0"
    " for i in range(T)] for t in range(T)]",
]
UNROLLED_WRONG = {
    " * (not ended[i]) => ": "ended|enter|episode",
    "gamma * lam * => lam *": "discount|γ|gamma|enter|factor",
    "gamma * lam * => gamma *": "λ|lam|enter|factor",
    "(not ended[i]) => bool(ended[i])": "not|turned|opposite|ended",
    "range(t, T) => range(t + 1, T)": "diagonal|j = 0|itself|index|first|start|round",
    "range(t, T) => range(T)": "column|before|past|triang|start|index|earlier|range",
    "weight = 1.0 => weight = gamma * lam": "diagonal|factor|first|1|once too|multiple|power|start",
    "W[t, i] = weight => W[i, t] = weight": "transpos|row",
    "    W[t, i] = weight\n        weight = weight * gamma * lam * (not ended[i]) => "
    "    weight = weight * gamma * lam * (not ended[i])\n        W[t, i] = weight": "order|diagonal|before|first|one step",
    "return W => return W.T": "transpos",
    "return W => return W / W.sum(axis=1, keepdims=True)": "sum|normal|1|weights|divid|row",
    "return W => return (1 - lam) * W": "1 - λ|1-λ|factor|lam",
    "return W => return W.sum(axis=1)": "shape",
    "W[t, i] = weight => W[t, i] = (gamma * lam) ** (i - t)": "ended|enter|episode",
    "return W => return W[::-1]": "revers|order|turned|backward",
    "(not ended[i]) => (1 - ended[t])": "ended|index|first|row|another|t",
    "W = np.zeros((T, T)) => W = np.ones((T, T))": "ones|zero|triang|before|start",
    "gamma * lam * (not ended[i]) => (gamma + lam) * (not ended[i])": "diagonal|\\+|product|factor|sum|times",
}
VALID_RIGHT = [
    "out = np.ones(ended.shape, dtype=bool)\nout[0] = ~ended_before\nout[1:] = ~ended[:-1]\nreturn out",
    "before = ended_before\nrows = []\nfor t in range(len(ended)):\n    rows.append([not e for e in before])\n"
    "    before = ended[t]\nreturn rows",
    "return (1 - np.vstack([ended_before, ended[:-1]])).astype(bool).tolist()",
    "return np.logical_not(np.roll(np.vstack([ended, ended_before]), 1, axis=0)[:-1])",
]
VALID_WRONG = {
    "return 1 - np.vstack([ended_before, ended[:-1]])": "truth values|index",
    "return ~np.vstack([ended_before, ended[:-1]]).astype(int)": "truth values|−2",
    "~np.concatenate([ended_before[None], ended[:-1]]) => ~ended": "after|one step|next|shift|row|itself|ends",
    "~np.concatenate([ended_before[None], ended[:-1]]) => np.concatenate([ended_before[None], ended[:-1]])": "not|turned|opposite|~|truth|1 minus",
    "ended_before[None] => np.zeros_like(ended[:1])": "ended_before|first row|row 0|enter",
    "ended_before[None] => np.ones_like(ended[:1])": "ended_before|first row|row 0|enter",
    "np.concatenate([ended_before[None], ended[:-1]]) => np.concatenate([ended[1:], ended_before[None]])": "shift|one step|direction|before|other way|order|row",
    "np.concatenate([ended_before[None], ended[:-1]]) => np.concatenate([ended_before[None], ended])": "slice|index|shape",
    "ended[:-1] => ended[1:]": "index|slice|shift|row|first|-1",
    "np.concatenate([ended_before[None], ended[:-1]]) => np.roll(ended, 1, axis=0)": "ended_before|row 0|first row|enter",
    "return ~np => return np.zeros_like(ended) & ~np": "0|False|all|enter",
    "return ~np.concatenate([ended_before[None], ended[:-1]]) => return np.ones_like(ended)": "enter|True|all|none",
    "return ~np.concatenate([ended_before[None], ended[:-1]]) => return (~np.concatenate([ended_before[None], ended[:-1]])).sum(axis=0)": "shape|sum",
    "return ~np.concatenate([ended_before[None], ended[:-1]]) => return ~ended & ~np.concatenate([ended_before[None], ended[:-1]])": "steps that end|ends|last step|itself|ended|condition|counts",
    "ended_before[None] => ended_before": "dimension|shape|stops|axis",
    "return ~np.concatenate([ended_before[None], ended[:-1]]) => return ~np.cumsum(np.concatenate([ended_before[None], ended[:-1]]), axis=0).astype(bool)": "later|only|one step|after|rows|row|cases|episode",
    "np.concatenate([ended_before[None], ended[:-1]]) => np.concatenate([ended_before[None], ended_before[None], ended[:-2]])": "two|one step|index|shift|row|slice|-",
}
RETURNS_RIGHT = [
    "T = len(rewards)\ny = np.zeros_like(rewards)\nfor t in range(T - 1, -1, -1):\n"
    "    later = next_values[t] if t == T - 1 else np.where(ended[t], next_values[t], y[t + 1])\n"
    "    y[t] = rewards[t] + gamma * np.where(terminated[t], 0, (1 - lam) * next_values[t] + lam * later)\n"
    "return y",
    "deltas = rewards + gamma * next_values * (1 - terminated)\ny, extra = [], 0.0\n"
    "for t in reversed(range(len(rewards))):\n"
    "    y.insert(0, deltas[t] + gamma * lam * extra * (1 - ended[t]))\n"
    "    extra = y[0] - next_values[t - 1]\nreturn y",
    "T, E = rewards.shape\ny = np.zeros((T, E), dtype=np.float32)\nfor e in range(E):\n    after = next_values[-1, e]\n"
    "    for t in range(T)[::-1]:\n        if terminated[t, e]:\n            after = rewards[t, e]\n        else:\n"
    "            g = next_values[t, e] if ended[t, e] else after\n"
    "            after = rewards[t, e] + gamma * ((1 - lam) * next_values[t, e] + lam * g)\n"
    "        y[t, e] = after\nreturn y",
]
RETURNS_WRONG = {
    " * ~terminated[t] => ": "terminat|enter",
    "* ~terminated[t] => * ~ended[t]": "truncat|terminat|ended",
    "np.where(ended[t], next_values[t], following) => following": "ended|episode|enter",
    "following = next_values[-1] => following = 0.0": "last|batch|row|0|after|end",
    "gamma * mixed => mixed": "γ|gamma|discount|enter",
    "(1 - lam) * next_values[t] + lam * => lam * next_values[t] + (1 - lam) *": "λ|1 - λ|exchang|weights|lam",
    "(1 - lam) * next_values[t] + lam * => next_values[t] + lam *": "1 - λ|weight|factor|lam|λ",
    "(1 - lam) * next_values[t] + lam * np.where(ended[t], next_values[t], following) => np.where(ended[t], next_values[t], following)": "λ|lam|enter",
    "(1 - lam) * next_values[t] + lam * np.where(ended[t], next_values[t], following) => next_values[t]": "λ|lam|enter|one step|recursion|TD",
    "reversed(range(len(rewards))) => range(len(rewards))": "backward|order|direction|forward|revers",
    "following = targets[t] => following = next_values[t]": "next_values|λ|recursion|one step|renewed|lam|enter|line|targets",
    "rewards[t] + gamma * mixed * ~terminated[t] => (rewards[t] + gamma * mixed) * ~terminated[t]": "reward|terminat|bracket",
    "return targets => return targets - next_values": "advantage|term|next_values|lacks|V",
    "np.where(ended[t], next_values[t], following) => np.where(terminated[t], next_values[t], following)": "truncat|ended|terminat|episode",
    "np.where(ended[t], next_values[t], following) => np.where(ended[t], 0.0, following)": "truncat|ended|value|0|cut",
    "gamma * mixed => gamma**2 * mixed": "square|γ|gamma|power|twice",
    "(1 - lam) * next_values[t] + lam => (1 - lam) * next_values[t] - lam": "sign|\\+|minus",
}
EXPLAINED_RIGHT = [
    "error = targets - values\nreturn 1 - error.var() / targets.var()",
    "n = len(values)\ne = values - targets\nreturn 1 - (np.sum(e**2) / n - (np.sum(e) / n) ** 2)"
    " / (np.sum(targets**2) / n - (np.sum(targets) / n) ** 2)",
    "return np.float32(1 - np.var(targets - values, ddof=1) / np.var(targets, ddof=1))",
    "return [1 - np.var(targets - values) / np.var(targets)][0]",
]
EXPLAINED_WRONG = {
    "np.var(targets - values) => np.mean((targets - values) ** 2)": "mean|variance|square|constant|offset|shift",
    "np.var(targets) => np.var(values)": "values|targets|denominator|enter|exchang|another",
    "1 - np.var => np.var": "1|minus|left|unexplained",
    "np.var =>> np.std": "variance|standard|square|root",
    "np.var(targets - values) / np.var(targets) => np.var(targets) / np.var(targets - values)": "upside|fraction|exchang|other way|revers",
    "1 - np.var(targets - values) / np.var(targets) => np.corrcoef(values, targets)[0, 1] ** 2": "correlation|scale|cases|right in",
    "1 - np.var(targets - values) / np.var(targets) => np.var(values) / np.var(targets)": "error|difference|targets - values|ratio|spread|1",
    "1 - np.var(targets - values) / np.var(targets) => 1 - np.var(targets - values)": "divid|targets|var|term|denominator|unit|size|scale",
    "np.var(targets - values) => np.var(targets + values)": "sign|minus|\\+",
    "np.var(targets - values) / np.var(targets) => np.sum((targets - values) ** 2) / np.sum(targets**2)": "mean|variance|square",
    "1 - np.var(targets - values) => 1 + np.var(targets - values)": "sign|minus|\\+",
    "1 - np.var(targets - values) / np.var(targets) => 100 * (1 - np.var(targets - values) / np.var(targets))": "100|per cent|factor|percent",
    "1 - np.var(targets - values) / np.var(targets) => 1 - (targets - values) ** 2 / targets**2": "shape|var|number|mean",
    "np.var(targets - values) / np.var(targets) => np.var(targets - values) / np.var(targets) / 2": "2|half|factor|divid",
    "np.var(targets - values) => np.var(values)": "targets|error|difference|term|enter",
    "1 - np.var(targets - values) / np.var(targets) => max(0, 1 - np.var(targets - values) / np.var(targets))": "negative|below 0|0|right in|largest",
}
LOOP_RIGHT = [
    "for k in range(iterations):\n    data = collect(theta, normalizer)\n    b, y = estimate(data, w)\n"
    "    w = fit(w, b, y)\n    normalizer = renew(normalizer, data)\n    theta = update(theta, b)\nreturn theta, w, normalizer",
    "k = 0\nwhile k < iterations:\n    rollout = collect(theta, normalizer)\n    batch, targets = estimate(rollout, w)\n"
    "    theta, w, normalizer = update(theta, batch), fit(w, batch, targets), renew(normalizer, rollout)\n    k += 1\n"
    "return np.array([theta, w, normalizer])",
    "if iterations == 0:\n    return theta, w, normalizer\nfor _ in range(iterations):\n"
    "    rollout = collect(theta, normalizer)\n    both = estimate(rollout, w)\n    theta = update(theta, both[0])\n"
    "    w = fit(w, *both)\n    normalizer = renew(normalizer, rollout)\nreturn [theta, w, normalizer]",
]
LOOP_WRONG = {
    "theta = update(theta, batch) => theta = update(theta, batch)\n    rollout = collect(theta, normalizer)": "`collect` twice|calls",
    "batch, targets = estimate => targets, batch = estimate": "exchang|order",
    "for _ in range(iterations):\n    rollout = collect(theta, normalizer) => rollout = collect(theta, normalizer)\nfor _ in range(iterations):": "collect|once|fresh|new|each|data|line|calls",
    "range(iterations) => range(iterations - 1)": "few|one|round|iterations|index",
    "range(iterations) => range(iterations + 1)": "many|one|round|iterations|index",
    "theta = update(theta, batch) => update(theta, batch)": "theta|θ|renewed|kept|line|update|enter",
    "w = fit(w, batch, targets) => fit(w, batch, targets)": "w|renewed|fit|line|value|kept",
    "normalizer = renew(normalizer, rollout) => pass": "normalizer|renew|line",
    "    batch, targets = estimate(rollout, w)\n    theta = update(theta, batch)\n    w = fit(w, batch, targets) => "
    "    batch, targets = estimate(rollout, w)\n    w = fit(w, batch, targets)\n    batch, targets = estimate(rollout, w)\n    theta = update(theta, batch)": "w|fit|old|advantag|value|before|twice|own",
    "    rollout = collect(theta, normalizer)\n    batch => "
    "    rollout = collect(theta, normalizer)\n    normalizer = renew(normalizer, rollout)\n    batch": "normalizer|renew|twice|once",
    "    theta = update(theta, batch)\n => "
    "    theta = update(theta, batch)\n    rollout = collect(theta, normalizer)\n    batch, targets = estimate(rollout, w)\n": "collect|twice|once|rollout|fresh|new|second",
    "return theta, w, normalizer => return theta": "first entry|alone|w|normalizer",
    "return theta, w, normalizer => return w, theta, normalizer": "order|exchang",
    "normalizer = renew(normalizer, rollout)\nreturn => normalizer = renew(normalizer, rollout)\n    return": "loop|return|one round|first",
    "theta = update(theta, batch) => theta = theta + update(theta, batch)": "theta|θ|already|add|new|once too often|step",
    "    theta = update(theta, batch)\n => "
    "    theta = update(theta, batch)\n    theta = update(theta, batch)\n": "twice|update|once|same batch",
    "    normalizer = renew(normalizer, rollout) => "
    "    normalizer = renew(renew(normalizer, rollout), rollout)": "twice|renew|normalizer|once",
    "w = fit(w, batch, targets) => w = fit(w, targets, batch)": "exchang|batch|targets|order",
    "estimate(rollout, w) => estimate(w, rollout)": "exchang|order|arguments",
    "    normalizer = renew(normalizer, rollout) => normalizer = renew(normalizer, rollout)": "loop|once|indent|end|renew|normalizer|round|line|iterations",
}


ANSWERS = {
    "9.7": {"right": UNROLLED_RIGHT, "wrong": UNROLLED_WRONG},
    "9.8": {"right": VALID_RIGHT, "wrong": VALID_WRONG},
    "9.9": {"right": RETURNS_RIGHT, "wrong": RETURNS_WRONG},
    "10.11": {"right": EXPLAINED_RIGHT, "wrong": EXPLAINED_WRONG},
    "10.10": {"right": LOOP_RIGHT, "wrong": LOOP_WRONG},
}
