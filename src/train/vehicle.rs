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

/// What a vehicle needs to roll about its length: moments of inertia of the **whole** body, of one bogie
/// frame and of one wheelset, and half the distances of its springs from side to side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Roll {
    /// Body, kg m2.
    pub body_kg_m2: f64,
    /// One bogie frame, kg m2.
    pub bogie_kg_m2: f64,
    /// One wheelset, kg m2.
    pub wheelset_kg_m2: f64,
    /// Half the distance of the primary springs of one axle, m.
    pub primary_y_m: f64,
    /// Half the distance of the secondary springs of one bogie, m.
    pub secondary_y_m: f64,
}

impl Roll {
    /// The Manchester passenger vehicle (Iwnicki, *The Manchester Benchmarks for Rail Vehicle
    /// Simulation*, 1999, vehicle 1): 56 800, 1 722 and 1 120 kg m2, springs 2 m apart.
    pub const MANCHESTER: Self = Self {
        body_kg_m2: 56_800.0,
        bogie_kg_m2: 1_722.0,
        wheelset_kg_m2: 1_120.0,
        primary_y_m: 1.0,
        secondary_y_m: 1.0,
    };

    /// For a vehicle whose roll inertias are not published: its masses with the radii of gyration of
    /// the Manchester vehicle (body 1.332 m, bogie 0.811 m, wheelset 0.786 m) and its springs. Gauge
    /// and loading gauge leave vehicles little choice here.
    pub fn from_masses(body_kg: f64, bogie_kg: f64, wheelset_kg: f64) -> Self {
        let model = Self::MANCHESTER;
        Self {
            body_kg_m2: model.body_kg_m2 * body_kg / 32_000.0,
            bogie_kg_m2: model.bogie_kg_m2 * bogie_kg / 2_615.0,
            wheelset_kg_m2: model.wheelset_kg_m2 * wheelset_kg / 1_813.0,
            ..model
        }
    }
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
    /// Roll inertias and lateral places of the springs; only the model of two rails rolls.
    pub roll: Roll,
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
            ("roll.body_kg_m2", self.roll.body_kg_m2),
            ("roll.bogie_kg_m2", self.roll.bogie_kg_m2),
            ("roll.wheelset_kg_m2", self.roll.wheelset_kg_m2),
            ("roll.primary_y_m", self.roll.primary_y_m),
            ("roll.secondary_y_m", self.roll.secondary_y_m),
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
