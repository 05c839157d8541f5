//! The vehicle over one rail.

/// A bogie: its place under the body and its axles.
#[derive(Debug, Clone, PartialEq)]
pub struct Bogie {
    /// Place of the bogie centre along the vehicle, m, measured backwards from the vehicle's first axle.
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
