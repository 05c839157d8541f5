#!/usr/bin/env python3
"""Independent solution of cases of the schema of tests/data/two-rails.json: sparse finite elements for
rails and bearers as its definition says, scipy's factorisation, Newmark's average acceleration.

    venv/bin/python tests/peers/two_rail_cases.py FILE.json

Prints {"cases": [{"name", "expected"}]} with statics, receptance and the moving load.
"""
import json
import math
import sys

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from edge_cases import Beam

H_MAX = 0.1  # longest element of a bearer, m


def winkler(length):
    """Consistent matrix of a unit distributed property along a cubic element."""
    l = length
    return l / 420 * np.array([
        [156, 22 * l, 54, -13 * l], [22 * l, 4 * l * l, 13 * l, -3 * l * l],
        [54, 13 * l, 156, -22 * l], [-13 * l, -3 * l * l, -22 * l, 4 * l * l]])


def bending(length, ei):
    l = length
    return ei / l**3 * np.array([
        [12, 6 * l, -12, 6 * l], [6 * l, 4 * l * l, -6 * l, 2 * l * l],
        [-12, -6 * l, 12, -6 * l], [6 * l, 2 * l * l, -6 * l, 4 * l * l]])


class Pair:
    def __init__(self, p, timoshenko=False, per=None):
        t, rail, bearer, pad = p["track"], p["rail"], p["bearer"], p["pad"]
        self.per = per or t["rail_elements_per_bay"]
        self.bays, self.bay = t["n_bays"], t["bay_length_m"]
        self.l = self.bay / self.per
        self.seats = [p["seats"]["left_y_m"], p["seats"]["right_y_m"]]
        nodes = self.bays * self.per + 1
        self.entries = {"k": [], "m": [], "c": []}
        self.shapes, self.rail0 = [], [0, 2 * nodes]
        mass = rail["mass_per_length_kg_per_m"]
        for side in (0, 1):
            shapes = []
            for e in range(nodes - 1):
                ei = rail["EI_left_N_m2"] if side == 0 else self.right_ei(rail, (e + 0.5) * self.l)
                beam = Beam.__new__(Beam)
                beam.length, beam.ei, beam.mass, beam.ga, beam.rho_i = self.l, ei, mass, np.inf, 0.0
                if timoshenko:
                    area = rail["timoshenko_area_m2"]
                    beam.ga = rail["timoshenko_kappa"] * rail["timoshenko_shear_modulus_Pa"] * area
                    beam.rho_i = mass * rail["timoshenko_second_moment_m4"] / area
                beam.shapes = beam.basis(beam.length)[0]
                ke, me = beam.matrices()
                at = self.rail0[side] + 2 * e + np.arange(4)
                self.add("k", at, ke)
                self.add("m", at, me)
                shapes.append(beam)
            self.shapes.append(shapes)
        n = 4 * nodes
        self.bearers = []
        for i in range(self.bays + 1):
            left, right = bearer["left_end_y_m"], bearer["right_end_y_m"]
            marks = [left, *self.seats, right]
            y = [left]
            for a, b in zip(marks, marks[1:]):
                count = math.ceil((a - b) / H_MAX - 1e-9)
                y += list(a - (a - b) * np.arange(1, count + 1) / count)
            y = np.array(y)
            for e in range(len(y) - 1):
                l, at = y[e] - y[e + 1], n + 2 * e + np.arange(4)
                w = winkler(l)
                self.add("k", at, bending(l, bearer["EI_N_m2"])
                         + bearer["ballast_stiffness_per_length_N_per_m2"] * w)
                self.add("c", at, bearer["ballast_damping_per_length_N_s_per_m2"] * w)
                self.add("m", at, bearer["mass_per_length_kg_per_m"] * w)
            self.bearers.append((n, y))
            for side in (0, 1):
                a, b = self.rail0[side] + 2 * i * self.per, self.seat(i, side)
                for key, value in (("k", pad["stiffness_N_per_m"]), ("c", pad["damping_N_s_per_m"])):
                    self.add(key, np.array([a, b]), value * np.array([[1.0, -1.0], [-1.0, 1.0]]))
            n += 2 * len(y)
        self.size = n
        self.k, self.m, self.c = (self.matrix(key) for key in "kmc")
        self.pad = pad["stiffness_N_per_m"]

    @staticmethod
    def right_ei(rail, x):
        for segment in rail.get("right_rail_EI_segments") or []:
            if segment["x_start_m"] <= x <= segment["x_end_m"]:
                return segment["EI_N_m2"]
        return rail["EI_right_N_m2"]

    def add(self, key, at, block):
        self.entries[key].append((np.repeat(at, len(at)), np.tile(at, len(at)), np.asarray(block).ravel()))

    def matrix(self, key):
        i, j, v = (np.concatenate(part) for part in zip(*self.entries[key]))
        return sp.csc_matrix((v, (i, j)), (self.size, self.size))

    def seat(self, i, side):
        first, y = self.bearers[i]
        return first + 2 * int(np.abs(y - self.seats[side]).argmin())

    def rail(self, side, x):
        e = min(max(int(x / self.l + 1e-9), 0), len(self.shapes[side]) - 1)
        return self.rail0[side] + 2 * e + np.arange(4), self.shapes[side][e].deflection(x - e * self.l)

    def point(self, i, y):
        """Unknowns and weights of a place on a bearer."""
        first, nodes = self.bearers[i]
        e = min(int(np.searchsorted(-nodes, -y - 1e-12, "right")) - 1, len(nodes) - 2)
        e = max(e, 0)
        l = nodes[e] - nodes[e + 1]
        s = (nodes[e] - y) / l
        weights = np.array([1 - 3 * s**2 + 2 * s**3, l * (s - 2 * s**2 + s**3), 3 * s**2 - 2 * s**3,
                            l * (s**3 - s**2)])
        return first + 2 * e + np.arange(4), weights

    def points(self, i):
        first, y = self.bearers[i]
        return {"left_end": y[0], "left_seat": self.seats[0], "track_centre_y0": 0.0,
                "bearer_midpoint": (y[0] + y[-1]) / 2, "right_seat": self.seats[1], "right_end": y[-1]}


