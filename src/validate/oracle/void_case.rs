//! Cases of one rail on unilateral ballast (`voids.json`), at 20 000 steps per second.

use crate::passage::{
    Band, Cusp, ReferenceRecord, ReferenceRun, Rider, SleeperRecord, Suspension, run_reference,
    zero_phase,
};
use crate::track::{BallastLaw, BeamTheory, RailSection, Support, Track, statics};
use serde_json::{Value, json};

use super::read::{Failure, Part};
use super::rigid_pair;

/// Time step of these cases, s.
const STEP_S: f64 = 5e-5;

/// Everything the file may ask of a case.
pub(super) fn solve(case: &Value) -> Result<Value, Failure> {
    let parameters = Part::new(
        case.get("parameters")
            .ok_or("the case has no `parameters`")?,
        "parameters",
    );
    let track = track_of(parameters)?;
    let sleepers = sleepers_of(case, track.supports.len())?;
    let kind = Part::new(case, "case").text("kind")?;
    match kind.chars().next() {
        Some('A') => moving_force(parameters, &track, &sleepers),
        Some('B') => static_case(parameters, &track, &sleepers),
        Some('C') => dip(parameters, &track, &sleepers),
        Some('D') => flat(parameters, &track, &sleepers),
        _ => Err(format!("kind `{kind}` is none of A, B, C, D").into()),
    }
}

fn track_of(p: Part<'_>) -> Result<Track, Failure> {
    let bays = p.count("number_of_bays")?;
    let rail = RailSection {
        bending_stiffness_n_m2: p.number("rail_EI_N_m2")?,
        mass_kg_m: p.number("rail_mass_kg_per_m")?,
        // Not used by Euler-Bernoulli elements.
        area_m2: 76.70e-4,
        shear_modulus_pa: 8.08e10,
        shear_coefficient: 0.41,
    };
    let support = Support {
        pad_stiffness_n_m: p.number("pad_stiffness_N_per_m")?,
        pad_damping_n_s_m: p.number_or("pad_damping_N_s_per_m", 0.0)?,
        sleeper_mass_kg: p.number("half_sleeper_mass_kg")?,
        ballast_stiffness_n_m: p.number("ballast_stiffness_per_sleeper_N_per_m")?,
        ballast_damping_n_s_m: p.number_or("ballast_damping_per_sleeper_N_s_per_m", 0.0)?,
        gap_m: 0.0,
    };
    let mut supports = vec![support; bays + 1];
    if let Some(gaps) = p.value().get("gaps_by_sleeper_index_mm") {
        let gaps = gaps
            .as_object()
            .ok_or("`gaps_by_sleeper_index_mm` has to be a group")?;
        for (index, gap_mm) in gaps {
            let wrong = || format!("gap of sleeper `{index}`: {gap_mm}");
            let sleeper: usize = index.parse().map_err(|_| wrong())?;
            let gap_mm = gap_mm.as_f64().ok_or_else(wrong)?;
            supports.get_mut(sleeper).ok_or_else(wrong)?.gap_m = gap_mm * 1e-3;
        }
    }
    Ok(Track {
        rail: vec![rail; bays],
        beam: BeamTheory::EulerBernoulli,
        bay_m: p.number("sleeper_spacing_m")?,
        elements_per_bay: p.count("elements_per_bay")?,
        supports,
        ballast: law_of(p.text("ballast_law")?)?,
        gravity_m_s2: p.number("dead_weight_g_m_per_s2")?,
    })
}

fn law_of(text: &str) -> Result<BallastLaw, Failure> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["unilateral", "unclipped", ..] => Ok(BallastLaw::UnilateralUnclipped),
        ["unilateral", ..] => Ok(BallastLaw::Unilateral),
        ["bilateral" | "linear", ..] => Ok(BallastLaw::Linear),
        _ => Err(format!("unknown ballast law `{text}`").into()),
    }
}

fn sleepers_of(case: &Value, supports: usize) -> Result<Vec<usize>, Failure> {
    let sleepers: Vec<usize> = match case.get("arrays_are_sleepers") {
        // D: the sleeper in the middle.
        None | Some(Value::Null) => vec![(supports - 1) / 2],
        Some(_) => Part::new(case, "case")
            .numbers("arrays_are_sleepers")?
            .iter()
            .map(|v| *v as usize)
            .collect(),
    };
    match sleepers.iter().find(|s| **s >= supports) {
        Some(sleeper) => Err(format!("sleeper {sleeper} is not on the track").into()),
        None if sleepers.is_empty() => Err("`arrays_are_sleepers` is empty".into()),
        None => Ok(sleepers),
    }
}

