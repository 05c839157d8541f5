//! Built-in vehicles and trains made of them.
//!
//! * `manchester-passenger`: the Manchester benchmark passenger vehicle (Iwnicki, 1999), values as
//!   used by the S&C benchmark of Bezin and Palsson; length over couplings is that of a 26.4 m
//!   coach.
//! * `locomotive`: Bo-Bo of the 84 t class. Length 18.5 m, bogie pivots 11.0 m, bogie wheelbase 2.8
//!   m and wheel diameter 1.1 m are the published dimensions of such a type (SBB Re 460); **masses
//!   of the parts, inertias and suspensions are textbook-typical**, chosen for 84 t in all.
//! * `locomotive-six-axle`: Co-Co diesel of the 122 t class. Mass and length of 20.82 m are the published ones of such a type
//!   (DR class 132); **pivots 12.25 m and axles 1.85 m apart, wheel diameter 1.05 m and all else are typical of the kind**.
//! * `freight-wagon`, `freight-wagon-empty`: four-axle wagon on Y25 bogies (wheelbase 1.8 m, wheel
//!   diameter 0.92 m, 4.7 t per bogie), 90 t laden, 22 t empty. **The Lenoir friction damper is
//!   replaced by an equivalent viscous one**, the centre pivot by a stiff spring; spring rates are
//!   textbook-typical (two rates, tare and laden).
//! * `multiple-unit-motor`, `multiple-unit-trailer`: cars of an electric multiple unit, 58 t and 40
//!   t, dimensions of a 24-26 m regional unit; **textbook-typical throughout**. `multiple-unit` is
//!   motor, two trailers, motor.

use super::{Bogie, Consist, PlacedVehicle, Roll, Vehicle};

/// Names that a train may be made of.
pub const VEHICLES: [&str; 8] = [
    "manchester-passenger",
    "locomotive",
    "locomotive-six-axle",
    "freight-wagon",
    "freight-wagon-empty",
    "multiple-unit",
    "multiple-unit-motor",
    "multiple-unit-trailer",
];

/// Most axles that a train may have.
pub const AXLES_MAX: usize = 512;

/// Why a train cannot be made up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// No such vehicle.
    #[error(
        "there is no vehicle `{name}`; did you mean `{suggestion}`? known vehicles are {known}"
    )]
    UnknownVehicle {
        /// What was asked for.
        name: String,
        /// Nearest name.
        suggestion: &'static str,
        /// All names, separated by commas.
        known: String,
    },
    /// The count after the name is not one.
    #[error("in `{entry}` the part after ` x ` must be a whole number from 1 to 200")]
    Repeat {
        /// Offending entry.
        entry: String,
    },
    /// No vehicles at all.
    #[error("a train needs at least one vehicle")]
    Empty,
    /// More axles than allowed.
    #[error("the train has {axles} axles or more, at most {AXLES_MAX} are accepted")]
    TooLong {
        /// Axles counted when the limit was passed.
        axles: usize,
    },
}

/// A train from entries such as `locomotive` or `freight-wagon x 12`, coupled from front to rear.
pub fn consist(entries: &[String]) -> Result<Consist, CatalogueError> {
    let mut vehicles = Vec::new();
    let mut axles = 0;
    for entry in entries {
        let (name, count) = split_repeat(entry)?;
        for _ in 0..count {
            for vehicle in by_name(name)? {
                axles += vehicle.axle_count();
                if axles > AXLES_MAX {
                    return Err(CatalogueError::TooLong { axles });
                }
                vehicles.push(vehicle);
            }
        }
    }
    if vehicles.is_empty() {
        return Err(CatalogueError::Empty);
    }
    Ok(couple(vehicles))
}

