#!/usr/bin/env python3
"""Independent solution of a moving load over two rails on flexible bearers with unilateral ballast, dead
weight and a gap that runs along the bearers: finite elements of 25 mm along each bearer with the ballast in
pieces at their nodes, Newmark's average acceleration at the step of the case, the ballast law iterated at the
end of every step. The reference of the gates "gap along the bearer".

    venv/bin/python tests/peers/two_rail_voids.py
"""
import json
import sys

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

import two_rail_cases
from two_rail_cases import Pair

BAYS, MIDDLE, STEP = 24, 12, 5e-5
H_MAX = float(sys.argv[1]) if len(sys.argv) > 1 else 0.025
# Gap in mm at y, linear between: the left end hangs by 1.5 mm, the right one lies.
GAP_Y, GAP_MM = [-1.3, 0.3, 1.3], [0.0, 0.0, 1.5]
CASE = {
    "track": {"n_bays": BAYS, "bay_length_m": 0.6, "rail_elements_per_bay": 4},
    "rail": {"EI_left_N_m2": 6.3798e6, "EI_right_N_m2": 6.3798e6, "mass_per_length_kg_per_m": 60.21},
    "pad": {"stiffness_N_per_m": 150e6, "damping_N_s_per_m": 30e3},
    "seats": {"left_y_m": 0.75, "right_y_m": -0.75},
    "bearer": {"EI_N_m2": 6e6, "mass_per_length_kg_per_m": 300 / 2.6, "left_end_y_m": 1.3, "right_end_y_m": -1.3,
               "ballast_stiffness_per_length_N_per_m2": 0.0, "ballast_damping_per_length_N_s_per_m2": 0.0},
}
KB, CB, G = 120e6 / 2.6, 160e3 / 2.6, 9.81
FORCE, START, SPEED, RAMP, STEPS = (1e5, 6e4), 3.0, 40.0, 0.05, 4500  # left, right


def main():
    two_rail_cases.H_MAX = H_MAX
    track = Pair(CASE)
    n = track.size
    at, share, gap = [], [], []
    weight = np.zeros(n)
    nodes = BAYS * 4 + 1
    for side in (0, 1):
        for e in range(nodes - 1):
            dofs, l = track.rail0[side] + 2 * e, track.l
            weight[dofs:dofs + 4] += 60.21 * G * np.array([l / 2, l * l / 12, l / 2, -l * l / 12])
    for i, (first, y) in enumerate(track.bearers):
        for e in range(len(y) - 1):
            l = y[e] - y[e + 1]
            weight[first + 2 * e:first + 2 * e + 4] += 300 / 2.6 * G * np.array([l / 2, l * l / 12, l / 2, -l * l / 12])
        lengths = np.zeros(len(y))
        lengths[:-1] += (y[:-1] - y[1:]) / 2
        lengths[1:] += (y[:-1] - y[1:]) / 2
        at += list(first + 2 * np.arange(len(y)))
        share += list(lengths)
        hangs = abs(i - MIDDLE) <= 1
        gap += list(np.interp(y, GAP_Y, GAP_MM) * 1e-3 if hangs else np.zeros(len(y)))
    at, share, gap = np.array(at), np.array(share), np.array(gap)
    kb, cb = KB * share, CB * share
    diagonal = lambda values: sp.csc_matrix((values, (at, at)), (n, n))
    # Static state under the dead weight.
    closed = np.ones(len(at), bool)
    for _ in range(100):
        f = weight.copy()
        np.add.at(f, at[closed], (kb * gap)[closed])
        u = splu((track.k + diagonal(np.where(closed, kb, 0.0))).tocsc()).solve(f)
        now = u[at] > gap
        if (now == closed).all():
            break
        closed = now
    h = STEP
    lu = splu((track.m + h / 2 * (track.c + diagonal(cb)) + h * h / 4 * (track.k + diagonal(kb))).tocsc())
    k, c = track.k.tocsr(), track.c.tocsr()
    du, a = np.zeros(n), np.zeros(n)
    pseudo = np.where(closed, 0.0, kb * (u[at] - gap))
    points = {"left_end": 1.3, "left_seat": 0.75, "middle": 0.0, "right_seat": -0.75, "right_end": -1.3}
    places = [track.point(MIDDLE, y) for y in points.values()]
    middle = (at >= track.bearers[MIDDLE][0]) & (at < track.bearers[MIDDLE + 1][0])
    moved, under, ballast, worst = [], [], [], 0
    for step in range(1, STEPS + 1):
        t = step * h
        ramp = (1 - np.cos(np.pi * t / RAMP)) / 2 if t < RAMP else 1.0
        us, vs = u + h * du + h * h / 4 * a, du + h / 2 * a
        f = weight - k @ us - c @ vs
        f[at] -= kb * (us[at] - gap) + cb * vs[at]
        loaded = [track.rail(side, START + SPEED * t) for side in (0, 1)]
        for side, (dofs, shape) in enumerate(loaded):
            f[dofs] += ramp * FORCE[side] * shape
        for rounds in range(40):
            total = f.copy()
            total[at] += pseudo
            a = lu.solve(total)
            d, v = us[at] + h * h / 4 * a[at] - gap, vs[at] + h / 2 * a[at]
            linear = kb * d + cb * v
            now = np.where((d > 0) & (linear > 0), 0.0, linear)
            change = np.abs(now - pseudo).max()
            pseudo = now
            if change < 1e-7:
                break
        worst += rounds == 39
        u, du = us + h * h / 4 * a, vs + h / 2 * a
        moved.append([w @ u[dofs] for dofs, w in places])
        under.append([w @ u[dofs] for dofs, w in loaded])
        ballast.append((linear - pseudo)[middle].sum())
    moved, under = np.array(moved) * 1e3, np.array(under) * 1e3
    out = {}
    for j, name in enumerate(points):
        out[f"{name} at rest"], out[f"{name} most"], out[f"{name} least"] = (
            moved[0, j], moved[:, j].max(), moved[:, j].min())
    out["under the left load, most"], out["under the right load, most"] = under[500:].max(0)
    out["ballast force, most (kN)"] = max(ballast) / 1e3
    out["unsettled steps"] = int(worst)
    print(json.dumps({key: float(f"{value:.8g}") for key, value in out.items()}, indent=1))


if __name__ == "__main__":
    main()