def statics(track, p):
    i, loads = p["output"]["bearer_index"], p["loads"]
    lu, result = splu(track.k), {}
    for name, x in (("over_bearer", i * track.bay), ("midspan", (i + 0.5) * track.bay)):
        result[name] = {"x_m": x}
        for key, forces in (("both_loads_same_x", (loads["force_left_N"], loads["force_right_N"])),
                            ("right_rail_only_100kN", (0.0, 1e5))):
            f = np.zeros(track.size)
            for side in (0, 1):
                at, n = track.rail(side, x)
                f[at] += forces[side] * n
            u = lu.solve(f)
            u += lu.solve(f - track.k @ u)
            out = {}
            for side, word in ((1, "right"), (0, "left")):
                at, n = track.rail(side, x)
                out[f"rail_{word}_at_load_x_mm"] = n @ u[at] * 1e3
            for word, y in track.points(i).items():
                at, n = track.point(i, y)
                out[f"bearer_{word}_mm"] = n @ u[at] * 1e3
            for b in (i - 1, i, i + 1):
                for side, word in ((1, "right"), (0, "left")):
                    a = track.rail0[side] + 2 * b * track.per
                    out[f"pad_force_{word}_bearer_{b}_N"] = track.pad * (u[a] - u[track.seat(b, side)])
            result[name][key] = out
    return result


def receptance(track, p):
    i, block = p["output"]["bearer_index"], {"frequencies_Hz": p["output"]["receptance_frequencies_Hz"]}
    for name, x in (("over_bearer", i * track.bay), ("midspan", (i + 0.5) * track.bay)):
        direct, cross = [], []
        at, n = track.rail(1, x)
        other, o = track.rail(0, x)
        f = np.zeros(track.size, complex)
        f[at] = n
        for hz in block["frequencies_Hz"]:
            w = 2 * np.pi * hz
            u = splu((track.k + 1j * w * track.c - w * w * track.m).tocsc()).solve(f)
            direct.append(n @ u[at])
            cross.append(abs(o @ u[other]))
        block[name] = {"x_m": x, "direct_right_rail_magnitude_m_per_N": np.abs(direct).tolist(),
                       "direct_right_rail_phase_rad": np.angle(direct).tolist(),
                       "cross_left_rail_same_x_magnitude_m_per_N": cross}
    return block