/// Couples vehicles from front to rear.
pub fn couple(vehicles: Vec<Vehicle>) -> Consist {
    let mut coupling_m = -vehicles.first().map_or(0.0, |first| first.front_overhang_m);
    let placed = vehicles.into_iter().map(|vehicle| {
        let first_axle_m = coupling_m + vehicle.front_overhang_m;
        coupling_m += vehicle.length_m;
        PlacedVehicle {
            vehicle,
            first_axle_m,
        }
    });
    Consist {
        vehicles: placed.collect(),
    }
}

/// Splits `name x n`; without a count it is 1.
fn split_repeat(entry: &str) -> Result<(&str, usize), CatalogueError> {
    let Some((name, count)) = entry.rsplit_once(" x ") else {
        return Ok((entry.trim(), 1));
    };
    match count.trim().parse::<usize>() {
        Ok(count @ 1..=200) => Ok((name.trim(), count)),
        _ => Err(CatalogueError::Repeat {
            entry: entry.to_owned(),
        }),
    }
}

/// The vehicles of one catalogue name: one, or the cars of a unit.
pub fn by_name(name: &str) -> Result<Vec<Vehicle>, CatalogueError> {
    Ok(match name {
        "manchester-passenger" => vec![manchester_passenger()],
        "locomotive" => vec![locomotive()],
        "locomotive-six-axle" => vec![locomotive_six_axle()],
        "freight-wagon" => vec![freight_wagon(true)],
        "freight-wagon-empty" => vec![freight_wagon(false)],
        "multiple-unit-motor" => vec![multiple_unit_motor()],
        "multiple-unit-trailer" => vec![multiple_unit_trailer()],
        "multiple-unit" => vec![
            multiple_unit_motor(),
            multiple_unit_trailer(),
            multiple_unit_trailer(),
            multiple_unit_motor(),
        ],
        _ => {
            let nearest = VEHICLES
                .iter()
                .min_by_key(|known| edit_distance(name, known));
            return Err(CatalogueError::UnknownVehicle {
                name: name.to_owned(),
                suggestion: nearest.copied().unwrap_or("manchester-passenger"),
                known: VEHICLES.join(", "),
            });
        }
    })
}

/// Levenshtein distance in characters, of the first 64.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (pair, cb) in row.windows(2).zip(&b) {
            let [diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(ca != *cb))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// Two two-axle bogies from pivot distance and wheelbase, m.
pub(crate) fn two_bogies(pivots_m: f64, wheelbase_m: f64) -> Vec<Bogie> {
    evenly_axled(pivots_m, &[0.0, wheelbase_m])
}

/// Two bogies from pivot distance and places of their axles from the first to the last, evenly about the pivot, m.
fn evenly_axled(pivots_m: f64, axles_m: &[f64]) -> Vec<Bogie> {
    let half_m = 0.5 * axles_m.last().copied().unwrap_or(0.0);
    [0.0, pivots_m]
        .into_iter()
        .map(|pivot| Bogie {
            centre_m: pivot + half_m,
            axles_m: axles_m.iter().map(|axle| pivot + axle).collect(),
        })
        .collect()
}

pub(crate) fn manchester_passenger() -> Vehicle {
    Vehicle {
        name: "manchester-passenger".to_owned(),
        body_mass_kg: 32_000.0,
        body_pitch_inertia_kg_m2: 1.97e6,
        bogie_mass_kg: 2_615.0,
        bogie_pitch_inertia_kg_m2: 1_476.0,
        wheelset_mass_kg: 1_813.0,
        primary_stiffness_n_m: 1.22e6,
        primary_damping_n_s_m: 4.0e3,
        secondary_stiffness_n_m: 430.0e3,
        secondary_damping_n_s_m: 20.0e3,
        roll: Roll::MANCHESTER,
        wheel_radius_m: 0.46,
        bogies: two_bogies(19.0, 2.56),
        front_overhang_m: 2.42,
        length_m: 26.4,
    }
}

