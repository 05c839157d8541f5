//! Cases of two rails on flexible bearers (`two-rails.json`).

use crate::passage::{MovingForces, MovingForcesRecord, PointRecord, run_moving_forces};
use crate::track::{
    BallastLaw, BeamTheory, Bearer, BearerPoint, BearerSupport, GapProfile, Pad, RailForce,
    RailSection, Receptance, Side, TwoRailTrack, bearer_frequencies_hz, two_rail_receptance,
    two_rail_statics,
};
use serde_json::{Map, Value, json};

use super::read::{Failure, Part};
use super::taper::Ends;

/// Everything the file may ask of a case.
pub(super) fn solve(case: &Value, expected: Option<&Value>) -> Result<Value, Failure> {
    let parameters = Part::new(case, "parameters");
    let track = |theory, per_bay| track_of(parameters, theory, per_bay);
    let per_bay = parameters.part("track")?.count("rail_elements_per_bay")?;
    let bernoulli = track(BeamTheory::EulerBernoulli, per_bay)?;
    let timoshenko = track(BeamTheory::Timoshenko, per_bay)?;
    let output = parameters.part("output")?;
    let index = output.count("bearer_index")?;
    let bearer = bernoulli
        .bearers
        .get(index)
        .ok_or("the output bearer is not on the track")?;
    let single = single_load_key(expected)?;
    let frequencies = output.numbers("receptance_frequencies_Hz")?;
    let mut receptances = Map::new();
    for (name, track) in [
        ("euler_bernoulli", &bernoulli),
        ("timoshenko", &timoshenko),
        (
            "timoshenko_fine_mesh_32_rail_elements_per_bay",
            &track_of(parameters, BeamTheory::Timoshenko, 32)?,
        ),
    ] {
        receptances.insert(name.into(), receptance_block(track, index, &frequencies)?);
    }
    let loads = parameters.part("loads")?;
    Ok(json!({
        "output_bearer": {
            "index": index,
            "x_m": index as f64 * bernoulli.bay_m,
            "length_m": bearer.length_m(),
            "left_end_y_m": bearer.left_end_y_m,
            "right_end_y_m": bearer.right_end_y_m,
            "distance_left_end_to_left_seat_m": bearer.left_end_y_m - bernoulli.seats_y_m[0],
            "distance_left_end_to_right_seat_m": bearer.left_end_y_m - bernoulli.seats_y_m[1],
        },
        "bearer_frequencies_Hz": frequencies_of(bearer, bernoulli.seats_y_m),
        "static": {
            "euler_bernoulli": statics(&bernoulli, index, loads, &single)?,
            "timoshenko": statics(&timoshenko, index, loads, &single)?,
        },
        "receptance_right_rail_force_1N": receptances,
        "moving_load_euler_bernoulli": moving_load(&bernoulli, index, parameters)?,
    }))
}

/// Name and force of the static case with the right rail loaded alone: `right_rail_only_100kN`.
fn single_load_key(expected: Option<&Value>) -> Result<(String, f64), Failure> {
    let group = expected
        .and_then(|e| e["static"]["euler_bernoulli"]["over_bearer"].as_object())
        .and_then(|g| g.keys().find(|k| k.starts_with("right_rail_only_")));
    let key = group.map_or("right_rail_only_100kN", String::as_str);
    let number = key
        .trim_start_matches("right_rail_only_")
        .trim_end_matches("kN");
    let force: f64 = number
        .parse()
        .map_err(|_| format!("`{key}` names no force in kN"))?;
    Ok((key.to_owned(), force * 1e3))
}