def moving(track, p):
    loads, out, h = p["loads"], p["output"], p["integration"]["dt_s"]
    i, v = out["bearer_index"], loads["speed_m_per_s"]
    start = [loads["start_x_left_m"], loads["start_x_right_m"]]
    force = [loads["force_left_N"], loads["force_right_N"]]
    side_steps = round(0.5e-3 / h)
    steps = math.ceil((out["window_end_x_m"] - start[1]) / v / h) + side_steps + 1
    lu = splu((track.m + h / 2 * track.c + h * h / 4 * track.k).tocsc())
    k, c = track.k.tocsr(), track.c.tocsr()
    u, du, a = (np.zeros(track.size) for _ in range(3))
    points = [track.point(i, y) for y in track.points(i).values()]
    rows = {"x": [0.0] * 0, "under": [], "rail": [], "u": [], "v": [], "a": []}
    over = [track.rail0[side] + 2 * i * track.per for side in (0, 1)]
    for step in range(1, steps + 1):
        t = step * h
        ramp = (1 - np.cos(np.pi * t / loads["ramp_time_s"])) / 2 if t < loads["ramp_time_s"] else 1.0
        us, vs = u + h * du + h * h / 4 * a, du + h / 2 * a
        f = -(k @ us) - c @ vs
        places = [track.rail(side, start[side] + v * t) for side in (0, 1)]
        for side, (at, n) in enumerate(places):
            f[at] += ramp * force[side] * n
        a = lu.solve(f)
        u, du = us + h * h / 4 * a, vs + h / 2 * a
        rows["x"].append(start[1] + v * t)
        rows["under"].append([n @ u[at] for at, n in places])
        rows["rail"].append([u[over[0]], u[over[1]]])
        for name, value in (("u", u), ("v", du), ("a", a)):
            rows[name].append([n @ value[at] for at, n in points])
    rows = {key: np.array(value) for key, value in rows.items()}
    inside = np.nonzero((rows["x"] >= out["window_start_x_m"] - 1e-9)
                        & (rows["x"] <= out["window_end_x_m"] + 1e-9))[0]
    got = {}
    for side, word in ((1, "right"), (0, "left")):
        got[f"peak_rail_{word}_at_output_bearer_mm"] = rows["rail"][inside, side].max() * 1e3
    for side, word in ((1, "right"), (0, "left")):
        under = rows["under"][inside, side] * 1e3
        got |= {f"under_{word}_load_mean_mm": under.mean(), f"under_{word}_load_min_mm": under.min(),
                f"under_{word}_load_max_mm": under.max()}
    for j, word in enumerate(track.points(i)):
        got[f"bearer_{word}_max_mm"] = rows["u"][inside, j].max() * 1e3
        got[f"bearer_{word}_min_mm"] = rows["u"][inside, j].min() * 1e3
        got[f"bearer_{word}_raw_newmark_peak_abs_acceleration_m_per_s2"] = np.abs(rows["a"][inside, j]).max()
        mean = (rows["v"][inside + side_steps, j] - rows["v"][inside - side_steps, j]) / (2 * side_steps * h)
        for what, value in (("max", mean.max()), ("min", mean.min()), ("peak_abs", np.abs(mean).max())):
            got[f"bearer_{word}_{what}_1ms_mean_acceleration_m_per_s2"] = value
    got["samples_in_window"] = len(inside)
    return {key: float(value) for key, value in got.items()}


def solve(p):
    bernoulli, timoshenko = Pair(p), Pair(p, True)
    return {
        "static": {"euler_bernoulli": statics(bernoulli, p), "timoshenko": statics(timoshenko, p)},
        "receptance_right_rail_force_1N": {"euler_bernoulli": receptance(bernoulli, p),
                                           "timoshenko": receptance(timoshenko, p)},
        "moving_load_euler_bernoulli": moving(bernoulli, p),
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        cases = json.load(file)["cases"]
    print(json.dumps({"cases": [{"name": case["parameters"]["name"], "expected": solve(case["parameters"])}
                                for case in cases]}, indent=1))