fn static_case(p: Part<'_>, track: &Track, sleepers: &[usize]) -> Result<Value, Failure> {
    let load = (
        p.number("load_position_m")?,
        p.number("static_wheel_load_N")?,
    );
    let loaded = statics(track, &[load])?;
    let unloaded = statics(track, &[])?;
    let pick = |values: &[f64], scale: f64| -> Vec<f64> {
        sleepers.iter().map(|&i| values[i] * scale).collect()
    };
    Ok(json!({
        "sleeper_disp_mm": pick(&loaded.sleeper_m, 1e3),
        "sleeper_ballast_force_kN": pick(&loaded.ballast_force_n, 1e-3),
        "rail_disp_under_load_mm": loaded.under_load_m[0] * 1e3,
        "sum_of_all_ballast_forces_kN": loaded.ballast_force_n.iter().sum::<f64>() * 1e-3,
        "unloaded_sleeper_disp_mm": pick(&unloaded.sleeper_m, 1e3),
        "unloaded_sleeper_ballast_force_kN": pick(&unloaded.ballast_force_n, 1e-3),
        "rail_disp_at_x0_end_mm": loaded.rail_end_m[0] * 1e3,
    }))
}

fn run(
    p: Part<'_>,
    track: &Track,
    sleepers: &[usize],
    rider: Rider,
) -> Result<ReferenceRecord, Failure> {
    let cusp = match p.value().get("irregularity_total_angle_rad") {
        None | Some(Value::Null) => None,
        Some(_) => Some(Cusp {
            at_m: p.number("irregularity_centre_m")?,
            total_angle_rad: p.number("irregularity_total_angle_rad")?,
            half_length_m: p.number("irregularity_half_length_m")?,
        }),
    };
    Ok(run_reference(&ReferenceRun {
        track,
        rider,
        cusp,
        speed_m_s: p.number("speed_m_per_s")?,
        start_m: p.number("start_position_m")?,
        end_m: p.number("end_position_m")?,
        unloaded_s: 0.0,
        step_s: STEP_S,
        sleepers,
        energy: false,
    })?)
}

fn moving_force(p: Part<'_>, track: &Track, sleepers: &[usize]) -> Result<Value, Failure> {
    let rider = Rider::Force {
        force_n: p.number("static_wheel_load_N")?,
        ramp_s: p.number_or("load_ramp_time_s", 0.0)?,
    };
    let record = run(p, track, sleepers, rider)?;
    Ok(moving_force_values(&record, sleepers))
}

/// A case of a moving force on two rails with rigid bearers, each rail under the same force: two
/// copies of the case, on the other model.
pub(super) fn solve_on_two_rails(case: &Value) -> Result<Value, Failure> {
    let p = Part::new(
        case.get("parameters")
            .ok_or("the case has no `parameters`")?,
        "parameters",
    );
    let track = track_of(p)?;
    let sleepers = sleepers_of(case, track.supports.len())?;
    let speed_m_s = p.number("speed_m_per_s")?;
    let start_m = p.number("start_position_m")?;
    let way_m = p.number("end_position_m")? - start_m;
    let record = rigid_pair::run(
        &track,
        &sleepers,
        &rigid_pair::Load {
            force_n: p.number("static_wheel_load_N")?,
            ramp_s: p.number_or("load_ramp_time_s", 0.0)?,
            speed_m_s,
            start_m,
            steps: (way_m / speed_m_s / STEP_S).round() as usize,
            step_s: STEP_S,
        },
    )?;
    Ok(moving_force_values(&record, &sleepers))
}

fn moving_force_values(record: &ReferenceRecord, sleepers: &[usize]) -> Value {
    let middle = &record.sleepers[sleepers.len() / 2];
    let most = |values: &[f64], scale: f64| max(values.iter().map(|v| v * scale));
    let each = |f: fn(&SleeperRecord) -> &[f64], scale: f64| -> Vec<f64> {
        record.sleepers.iter().map(|s| most(f(s), scale)).collect()
    };
    let touch = middle.ballast_force_n.iter().position(|n| *n > 0.0);
    json!({
        "sleeper_disp_max_mm": each(|s| &s.displacement_m, 1e3),
        "sleeper_ballast_force_max_kN": each(|s| &s.ballast_force_n, 1e-3),
        "mid_sleeper_disp_min_mm": -most(&middle.displacement_m, -1e3),
        "rail_disp_max_at_mid_sleeper_mm": most(&middle.rail_m, 1e3),
        "rail_disp_under_load_max_mm": most(&record.under_load_m, 1e3),
        "mid_sleeper_velocity_max_mm_s": most(&middle.velocity_m_s, 1e3),
        "mid_sleeper_acc_abs_max_m_s2": max(middle.acceleration_m_s2.iter().map(|a| a.abs())),
        "mid_first_contact_load_position_m": touch.map(|n| record.position_m[n]),
    })
}

fn wheel(p: Part<'_>) -> Result<Rider, Failure> {
    let suspension = match p.value().get("bogie_mass_per_wheel_kg") {
        None | Some(Value::Null) => None,
        Some(_) => Some(Suspension {
            mass_kg: p.number("bogie_mass_per_wheel_kg")?,
            stiffness_n_m: p.number("primary_stiffness_N_per_m")?,
            damping_n_s_m: p.number_or("primary_damping_N_s_per_m", 0.0)?,
        }),
    };
    Ok(Rider::Wheel {
        mass_kg: p.number("wheel_mass_kg")?,
        static_n: p.number("static_wheel_load_N")?,
        hertz_n_m15: p.number("hertz_constant_N_per_m_1p5")?,
        suspension,
    })
}