fn track_of(
    parameters: Part<'_>,
    beam: BeamTheory,
    elements_per_bay: usize,
) -> Result<TwoRailTrack, Failure> {
    let track = parameters.part("track")?;
    let bays = track.count("n_bays")?;
    let bay_m = track.number("bay_length_m")?;
    let seats = parameters.part("seats")?;
    let pad = parameters.part("pad")?;
    let pad = Pad {
        stiffness_n_m: pad.number("stiffness_N_per_m")?,
        damping_n_s_m: pad.number("damping_N_s_per_m")?,
    };
    let b = parameters.part("bearer")?;
    let ends = Ends::read(b, bays, bay_m)?;
    let mut bearers = Vec::with_capacity(bays + 1);
    for index in 0..=bays {
        let [left_end_y_m, right_end_y_m] = ends.of(index);
        bearers.push(Bearer {
            left_end_y_m,
            right_end_y_m,
            bending_stiffness_n_m2: b.number("EI_N_m2")?,
            mass_kg_m: b.number("mass_per_length_kg_per_m")?,
            ballast_stiffness_n_m2: b.number("ballast_stiffness_per_length_N_per_m2")?,
            ballast_damping_n_s_m2: b.number("ballast_damping_per_length_N_s_per_m2")?,
            gap: GapProfile::default(),
            pads: [pad; 2],
        });
    }
    let rail = parameters.part("rail")?;
    let elements = bays * elements_per_bay;
    Ok(TwoRailTrack {
        rails: [
            vec![section(rail, "EI_left_N_m2")?; elements],
            right_rail(rail, elements, bay_m / elements_per_bay as f64)?,
        ],
        beam,
        rotary_second_moment_m4: Some(rail.number("timoshenko_second_moment_m4")?),
        bay_m,
        elements_per_bay,
        seats_y_m: [seats.number("left_y_m")?, seats.number("right_y_m")?],
        bearers,
        ballast: BallastLaw::Linear,
        gravity_m_s2: 0.0,
    })
}

fn section(rail: Part<'_>, bending_stiffness: &str) -> Result<RailSection, Failure> {
    Ok(RailSection {
        bending_stiffness_n_m2: rail.number(bending_stiffness)?,
        mass_kg_m: rail.number("mass_per_length_kg_per_m")?,
        area_m2: rail.number("timoshenko_area_m2")?,
        shear_modulus_pa: rail.number("timoshenko_shear_modulus_Pa")?,
        shear_coefficient: rail.number("timoshenko_kappa")?,
    })
}

/// The right rail: an element belongs to the segment that holds its middle.
fn right_rail(
    rail: Part<'_>,
    elements: usize,
    element_m: f64,
) -> Result<Vec<RailSection>, Failure> {
    let mut sections = vec![section(rail, "EI_right_N_m2")?; elements];
    let segments = match rail.value().get("right_rail_EI_segments") {
        None | Some(Value::Null) => return Ok(sections),
        Some(list) => list
            .as_array()
            .ok_or("`right_rail_EI_segments` has to be a list")?,
    };
    for segment in segments {
        let [from, to, stiffness] = segment_of(segment)?;
        for (i, section) in sections.iter_mut().enumerate() {
            let middle = (i as f64 + 0.5) * element_m;
            if middle >= from && middle <= to {
                section.bending_stiffness_n_m2 = stiffness;
            }
        }
    }
    Ok(sections)
}

/// A segment `[from, to, EI]`, or an object whose keys say so.
fn segment_of(segment: &Value) -> Result<[f64; 3], Failure> {
    let wrong = || format!("segment {segment}: give where it starts, where it ends, and its EI");
    if let Some(list) = segment.as_array() {
        let numbers: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
        return <[f64; 3]>::try_from(numbers).map_err(|_| wrong().into());
    }
    let object = segment.as_object().ok_or_else(wrong)?;
    let mut found = [None; 3];
    for (key, value) in object {
        let key = key.to_lowercase();
        let slot = if key.starts_with("ei") {
            2
        } else if ["from", "start", "begin", "x0"]
            .iter()
            .any(|w| key.contains(w))
        {
            0
        } else if ["to", "end", "stop", "x1"].iter().any(|w| key.contains(w)) {
            1
        } else {
            return Err(wrong().into());
        };
        found[slot] = value.as_f64();
    }
    match found {
        [Some(from), Some(to), Some(stiffness)] => Ok([from, to, stiffness]),
        _ => Err(wrong().into()),
    }
}

fn frequencies_of(bearer: &Bearer, seats_y_m: [f64; 2]) -> Value {
    let of = |support, count| bearer_frequencies_hz(bearer, seats_y_m, support, count);
    let free = &of(BearerSupport::Free, 5)[2..];
    let ballast = of(BearerSupport::Ballast, 10);
    json!({
        "free_free_bending_1_to_3_closed_form": free,
        "free_free_bending_1_to_3_fe": free,
        "on_ballast_no_pads_first_10_closed_form": ballast,
        "on_ballast_no_pads_first_10_fe": ballast,
        "on_ballast_with_pads_to_fixed_rails_first_10_fe": of(BearerSupport::BallastAndPads, 10),
    })
}