pub(crate) fn locomotive() -> Vehicle {
    Vehicle {
        name: "locomotive".to_owned(),
        body_mass_kg: 55_600.0,
        body_pitch_inertia_kg_m2: 1.2e6,
        bogie_mass_kg: 9_000.0,
        bogie_pitch_inertia_kg_m2: 1.1e4,
        wheelset_mass_kg: 2_600.0,
        primary_stiffness_n_m: 1.6e6,
        primary_damping_n_s_m: 15.0e3,
        secondary_stiffness_n_m: 800.0e3,
        secondary_damping_n_s_m: 42.0e3,
        roll: Roll::from_masses(55_600.0, 9_000.0, 2_600.0),
        wheel_radius_m: 0.55,
        bogies: two_bogies(11.0, 2.8),
        front_overhang_m: 2.35,
        length_m: 18.5,
    }
}

pub(crate) fn locomotive_six_axle() -> Vehicle {
    Vehicle {
        name: "locomotive-six-axle".to_owned(),
        body_mass_kg: 80_000.0,
        body_pitch_inertia_kg_m2: 2.2e6,
        bogie_mass_kg: 12_000.0,
        bogie_pitch_inertia_kg_m2: 2.0e4,
        // With its half of an axle-hung motor.
        wheelset_mass_kg: 3_000.0,
        primary_stiffness_n_m: 1.4e6,
        primary_damping_n_s_m: 15.0e3,
        secondary_stiffness_n_m: 1.0e6,
        secondary_damping_n_s_m: 45.0e3,
        roll: Roll::from_masses(80_000.0, 12_000.0, 3_000.0),
        wheel_radius_m: 0.525,
        bogies: evenly_axled(12.25, &[0.0, 1.85, 3.7]),
        front_overhang_m: 2.435,
        length_m: 20.82,
    }
}

pub(crate) fn freight_wagon(laden: bool) -> Vehicle {
    let (name, body, primary, damping) = if laden {
        ("freight-wagon", 80_600.0, 1.0e6, 15.0e3)
    } else {
        ("freight-wagon-empty", 12_600.0, 0.5e6, 5.0e3)
    };
    Vehicle {
        name: name.to_owned(),
        body_mass_kg: body,
        // A uniform bar of 15 m.
        body_pitch_inertia_kg_m2: body * 15.0 * 15.0 / 12.0,
        bogie_mass_kg: 2_100.0,
        bogie_pitch_inertia_kg_m2: 1_600.0,
        wheelset_mass_kg: 1_300.0,
        primary_stiffness_n_m: primary,
        primary_damping_n_s_m: damping,
        secondary_stiffness_n_m: 40.0e6,
        secondary_damping_n_s_m: 100.0e3,
        roll: Roll::from_masses(body, 2_100.0, 1_300.0),
        wheel_radius_m: 0.46,
        bogies: two_bogies(10.2, 1.8),
        front_overhang_m: 2.22,
        length_m: 16.44,
    }
}

pub(crate) fn multiple_unit_motor() -> Vehicle {
    Vehicle {
        name: "multiple-unit-motor".to_owned(),
        body_mass_kg: 38_400.0,
        body_pitch_inertia_kg_m2: 1.8e6,
        bogie_mass_kg: 5_600.0,
        bogie_pitch_inertia_kg_m2: 4.2e3,
        wheelset_mass_kg: 2_100.0,
        primary_stiffness_n_m: 1.3e6,
        primary_damping_n_s_m: 10.0e3,
        secondary_stiffness_n_m: 520.0e3,
        secondary_damping_n_s_m: 25.0e3,
        roll: Roll::from_masses(38_400.0, 5_600.0, 2_100.0),
        wheel_radius_m: 0.46,
        bogies: two_bogies(17.2, 2.7),
        front_overhang_m: 2.3,
        length_m: 24.5,
    }
}

