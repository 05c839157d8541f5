#!/usr/bin/env python3
"""Independent solution of cases of the schema of tests/data/voids.json: one rail on unilateral ballast with
gaps and dead weight. The beams are those of edge_cases.py; the ballast law is met at the end of every step by
an active set of sleepers and a new factorisation whenever it changes.

    venv/bin/python tests/peers/void_cases.py FILE.json [STEP_S]   # 5e-5 s unless given

Prints {"cases": [{"name", "expected"}]}.
"""
import json
import sys

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded
from scipy.signal import butter, sosfiltfilt

from edge_cases import Rail


class Voids:
    def __init__(self, p):
        self.p = p
        track = {
            "rail": "euler-bernoulli", "bending_stiffness_n_m2": p["rail_EI_N_m2"],
            "mass_kg_m": p["rail_mass_kg_per_m"], "pad_stiffness_n_m": p["pad_stiffness_N_per_m"],
            "pad_damping_n_s_m": p.get("pad_damping_N_s_per_m", 0.0),
            "sleeper_mass_kg": p["half_sleeper_mass_kg"], "ballast_stiffness_n_m": 0.0,
            "ballast_damping_n_s_m": 0.0, "bay_m": p["sleeper_spacing_m"], "bays": p["number_of_bays"],
            "elements_per_bay": p["elements_per_bay"],
        }
        self.rail = Rail(track)
        self.s = np.array(self.rail.sleeper)
        self.kb = p["ballast_stiffness_per_sleeper_N_per_m"]
        self.cb = p.get("ballast_damping_per_sleeper_N_s_per_m", 0.0)
        self.gap = np.zeros(len(self.s))
        for index, gap in p.get("gaps_by_sleeper_index_mm", {}).items():
            self.gap[int(index)] = gap * 1e-3
        words = p["ballast_law"].lower()
        self.clipped = "unclipped" not in words
        self.linear = not words.startswith("unilateral")
        g = p["dead_weight_g_m_per_s2"]
        self.weight = np.zeros(self.rail.size)
        length, per_m = self.rail.beam.length, g * p["rail_mass_kg_per_m"]
        for e in range(self.rail.nodes - 1):
            a, b = self.rail.at[e], self.rail.at[e + 1]
            for dof, value in ((a, length / 2), (a + 1, length**2 / 12), (b, length / 2), (b + 1, -length**2 / 12)):
                self.weight[dof] += per_m * value
        self.weight[self.s] += g * p["half_sleeper_mass_kg"]

    def banded(self, matrix):
        coo, lower = matrix.tocoo(), np.zeros((5, self.rail.size))
        keep = coo.row >= coo.col
        np.add.at(lower, (coo.row[keep] - coo.col[keep], coo.col[keep]), coo.data[keep])
        return lower

    def law(self, u, v):
        d = u - self.gap
        force = self.kb * d + self.cb * v
        if self.linear:
            return np.ones(len(d), bool), force
        carries = d > 0
        if self.clipped:
            carries &= force > 0
        return carries, np.where(carries, force, 0.0)

    def static(self, load):
        base = self.banded(self.rail.k)
        carries = np.ones(len(self.s), bool)
        if not load.any():
            return np.zeros(self.rail.size)
        for _ in range(200):
            lower = base.copy()
            lower[0, self.s[carries]] += self.kb
            f = load.copy()
            f[self.s[carries]] += self.kb * self.gap[carries]
            factor = cholesky_banded(lower, lower=True)
            u = cho_solve_banded((factor, True), f)
            for _ in range(3):
                r = f - self.rail.k @ u
                r[self.s[carries]] -= self.kb * u[self.s[carries]]
                u += cho_solve_banded((factor, True), r)
            now = np.ones(len(self.s), bool) if self.linear else u[self.s] > self.gap
            if (now == carries).all():
                return u
            carries = now
        raise RuntimeError("no equilibrium")

    def at(self, x, force):
        dofs, n, _ = self.rail.place(x)
        f = np.zeros(self.rail.size)
        f[dofs] = force * n
        return f

    def run(self, h, sleepers):
        p, rail = self.p, self.rail
        x0, v = p["start_position_m"], p["speed_m_per_s"]
        steps = round((p["end_position_m"] - x0) / v / h)
        weight, wheel = p["static_wheel_load_N"], "wheel_mass_kg" in p
        base = self.banded(rail.m + h / 2 * rail.c + h * h / 4 * rail.k)
        held, factors = h / 2 * self.cb + h * h / 4 * self.kb, {}
        u = self.static(self.weight + (self.at(x0, weight) if wheel else 0.0))
        du, a, force = np.zeros_like(u), np.zeros_like(u), 0.0
        if wheel:
            dofs, n, _ = rail.place(x0)
            hertz = p["hertz_constant_N_per_m_1p5"]
            z = np.full(2, n @ u[dofs] + (weight / hertz) ** (2 / 3))
            dz, az = np.zeros(2), np.zeros(2)
            mass = np.diag([p["wheel_mass_kg"], p.get("bogie_mass_per_wheel_kg") or 1.0])
            link = np.array([[1.0, -1.0], [-1.0, 1.0]])
            carried = p.get("bogie_mass_per_wheel_kg") is not None
            k1 = p.get("primary_stiffness_N_per_m") or 0.0 if carried else 0.0
            c1 = p.get("primary_damping_N_s_per_m") or 0.0 if carried else 0.0
            z0 = z.copy()
            inverse = np.linalg.inv(mass + h / 2 * c1 * link + h * h / 4 * k1 * link)
            force = weight
        carries, _ = self.law(u[self.s], du[self.s])
        out = {name: [] for name in ("x", "force", "under")}
        motion = {name: [] for name in ("u", "v", "a", "n", "rail")}
        pick = self.s[sleepers]
        over = np.array([rail.at[i * p["elements_per_bay"]] for i in sleepers])
        for step in range(1, steps + 1):
            t = step * h
            x = x0 + v * t
            dofs, n, _ = rail.place(x)
            us, vs = u + h * du + h * h / 4 * a, du + h / 2 * a
            plain = self.weight - rail.k @ us - rail.c @ vs
            if wheel:
                zs, dzs = z + h * dz + h * h / 4 * az, dz + h / 2 * az
                pull = -(k1 * link @ (zs - z0)) - c1 * link @ dzs + np.array([weight, 0.0])
            else:
                ramp = p.get("load_ramp_time_s", 0.0)
                force = weight * (1 - np.cos(np.pi * t / ramp)) / 2 if t < ramp else weight
                plain[dofs] += force * n
            for _ in range(20):
                key = carries.tobytes()
                if key not in factors:
                    lower = base.copy()
                    lower[0, self.s[carries]] += held
                    factors[key] = cholesky_banded(lower, lower=True, check_finite=False), True
                f = plain.copy()
                on = self.s[carries]
                f[on] -= self.kb * (us[on] - self.gap[carries]) + self.cb * vs[on]
                a = cho_solve_banded(factors[key], f, check_finite=False)
                if wheel:
                    e = np.zeros_like(f)
                    e[dofs] = n
                    unit = cho_solve_banded(factors[key], e, check_finite=False)
                    free = inverse @ pull
                    inside = max(0.0, 1 - abs(x - p["irregularity_centre_m"]) / p["irregularity_half_length_m"]) \
                        if p.get("irregularity_total_angle_rad") else 0.0
                    drop = inside**2 * p.get("irregularity_total_angle_rad", 0.0) \
                        * p.get("irregularity_half_length_m", 0.0) / 4
                    gap = zs[0] + h * h / 4 * free[0] - drop - n @ (us + h * h / 4 * a)[dofs]
                    soft = h * h / 4 * (n @ unit[dofs] + inverse[0, 0])
                    d = max(gap, 0.0)
                    for _ in range(60):
                        if d <= 0:
                            break
                        change = (d + soft * hertz * d**1.5 - gap) / (1 + 1.5 * soft * hertz * d**0.5)
                        d = max(d - change, 0.0)
                        if abs(change) < 1e-17:
                            break
                    force = hertz * d**1.5
                    a = a + force * unit
                now, ballast = self.law((us + h * h / 4 * a)[self.s], (vs + h / 2 * a)[self.s])
                if (now == carries).all():
                    break
                carries = now
            if wheel:
                az = free - inverse[:, 0] * force
                z, dz = zs + h * h / 4 * az, dzs + h / 2 * az
            u, du = us + h * h / 4 * a, vs + h / 2 * a
            out["x"].append(x)
            out["force"].append(force)
            out["under"].append(n @ u[dofs])
            for name, row in (("u", u[pick]), ("v", du[pick]), ("a", a[pick]), ("n", ballast[sleepers]),
                              ("rail", u[over])):
                motion[name].append(row)
        return {k: np.array(v) for k, v in out.items()}, {k: np.array(v).T for k, v in motion.items()}


