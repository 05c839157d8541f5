//! The vehicle over one rail.

/// A bogie: its place under the body and its axles.
#[derive(Debug, Clone, PartialEq)]
pub struct Bogie {
    /// Place of the bogie centre along the vehicle, m, measured backwards from the vehicle's first
    /// axle.
    pub centre_m: f64,
    /// Places of its axles, m, measured backwards from the vehicle's first axle.
    pub axles_m: Vec<f64>,
}

/// A rail vehicle: one body on bogies. Masses and stiffnesses are those of the **whole** vehicle as
/// published; the one-rail passage model takes half of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Vehicle {
    /// Name, as in the catalogue.
    pub name: String,
    /// Body mass with its load, kg.
    pub body_mass_kg: f64,
    /// Body pitch inertia, kg m2.
    pub body_pitch_inertia_kg_m2: f64,
    /// Mass of one bogie frame, kg.
    pub bogie_mass_kg: f64,
    /// Pitch inertia of one bogie frame, kg m2.
    pub bogie_pitch_inertia_kg_m2: f64,
    /// Mass of one wheelset, kg.
    pub wheelset_mass_kg: f64,
    /// Primary suspension stiffness per axle box, N/m.
    pub primary_stiffness_n_m: f64,
    /// Primary suspension damping per axle box, N s/m.
    pub primary_damping_n_s_m: f64,
    /// Secondary suspension stiffness per bogie side, N/m.
    pub secondary_stiffness_n_m: f64,
    /// Secondary suspension damping per bogie side, N s/m.
    pub secondary_damping_n_s_m: f64,
    /// Wheel radius, m.
    pub wheel_radius_m: f64,
    /// Bogies from front to rear.
    pub bogies: Vec<Bogie>,
    /// Distance from the front coupling plane to the first axle, m.
    pub front_overhang_m: f64,
    /// Length over couplings, m.
    pub length_m: f64,
}

/// A vehicle whose data are not physical.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("vehicle `{vehicle}`: {field} is {value}, it must be {wanted}")]
pub struct VehicleError {
    /// Name of the vehicle.
    pub vehicle: String,
    /// Field name.
    pub field: &'static str,
    /// Offending value in SI units.
    pub value: f64,
    /// What would be accepted.
    pub wanted: &'static str,
}

impl Vehicle {
    /// Number of axles.
    pub fn axle_count(&self) -> usize {
        self.bogies.iter().map(|bogie| bogie.axles_m.len()).sum()
    }

    /// Mass of the whole vehicle, kg.
    pub fn total_mass_kg(&self) -> f64 {
        self.body_mass_kg
            + self.bogies.len() as f64 * self.bogie_mass_kg
            + self.axle_count() as f64 * self.wheelset_mass_kg
    }

    /// Refuses masses, springs and dimensions that no vehicle has.
    pub fn validate(&self) -> Result<(), VehicleError> {
        let fail = |field, value: f64, wanted| {
            Err(VehicleError {
                vehicle: self.name.clone(),
                field,
                value,
                wanted,
            })
        };
        let positive = "a positive number";
        for (field, value) in [
            ("body_mass_kg", self.body_mass_kg),
            ("body_pitch_inertia_kg_m2", self.body_pitch_inertia_kg_m2),
            ("bogie_mass_kg", self.bogie_mass_kg),
            ("bogie_pitch_inertia_kg_m2", self.bogie_pitch_inertia_kg_m2),
            ("wheelset_mass_kg", self.wheelset_mass_kg),
            ("primary_stiffness_n_m", self.primary_stiffness_n_m),
            ("secondary_stiffness_n_m", self.secondary_stiffness_n_m),
            ("length_m", self.length_m),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return fail(field, value, positive);
            }
        }
        for (field, value) in [
            ("primary_damping_n_s_m", self.primary_damping_n_s_m),
            ("secondary_damping_n_s_m", self.secondary_damping_n_s_m),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return fail(field, value, "zero or a positive number");
            }
        }
        if !(0.1..=1.0).contains(&self.wheel_radius_m) {
            return fail("wheel_radius_m", self.wheel_radius_m, "between 0.1 and 1 m");
        }
        let mut last = f64::NEG_INFINITY;
        for axle in self.bogies.iter().flat_map(|bogie| &bogie.axles_m) {
            if !(axle.is_finite() && *axle > last) {
                return fail(
                    "bogies.axles_m",
                    *axle,
                    "finite and behind the axle before it",
                );
            }
            last = *axle;
        }
        if self.axle_count() == 0 {
            return fail("bogies", 0.0, "at least one bogie with an axle");
        }
        Ok(())
    }
}