pub(crate) fn multiple_unit_trailer() -> Vehicle {
    Vehicle {
        name: "multiple-unit-trailer".to_owned(),
        body_mass_kg: 27_600.0,
        body_pitch_inertia_kg_m2: 1.4e6,
        bogie_mass_kg: 3_000.0,
        bogie_pitch_inertia_kg_m2: 1_900.0,
        wheelset_mass_kg: 1_600.0,
        primary_stiffness_n_m: 1.1e6,
        primary_damping_n_s_m: 6.0e3,
        secondary_stiffness_n_m: 400.0e3,
        secondary_damping_n_s_m: 18.0e3,
        roll: Roll::from_masses(27_600.0, 3_000.0, 1_600.0),
        wheel_radius_m: 0.44,
        bogies: two_bogies(18.0, 2.5),
        front_overhang_m: 2.3,
        length_m: 25.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_physical() {
        for name in VEHICLES {
            for vehicle in by_name(name).unwrap() {
                vehicle.validate().unwrap();
                let axles = if name == "locomotive-six-axle" { 6 } else { 4 };
                assert_eq!(vehicle.axle_count(), axles);
                let rear = vehicle.bogies[1].axles_m.last().unwrap();
                assert!(vehicle.length_m > vehicle.front_overhang_m + rear);
            }
        }
        let tonnes = |name: &str| by_name(name).unwrap()[0].total_mass_kg() / 1e3;
        assert!((tonnes("manchester-passenger") - 44.482).abs() < 1e-9);
        assert!((tonnes("locomotive") - 84.0).abs() < 1e-9);
        assert!((tonnes("locomotive-six-axle") - 122.0).abs() < 1e-9);
        assert!((tonnes("freight-wagon") - 90.0).abs() < 1e-9);
        assert!((tonnes("freight-wagon-empty") - 22.0).abs() < 1e-9);
        assert!((tonnes("multiple-unit-motor") - 58.0).abs() < 1e-9);
        assert!((tonnes("multiple-unit-trailer") - 40.0).abs() < 1e-9);
    }

    /// Body bounce of railway vehicles lies between 0.8 and 3 Hz; a transposed spring rate shows
    /// here.
    #[test]
    fn body_bounce_is_where_rail_vehicles_have_it() {
        for name in VEHICLES {
            for v in by_name(name).unwrap() {
                let primary = 2.0 * v.axle_count() as f64 * v.primary_stiffness_n_m;
                let secondary = 4.0 * v.secondary_stiffness_n_m;
                let k = primary * secondary / (primary + secondary);
                let f = (k / v.body_mass_kg).sqrt() / std::f64::consts::TAU;
                assert!((0.8..3.0).contains(&f), "{}: {f} Hz", v.name);
            }
        }
    }

    #[test]
    fn trains_are_coupled_without_overlap() {
        let names = [
            "locomotive".to_owned(),
            "manchester-passenger x 2".to_owned(),
        ];
        let train = consist(&names).unwrap();
        let axles = train.axles_m();
        assert_eq!(axles.len(), 12);
        assert!(axles[0].abs() < 1e-12);
        assert!(axles.windows(2).all(|w| w[1] - w[0] > 1.7));
        assert!((axles[4] - (18.5 - 2.35 + 2.42)).abs() < 1e-9);
        assert!((axles[8] - axles[4] - 26.4).abs() < 1e-9);
        assert_eq!(
            consist(&["multiple-unit x 2".to_owned()])
                .unwrap()
                .axle_count(),
            32
        );
    }

    #[test]
    fn wrong_entries_say_what_to_do() {
        let error = |entry: &str| consist(&[entry.to_owned()]).unwrap_err().to_string();
        assert!(error("locomotiv").contains("did you mean `locomotive`"));
        assert!(error("frieght-wagon x 3").contains("did you mean `freight-wagon`"));
        assert!(error("locomotive x many").contains("whole number"));
        assert!(error("locomotive x 0").contains("whole number"));
        assert!(error("locomotive x 200").contains("axles"));
        assert_eq!(consist(&[]), Err(CatalogueError::Empty));
        assert!(error("").contains("no vehicle ``"));
    }
}
