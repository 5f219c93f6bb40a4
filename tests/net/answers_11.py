"""Right and wrong answers to the exercises of notebook 11; see answers_00_04.py."""

SAFE = (
    "x, r = np.zeros_like(b), b.copy()\np, rr = r.copy(), r @ r\nfor _ in range(iterations):\n"
    "    if {guard}:\n        {leave}\n    Ap = matvec(p)\n    alpha = rr / (p @ Ap)\n"
    "    x = x + alpha * p\n    r = r - alpha * Ap\n    new = r @ r\n    p = r + new / rr * p\n"
    "    rr = new\nreturn x"
)

ANSWERS = {
    "11.1": {
        "right": [
            "np.linalg.norm(A @ solve(lambda v: A @ v, b, n) - b)",
            "np.sum((solve(lambda v: A @ v, b, n) - np.linalg.solve(A, b)) ** 2)",
            "x = solve(lambda v: A @ v, b, len(b))\nreturn float(np.max(np.abs(x - np.linalg.inv(A) @ b)))",
            "0 if np.allclose(solve(lambda v: A @ v, b, n), np.linalg.solve(A, b)) else 1",
        ],
        "wrong": {
            "np.abs(solve(lambda v: A @ v, b, n) - np.linalg.solve(A, b))": "one number|array|shape|list",
            "list(solve(lambda v: A @ v, b, n) - np.linalg.solve(A, b))": "one number|array|list|shape",
            "np.abs(solve(lambda v: A @ v, b, 40) - np.linalg.solve(A, b)).max()": "iterations|many|wrong.*pass|not caught|one iteration less",
            "np.abs(solve(lambda v: A @ v, b, 1) - np.linalg.solve(A, b)).max()": "iterations|n|few|right",
            "np.abs(solve(lambda v: A @ v, b, n) - solve(lambda v: A @ v, b, n)).max()": "itself|same|two|same program|compare",
            "np.abs(solve(lambda v: A @ v, b, n) - cg_1(lambda v: A @ v, b, n)).max()": "cg_1|exhibit|wrong|right program",
            "np.abs(solve(lambda v: A @ v, b, n)).max()": "solution|compare|right|0",
            "solve(A, b, n) - np.linalg.solve(A, b)": "matvec|function|stops|call|matrix",
            "np.allclose(solve(lambda v: A @ v, b, n), np.linalg.solve(A, b))": "turned|True|opposite|0 if|round|wrong way",
            "0": "always|0|same|solve|call|program",
            "1": "always|1|same|solve|call|right",
            "np.nan": "nan|NaN|number|never calls",
            "print(solve(lambda v: A @ v, b, n))": "return",
        },
    },
    "11.2": {
        "right": [
            SAFE.format(guard="rr == 0", leave="break"),
            SAFE.format(guard="not np.any(r)", leave="return x"),
            SAFE.format(guard="rr <= 1e-28 * (b @ b)", leave="break"),
        ],
        "wrong": {
            "    if r @ r == 0:\n        break\n => ": "nan|NaN|0|guard|finite|nothing left",
            "r @ r == 0 => r @ r < 1e-10": "small|b|threshold|scale|size",
            "if r @ r == 0: => if not np.any(b):": "nan|NaN|early|2I|done|finite|residual",
            "break => return np.zeros_like(b)": "found|x|so far|early",
            "(p @ Ap) => (p @ Ap + 1e-8)": "ε|epsilon|small|answer|change|denominator",
            "break => return b": "found|so far|right in 5 of 6",
            "r @ r == 0 => r @ r != 0": "turned|==|compar|0|nothing",
            "break => return None": "return|None|nothing",
            "r @ r == 0 => r @ r <= 1e-8 * iterations": "small|b|threshold|scale|size",
            "range(iterations) => range(iterations + 1)": "once more|more|iteration|many|products",
            "x, r, p = np.zeros_like(b), b, b => if not np.any(b):\n    return b\nx, r, p = np.zeros_like(b), b / np.max(np.abs(b)), b / np.max(np.abs(b))": "scale|factor|length|b",
            "r - alpha * Ap => r + alpha * Ap": "sign|minus|−|residual",
            "(r_next @ r_next) / (r @ r) => ((r_next @ r_next) / (r @ r + 1e-12))": "ε|epsilon|small|answer|change|denominator|b",
        },
    },
    "11.3": {
        "right": [
            "if not sFs > 0:\n    return 0.0\nreturn (2 * delta / sFs) ** 0.5",
            "np.sqrt(2 * delta / sFs) if np.isfinite(sFs) and sFs > 0 else 0.0",
            "if np.isnan(sFs) or sFs <= 0:\n    return 0\nreturn np.sqrt(2 * delta / sFs)",
        ],
        "wrong": {
            "np.sqrt(2 * delta / sFs)": "0|negative|nan|NaN|finite",
            "np.sqrt(2 * delta / abs(sFs)) if sFs != 0 else 0.0": "negative|abs|sign|nan|NaN",
            "sFs > 0 => sFs >= 0": "0|equal|inf|finite|strict|case",
            "0.0 if sFs <= 0 else np.sqrt(2 * delta / sFs)": "nan|NaN|case",
            "np.sqrt(2 * delta / max(sFs, 1e-8))": "0|small|negative|step|tiny",
            "else 0.0 => else 1.0": "0|no step",
            "2 * delta => delta": "2|factor|√",
            "sFs > 0 => sFs > 1e-3": "small|threshold|positive",
            "sFs > 0 => sFs < 0": "turned|compar|>|<",
            "np.sqrt(2 * delta / sFs) => 2 * delta / sFs": "root|√|sqrt",
            "np.nan_to_num(np.sqrt(2 * delta / sFs))": "0|inf|large|huge|finite|case",
            "else 0.0 => else None": "None|0|return",
            "else 0.0 => else np.nan": "nan|NaN|0|finite",
        },
    },
    "11.4": {
        "right": [
            "wrong = 0\nfor kl in (0.5, 2.0):\n    for gain in (-1.0, 1.0):\n"
            "        wrong += accept(kl, 1.0, gain) != (kl <= 1.0 and gain > 0)\nreturn wrong",
            "wrong = 0\nwrong += not accept(0.5, 1, 1)\nwrong += accept(0.5, 1, -1)\nwrong += accept(2, 1, 1)\n"
            "wrong += accept(2, 1, -1)\nreturn int(wrong)",
            "r = np.random.default_rng(0)\nreturn sum(bool(accept(k, 1.0, g)) != (k <= 1.0 and g > 0)"
            " for k, g in zip(r.uniform(0, 2, 400), r.uniform(-1, 1, 400)))",
        ],
        "wrong": {
            "[accept(0.5, 1.0, 1.0) != True, accept(2.0, 1.0, 1.0) != False, accept(0.5, 1.0, -1.0) != False, accept(2.0, 1.0, -1.0) != False]": "one number|list|array|add",
            "(0.5, 1.0): True => (0.5, 1.0): False": "right|table|small KL|gain|should",
            "!= right => == right": "turned|!=|==|opposite|round|count the rows that are right",
            "accept(0.5, 1.0, 1.0) != True": "call|case|four|not caught|wrong.*pass|rows",
            "int(accept(0.005, 0.01, 0.02) != True) + int(accept(0.4, 0.01, -0.1) != False)": "call|case|four|not caught|mixed|pass|rows",
            "0": "always|accept|call|same",
            "accept": "function|call",
            "accept(2.0, 1.0, 1.0)": "case|call|four|pass|not caught|KL alone",
            "accept(0.5, 1.0, -1.0)": "case|call|four|pass|not caught|gain alone",
            "sum(calls.values())": "stops|calls|not defined|NameError",
            "sum(accept(kl, 1.0, gain) for kl in (0.5, 2.0) for gain in (-1.0, 1.0))": "compare|right|1|should",
            "sum(accept(kl, 1.0, gain) for kl in (0.5, 2.0) for gain in (-1.0, 1.0)) - 1": "a loss for a gain|cancel|twice",
            "None": "None|return",
        },
    },
    "11.5": {
        "right": [
            "step = np.array([np.nan, 1.0])\nnew = search(lambda x: 0.0, lambda x: 1.0, theta_old.copy(), step, 1e-30)\n"
            "return 1 - int(np.array_equal(new, theta_old))",
            "new = search(lambda x: 1.0, lambda x: 1.0, theta_old, np.full(2, np.inf), 1e-30)\nreturn float(np.any(new != theta_old))",
            "bad = 0\nfor step in (np.ones(2), np.full(2, np.nan)):\n"
            "    new = search(slope, lambda x: 1.0, np.zeros(2), step, 1e-30)\n    bad += not np.all(new == 0)\nreturn bad",
        ],
        "wrong": {
            "nan_step = np.full(2, np.nan) => nan_step = np.full(2, 0.5)": "NaN|nan|8|second|one of",
            "return not np.array_equal => return np.array_equal": "turned|opposite|round|0 if",
            "new = search(slope, distance, theta_old.copy(), 0 * theta_old, 1e-30)\nreturn not np.array_equal(new, theta_old)": "refused|0|step|pass|NaN|nan|caught",
            "new = search(slope, lambda x: 1.0, theta_old.copy(), np.array([0.4, 0.2]), 1e-30)\nreturn np.abs(new - theta_old).max()": "NaN|nan|8|one of|caught|pass",
            "new = search(slope, lambda x: 1.0, theta_old.copy(), np.full(2, np.nan), 1e-30)\nreturn new - theta_old": "one number|array|shape",
            "new = search(slope, lambda x: 1.0, theta_old.copy(), np.full(2, np.nan), 1e-30)\nreturn np.allclose(new, theta_old, atol=1)": "turned|exact|round|opposite",
            "0": "always|search|call|same",
            "search(slope, lambda x: 1.0, theta_old.copy(), np.full(2, np.nan), 1e-30)": "one number|array|shape",
            "1.0": "always|search|call|same|right",
            "new = search(slope, distance, theta_old.copy(), np.array([0.01, 0.02]), 1.0)\nreturn not np.array_equal(new, theta_old)": "refused|accept|every|right|δ",
            "search(slope, 1.0, theta_old.copy(), np.full(2, np.nan), 1e-30)": "function|stops|call|KL",
        },
    },
    "11.6": {
        "right": ["0.2", "0.1 * (1 + 1)", "0.1 / (1 - 0.5)", "0.1999"],
        "wrong": {
            "0.1": "small|adds|series|right search",
            "1": "large|rim",
            "0.15": "small|pass twice",
            "0.175": "small|three times",
            "2": "large|power of ten",
            "-0.2": "sign|below|negative|positive",
            "None": "None|number",
            "'0.20'": "text|string|quot",
            "[0.2]": "list|number|bracket",
        },
    },
    "11.7": {
        "right": [
            "a, b, c, d = np.random.default_rng(1).standard_normal((4, 6, 2))\n"
            "both = kl(a, b, c, d)\nfirst = kl(a[:, :1], b[:, :1], c[:, :1], d[:, :1])\n"
            "second = kl(a[:, 1:], b[:, 1:], c[:, 1:], d[:, 1:])\nreturn np.linalg.norm(both - first - second)",
            "z = np.zeros((1, 1))\none = kl(z, z, z + 1, z)\nz2 = np.zeros((1, 2))\nreturn abs(kl(z2, z2, z2 + 1, z2)[0] - 2 * one[0])",
            "x = np.random.default_rng(0).standard_normal((4, 5, 1))\n"
            "return np.sum((kl(*np.repeat(x, 3, axis=2)) - 3 * kl(*x)) ** 2)",
        ],
        "wrong": {
            "return np.abs(kl(*policies) - sum(parts)).max() => return np.abs(kl(*policies) - sum(parts))": "one number|array|shape",
            "return np.abs(kl(*policies) - sum(parts)).max() => return list(kl(*policies) - sum(parts))": "one number|list|array",
            "sum(parts) => np.mean(parts, axis=0)": "mean|sum|right",
            "standard_normal((4, 5, 3)) => standard_normal((4, 5, 1))": "one dimension|d = 1|stops|index|dimension",
            "policies = np.zeros((4, 5, 3))\nreturn np.abs(kl(*policies)).max()": "equal|0|same|caught|pass",
            "kl(*policies) - sum(parts) => kl(*policies) - kl(*policies)": "itself|same|always|compare",
            "z = np.zeros((1, 1))\nreturn kl(z, z, z + 1, z)[0] - 0.5": "dimension|one|caught|pass|d",
            "z = np.zeros((1, 2))\nreturn kl(z, z, z + 1, z)[0]": "right|compare|0|subtract",
            "parts = [kl(*policies[:, :, [j]]) for j in range(3)] => parts = [kl(*policies[:, :, [j]]) for j in range(2)]": "dimension|all|three|right",
            "policies[:, :, [j]] => policies[:, :, j]": "stops|axis|shape|\\(N, 1\\)|dimension",
            "0": "always|kl|call|same",
            "None": "None|return",
            "kl": "function|call",
        },
    },
    "11.8": {
        "right": [
            "z = np.zeros((1, 1))\nreturn abs(kl(z, z, z + 1, z + 1)[0] - (1 + 2 / (2 * np.exp(2)) - 0.5))",
            "z = np.zeros((1, 1))\nreturn float(kl(z, z, z, z + np.log(2))[0] - (np.log(2) + 1 / 8 - 0.5))",
            "z = np.zeros((1, 1))\nvalue = kl(z, z, z + 0.3, z - 1)\nreturn np.sum(value - 2.5270)  if abs(value[0] - 2.527) > 1e-3 else 0",
        ],
        "wrong": {
            "[0] - by_hand => - by_hand": "one number|array|shape",
            "-1 + (1 + 0.3**2) / (2 * np.exp(-2)) - 0.5 => 1 + (np.exp(-2) + 0.3**2) / 2 - 0.5": "exchange|other|direction|new|right",
            "z = np.zeros((1, 1))\nreturn kl(z, z, z + 1, z)[0] - 0.5": "width|σ|both directions|symmetric|caught|same|pass",
            "z = np.zeros((1, 1))\nreturn kl(z, z, z, z)[0]": "equal|0|caught|pass|same",
            "z = np.zeros((1, 1))\nreturn kl(z, z, z + 1, z + 1)[0] - kl(z + 1, z + 1, z, z)[0]": "symmetric|number|right|compare|directions",
            "z = np.zeros((1, 1))\nreturn kl(z, z, z + 0.3, z - 1)[0]": "compare|number|subtract|right|hand",
            "by_hand = -1 + (1 + 0.3**2) / (2 * np.exp(-2)) - 0.5 => by_hand = -1 + (1 + 0.3) / (2 * np.exp(-2)) - 0.5": "by hand|number|right|\\(5.8\\)|work",
            "by_hand = -1 + (1 + 0.3**2) / (2 * np.exp(-2)) - 0.5 => by_hand = 2.53": "digits|decimals|rounded|precise|right|work",
            "by_hand = -1 + (1 + 0.3**2) / (2 * np.exp(-2)) - 0.5 => by_hand = -1 + (1 + 0.3**2) / (2 * np.exp(-1)) - 0.5": "by hand|number|right|σ|work",
            "kl(0, 0, 0.3, -1) - by_hand": "shape|\\(1, 1\\)|stops|array|not defined|axis",
            "0": "always|kl|call|same",
            "None": "None|return",
            "h = np.full((1, 1), 1e-3)\nz = np.zeros((1, 1))\nreturn kl(z, z, h, h)[0] - 1.5e-6": "small|near|far|caught|pass|tiny",
        },
    },
    "11.9": {
        "right": [
            "H = hessian(divergence(policy, theta, obs))(theta)\nreturn np.linalg.norm(H - explicit_fisher(policy, theta, obs))",
            "H = hessian(divergence(policy, theta, obs))(theta)\nF = explicit_fisher(policy, theta, obs)\nreturn float(not np.allclose(H, F))",
            "k = divergence(policy, theta, obs)\nreturn np.sum((hessian(k)(theta) - explicit_fisher(policy, theta, obs)) ** 2)",
        ],
        "wrong": {
            ").max() => )": "one number|array|shape|matrix",
            "hessian(k)(theta) - explicit_fisher(policy, theta, obs) => hessian(k)(theta)": "F|compare|right|subtract",
            "divergence(policy, theta, obs)(theta)": "value|curvature|0|caught|pass|both",
            "np.linalg.norm(grad(divergence(policy, theta, obs))(theta))": "slope|curvature|0|caught|pass|both",
            "hessian(k)(theta) - explicit_fisher => hessian(k)(theta) + explicit_fisher": "sign|minus|right|subtract",
            "hessian(k)(theta) - explicit_fisher(policy, theta, obs) => hessian(k)(theta) - hessian(k)(theta)": "itself|same|always|compare",
            "hessian(k)(theta) => hessian(k)": "function|stops|call|point",
            "hessian(k)(theta) => hessian(k(theta))": "function|stops|call",
            "hessian(k)(theta) - explicit_fisher(policy, theta, obs) => hessian(k)(theta) - np.eye(len(theta))": "F|identity|right|finds fault",
            "hessian(k)(theta) => hessian(k)(theta + 1)": "θ|theta|point|right|at",
            "0": "always|divergence|call|same",
            "None": "None|return",
            "np.abs(hessian(k)(theta)).max()": "stops|k|defined",
        },
    },
    "11.10": {
        "right": [
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(5))\n"
            "return np.linalg.norm(gauss_policy.log_prob(gauss_theta, o, a) - l)",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(5))\n"
            "ratio = np.exp(gauss_policy.log_prob(gauss_theta, o, a) - l)\nreturn np.max(np.abs(ratio - 1))",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(1))\n"
            "return np.mean((gauss_policy.log_prob(gauss_theta, o, a) - l) ** 2)",
        ],
        "wrong": {
            " - log_probs).max() =>  - log_probs)": "one number|array|shape",
            " - log_probs).max() => ).max()": "stored|compare|subtract|right|0",
            "gauss_policy.log_prob(gauss_theta, obs, actions) - log_probs => log_probs - log_probs": "itself|same|always|compare",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(0))\nreturn abs(gauss_policy.log_prob(gauss_theta, o, a)[-1] - l[-1])": "last|end|all|caught|pass|first|lets through",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(0))\n"
            "return np.std(gauss_policy.log_prob(gauss_theta, o, a) - l)": "same number|constant|all wrong",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(0))\nreturn abs(o.mean())": "log|compare|right|observ|pass|caught",
            "o, a, l = collect(gauss_policy, gauss_theta)\nreturn 0": "rng|argument|stops|missing",
            "gauss_policy.log_prob(gauss_theta, obs, actions) => gauss_policy.log_prob(gauss_theta + 1, obs, actions)": "θ|theta|right|parameters",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(0))\nreturn float(not np.isfinite(l).all())": "finite|caught|pass|always|compare|same",
            "0": "always|collect|call|same",
            "None": "None|return",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(0))\nreturn np.exp(gauss_policy.log_prob(gauss_theta, o, a) - l).mean()": "1|subtract|right|ratio",
            "o, a, l = collect(gauss_policy, gauss_theta, np.random.default_rng(0))\nreturn np.allclose(gauss_policy.log_prob(gauss_theta, o, a), l)": "turned|opposite|True|round",
        },
    },
    "11.11": {
        "right": [
            "out = standardise(np.arange(10.0))\nreturn max(abs(out.mean()), abs(out.std() - 1))",
            "A = np.random.default_rng(3).normal(2, 7, 500)\nreturn np.abs(standardise(A) - (A - A.mean()) / A.std()).max()",
            "out = standardise(np.random.default_rng(3).normal(2, 7, 500))\nreturn abs(np.var(out) - 1)",
        ],
        "wrong": {
            "abs(result.mean()) + abs(result.std() - 1) => abs(result.mean())": "width|std|standard deviation|caught|pass|1",
            "abs(result.mean()) + abs(result.std() - 1) => [abs(result.mean()), abs(result.std() - 1)]": "one number|list|array",
            "abs(result.mean()) + abs(result.std() - 1) => result": "one number|array|shape",
            "abs(result.mean()) + abs(result.std() - 1) => abs(result.mean()) + abs(result.std())": "1|std|right|subtract",
            "out = standardise(np.ones(5))\nreturn abs(out.mean())": "constant|caught|pass|width|same|finite|right one",
            "A = np.arange(10.0)\nreturn np.abs(standardise(A) - (A - A.mean()) / A.var()).max()": "variance|std|right",
            "A = np.arange(10.0)\nreturn np.abs(standardise(A) - standardise(A)).max()": "itself|same|always|compare",
            "0": "always|standardise|call|same",
            "None": "None|return",
            "standardise(5)": "array|stops|number|shape",
            "out = standardise(np.arange(10.0))\nreturn float(np.isnan(out).any())": "caught|pass|always|same|width",
            "out = standardise(np.arange(10.0))\nreturn out.std()": "1|subtract|right",
        },
    },
}