def low(values, corner, h):
    return sosfiltfilt(butter(4, corner, fs=1 / h, output="sos"), values, axis=-1)


def solve(case, h):
    p, kind = case["parameters"], case["kind"][0]
    voids = Voids(p)
    sleepers = case.get("arrays_are_sleepers") or [p["number_of_bays"] // 2]
    if kind == "B":
        load = (p["load_position_m"], p["static_wheel_load_N"])
        loaded, empty = voids.static(voids.weight + voids.at(*load)), voids.static(voids.weight)
        dofs, n, _ = voids.rail.place(load[0])
        force = lambda u: voids.law(u[voids.s], 0 * u[voids.s])[1]
        return {
            "sleeper_disp_mm": loaded[voids.s][sleepers] * 1e3,
            "sleeper_ballast_force_kN": force(loaded)[sleepers] / 1e3,
            "rail_disp_under_load_mm": n @ loaded[dofs] * 1e3,
            "sum_of_all_ballast_forces_kN": force(loaded).sum() / 1e3,
            "unloaded_sleeper_disp_mm": empty[voids.s][sleepers] * 1e3,
            "unloaded_sleeper_ballast_force_kN": force(empty)[sleepers] / 1e3,
            "rail_disp_at_x0_end_mm": loaded[0] * 1e3,
        }
    out, m = voids.run(h, sleepers)
    mid = len(sleepers) // 2
    if kind == "A":
        touch = np.nonzero(m["n"][mid] > 0)[0]
        return {
            "sleeper_disp_max_mm": m["u"].max(1) * 1e3,
            "sleeper_ballast_force_max_kN": m["n"].max(1) / 1e3,
            "mid_sleeper_disp_min_mm": m["u"][mid].min() * 1e3,
            "rail_disp_max_at_mid_sleeper_mm": m["rail"][mid].max() * 1e3,
            "rail_disp_under_load_max_mm": out["under"].max() * 1e3,
            "mid_sleeper_velocity_max_mm_s": m["v"][mid].max() * 1e3,
            "mid_sleeper_acc_abs_max_m_s2": np.abs(m["a"][mid]).max(),
            "mid_first_contact_load_position_m": out["x"][touch[0]] if len(touch) else None,
        }
    tt = (out["x"] - p["irregularity_centre_m"]) / p["speed_m_per_s"]
    inside = lambda a, b: (tt >= a - 1e-9) & (tt <= b + 1e-9)
    f = out["force"] / 1e3
    if kind == "C":
        slow, late = low(f, 90, h), inside(-0.05, 0.1)
        most = lambda rows: np.abs(rows[:, late]).max(1)
        return {
            "P1_kN": f[inside(-5e-4, 2.5e-3)].max(), "P2_lp90_kN": slow[inside(-5e-4, 0.03)].max(),
            "F_min_kN": f[inside(-5e-4, 0.05)].min(), "F_min_lp90_kN": slow[inside(-0.02, 0.05)].min(),
            "contact_loss_total_ms": (out["force"][inside(-5e-4, 0.05)] <= 0).sum() * h * 1e3,
            "sleeper_disp_max_mm": most(m["u"]) * 1e3, "sleeper_acc_abs_max_m_s2": most(m["a"]),
            "sleeper_acc_lp1k_abs_max_m_s2": most(low(m["a"], 1000, h)),
            "sleeper_ballast_force_max_kN": most(m["n"]) / 1e3,
            "sleeper_ballast_force_lp1k_max_kN": most(low(m["n"], 1000, h)) / 1e3,
        }
    near = inside(-p["irregularity_half_length_m"] / p["speed_m_per_s"] - 5e-4, 0.015)
    return {
        "F_max_kN": f[near].max(), "t_Fmax_after_flat_centre_ms": tt[near][f[near].argmax()] * 1e3,
        "F_lp1k_max_kN": low(f, 1000, h)[near].max(), "F_min_kN": f[near].min(),
        "contact_loss_total_ms": (out["force"][near] <= 0).sum() * h * 1e3,
        "sleeper_acc_abs_max_m_s2": np.abs(m["a"][mid][near]).max(),
        "sleeper_ballast_force_max_kN": m["n"][mid][near].max() / 1e3,
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        cases = json.load(file)["cases"]
    step = float(sys.argv[2]) if len(sys.argv) > 2 else 5e-5
    plain = lambda value: np.asarray(value, float).tolist() if value is not None else None
    print(json.dumps({"cases": [
        {"name": case["name"], "expected": {k: plain(v) for k, v in solve(case, step).items()}}
        for case in cases
    ]}, indent=1))