/// Output points of a bearer with their names in the file.
fn points_of(track: &TwoRailTrack, index: usize) -> Vec<(&'static str, BearerPoint)> {
    let bearer = &track.bearers[index];
    let middle = 0.5 * (bearer.left_end_y_m + bearer.right_end_y_m);
    [
        ("left_end", bearer.left_end_y_m),
        ("left_seat", track.seats_y_m[0]),
        ("track_centre_y0", 0.0),
        ("bearer_midpoint", middle),
        ("right_seat", track.seats_y_m[1]),
        ("right_end", bearer.right_end_y_m),
    ]
    .map(|(name, y_m)| (name, BearerPoint { bearer: index, y_m }))
    .to_vec()
}

fn statics(
    track: &TwoRailTrack,
    index: usize,
    loads: Part<'_>,
    single: &(String, f64),
) -> Result<Value, Failure> {
    let both = [
        loads.number("force_left_N")?,
        loads.number("force_right_N")?,
    ];
    let over = index as f64 * track.bay_m;
    let mut result = Map::new();
    for (place, x_m) in [("over_bearer", over), ("midspan", over + 0.5 * track.bay_m)] {
        let mut group = Map::new();
        group.insert("x_m".into(), x_m.into());
        let mut add = |name: &str, forces: [f64; 2]| -> Result<(), Failure> {
            group.insert(name.into(), static_case(track, index, x_m, forces)?);
            Ok(())
        };
        add("both_loads_same_x", both)?;
        add(&single.0, [0.0, single.1])?;
        result.insert(place.into(), group.into());
    }
    Ok(result.into())
}

fn static_case(
    track: &TwoRailTrack,
    index: usize,
    x_m: f64,
    forces: [f64; 2],
) -> Result<Value, Failure> {
    let forces: Vec<RailForce> = Side::BOTH
        .iter()
        .map(|&side| RailForce {
            side,
            x_m,
            force_n: forces[side.index()],
        })
        .collect();
    let points = points_of(track, index);
    let places: Vec<BearerPoint> = points.iter().map(|p| p.1).collect();
    let state = two_rail_statics(track, &forces, &places)?;
    let mut group = Map::new();
    let mut add = |name: String, value: f64| group.insert(name, value.into());
    add(
        "rail_right_at_load_x_mm".into(),
        state.under_load_m[1] * 1e3,
    );
    add("rail_left_at_load_x_mm".into(), state.under_load_m[0] * 1e3);
    for ((name, _), u) in points.iter().zip(&state.point_m) {
        add(format!("bearer_{name}_mm"), u * 1e3);
    }
    let last = track.bearers.len() - 1;
    for bearer in index.saturating_sub(1)..=(index + 1).min(last) {
        let [left, right] = state.seat_force_n[bearer];
        add(format!("pad_force_right_bearer_{bearer}_N"), right);
        add(format!("pad_force_left_bearer_{bearer}_N"), left);
    }
    Ok(group.into())
}

fn receptance_block(
    track: &TwoRailTrack,
    index: usize,
    frequencies: &[f64],
) -> Result<Value, Failure> {
    let over = index as f64 * track.bay_m;
    let mut block = Map::new();
    block.insert("frequencies_Hz".into(), frequencies.into());
    for (place, x_m) in [("over_bearer", over), ("midspan", over + 0.5 * track.bay_m)] {
        let mut direct: Vec<Receptance> = Vec::new();
        let mut cross: Vec<f64> = Vec::new();
        for &frequency in frequencies {
            let places = [(Side::Right, x_m), (Side::Left, x_m)];
            let answers = two_rail_receptance(track, places[0], &places, frequency)?;
            direct.push(answers[0]);
            cross.push(answers[1].magnitude_m_n());
        }
        let magnitudes: Vec<f64> = direct.iter().map(Receptance::magnitude_m_n).collect();
        let phases: Vec<f64> = direct
            .iter()
            .map(|r| libm::atan2(r.imaginary_m_n, r.real_m_n))
            .collect();
        block.insert(
            place.into(),
            json!({
                "x_m": x_m,
                "direct_right_rail_magnitude_m_per_N": magnitudes,
                "direct_right_rail_phase_rad": phases,
                "cross_left_rail_same_x_magnitude_m_per_N": cross,
            }),
        );
    }
    Ok(block.into())
}