/// Values in a window of time around the strike.
struct Strike<'a> {
    record: &'a ReferenceRecord,
    at_m: f64,
    speed_m_s: f64,
}

impl Strike<'_> {
    fn pick(&self, values: &[f64], from_s: f64, to_s: f64) -> Vec<f64> {
        let near = |x: f64| {
            let t = (x - self.at_m) / self.speed_m_s;
            t >= from_s - 1e-9 && t <= to_s + 1e-9
        };
        let pairs = self.record.position_m.iter().zip(values);
        pairs.filter(|(x, _)| near(**x)).map(|(_, v)| *v).collect()
    }

    fn lost_ms(&self, from_s: f64, to_s: f64) -> f64 {
        let force = self.pick(&self.record.force_n, from_s, to_s);
        force.iter().filter(|f| **f <= 0.0).count() as f64 * STEP_S * 1e3
    }
}

fn low_pass(values: &[f64], corner_hz: f64) -> Vec<f64> {
    zero_phase(values, 1.0 / STEP_S, corner_hz, Band::LowPass, 4)
}

fn dip(p: Part<'_>, track: &Track, sleepers: &[usize]) -> Result<Value, Failure> {
    let record = run(p, track, sleepers, wheel(p)?)?;
    let strike = Strike {
        record: &record,
        at_m: p.number("irregularity_centre_m")?,
        speed_m_s: p.number("speed_m_per_s")?,
    };
    let force: Vec<f64> = record.force_n.iter().map(|f| f * 1e-3).collect();
    let slow = low_pass(&force, 90.0);
    let largest = |f: &dyn Fn(&SleeperRecord) -> Vec<f64>, scale: f64| -> Vec<f64> {
        let most = |s| {
            max(strike
                .pick(&f(s), -0.05, 0.1)
                .iter()
                .map(|v| v.abs() * scale))
        };
        record.sleepers.iter().map(most).collect()
    };
    let most = |values: &[f64], to: f64| max(strike.pick(values, -0.5e-3, to).iter().copied());
    let least = |values: &[f64], from: f64| min(strike.pick(values, from, 50e-3).iter().copied());
    Ok(json!({
        "P1_kN": most(&force, 2.5e-3),
        "P2_lp90_kN": most(&slow, 30e-3),
        "F_min_kN": least(&force, -0.5e-3),
        "F_min_lp90_kN": least(&slow, -20e-3),
        "contact_loss_total_ms": strike.lost_ms(-0.5e-3, 50e-3),
        "sleeper_disp_max_mm": largest(&|s| s.displacement_m.clone(), 1e3),
        "sleeper_acc_abs_max_m_s2": largest(&|s| s.acceleration_m_s2.clone(), 1.0),
        "sleeper_acc_lp1k_abs_max_m_s2": largest(&|s| low_pass(&s.acceleration_m_s2, 1e3), 1.0),
        "sleeper_ballast_force_max_kN": largest(&|s| s.ballast_force_n.clone(), 1e-3),
        "sleeper_ballast_force_lp1k_max_kN": largest(&|s| low_pass(&s.ballast_force_n, 1e3), 1e-3),
    }))
}

fn flat(p: Part<'_>, track: &Track, sleepers: &[usize]) -> Result<Value, Failure> {
    let record = run(p, track, sleepers, wheel(p)?)?;
    let strike = Strike {
        record: &record,
        at_m: p.number("irregularity_centre_m")?,
        speed_m_s: p.number("speed_m_per_s")?,
    };
    let from = -p.number("irregularity_half_length_m")? / strike.speed_m_s - 0.5e-3;
    let to = 15e-3;
    let force: Vec<f64> = record.force_n.iter().map(|f| f * 1e-3).collect();
    let most = |values: &[f64]| max(strike.pick(values, from, to).iter().copied());
    let peak = most(&force);
    let when: Vec<f64> = record
        .position_m
        .iter()
        .map(|x| (x - strike.at_m) / strike.speed_m_s)
        .collect();
    let first = when
        .iter()
        .zip(&force)
        .find(|(t, f)| **t >= from && **t <= to && **f >= peak)
        .map(|(t, _)| t * 1e3);
    let sleeper = &record.sleepers[sleepers.len() / 2];
    let acceleration: Vec<f64> = sleeper.acceleration_m_s2.iter().map(|a| a.abs()).collect();
    Ok(json!({
        "F_max_kN": peak,
        "t_Fmax_after_flat_centre_ms": first,
        "F_lp1k_max_kN": most(&low_pass(&force, 1e3)),
        "F_min_kN": min(strike.pick(&force, from, to).iter().copied()),
        "contact_loss_total_ms": strike.lost_ms(from, to),
        "sleeper_acc_abs_max_m_s2": most(&acceleration),
        "sleeper_ballast_force_max_kN": most(&sleeper.ballast_force_n) * 1e-3,
    }))
}

fn max(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

fn min(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}