fn moving_load(track: &TwoRailTrack, index: usize, parameters: Part<'_>) -> Result<Value, Failure> {
    let loads = parameters.part("loads")?;
    let output = parameters.part("output")?;
    let integration = parameters.part("integration")?;
    for (key, value) in [("newmark_beta", 0.25), ("newmark_gamma", 0.5)] {
        if (integration.number_or(key, value)? - value).abs() > 1e-12 {
            return Err(format!("`{key}` has to be {value}: average acceleration").into());
        }
    }
    let step_s = integration.number("dt_s")?;
    let speed_m_s = loads.number("speed_m_per_s")?;
    let start = [
        loads.number("start_x_left_m")?,
        loads.number("start_x_right_m")?,
    ];
    let window = [
        output.number("window_start_x_m")?,
        output.number("window_end_x_m")?,
    ];
    let side_steps = (0.5e-3 / step_s).round() as usize;
    let end = ((window[1] - start[1]) / speed_m_s / step_s).ceil();
    if !(1.0..1e8).contains(&end) {
        return Err("the window of the moving load ends before the load gets there".into());
    }
    let points = points_of(track, index);
    let places: Vec<BearerPoint> = points.iter().map(|p| p.1).collect();
    let record = run_moving_forces(&MovingForces {
        track,
        force_n: [
            loads.number("force_left_N")?,
            loads.number("force_right_N")?,
        ],
        start_m: start,
        speed_m_s,
        ramp_s: loads.number("ramp_time_s")?,
        steps: end as usize + side_steps + 2,
        step_s,
        points: &places,
    })?;
    Ok(moving_results(&record, &points, window, step_s, side_steps))
}

fn moving_results(
    record: &MovingForcesRecord,
    points: &[(&'static str, BearerPoint)],
    window: [f64; 2],
    step_s: f64,
    side_steps: usize,
) -> Value {
    let inside: Vec<usize> = (0..record.position_m[1].len())
        .filter(|&n| {
            let x = record.position_m[1][n];
            x >= window[0] - 1e-9 && x <= window[1] + 1e-9
        })
        .collect();
    let pick = |values: &[f64]| -> Vec<f64> { inside.iter().map(|&n| values[n]).collect() };
    let mut group = Map::new();
    let mut add = |name: String, value: f64| group.insert(name, value.into());
    for (side, name) in [(1, "right"), (0, "left")] {
        let rail = pick(&record.rail_m[side]);
        add(
            format!("peak_rail_{name}_at_output_bearer_mm"),
            max(&rail) * 1e3,
        );
    }
    for (side, name) in [(1, "right"), (0, "left")] {
        let under = pick(&record.under_load_m[side]);
        let mean = under.iter().sum::<f64>() / under.len() as f64;
        add(format!("under_{name}_load_mean_mm"), mean * 1e3);
        add(format!("under_{name}_load_min_mm"), min(&under) * 1e3);
        add(format!("under_{name}_load_max_mm"), max(&under) * 1e3);
    }
    for ((name, _), motion) in points.iter().zip(&record.points) {
        let u = pick(&motion.displacement_m);
        add(format!("bearer_{name}_max_mm"), max(&u) * 1e3);
        add(format!("bearer_{name}_min_mm"), min(&u) * 1e3);
        let raw: Vec<f64> = pick(&motion.acceleration_m_s2);
        let raw: Vec<f64> = raw.iter().map(|a| a.abs()).collect();
        let key = format!("bearer_{name}_raw_newmark_peak_abs_acceleration_m_per_s2");
        add(key, max(&raw));
        let mean = mean_acceleration(motion, &inside, step_s, side_steps);
        let (most, least) = (max(&mean), min(&mean));
        let of = |what: &str| format!("bearer_{name}_{what}_1ms_mean_acceleration_m_per_s2");
        add(of("max"), most);
        add(of("min"), least);
        add(of("peak_abs"), most.max(-least));
    }
    group.insert("samples_in_window".into(), inside.len().into());
    group.into()
}

/// Mean over 1 ms around each step, from the velocities.
fn mean_acceleration(
    motion: &PointRecord,
    inside: &[usize],
    step_s: f64,
    side_steps: usize,
) -> Vec<f64> {
    let v = &motion.velocity_m_s;
    inside
        .iter()
        .map(|&n| {
            let before = n.checked_sub(side_steps).map_or(0.0, |k| v[k]);
            (v[n + side_steps] - before) / (2.0 * side_steps as f64 * step_s)
        })
        .collect()
}

fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn min(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}
