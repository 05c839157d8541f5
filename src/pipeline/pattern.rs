//! Which vehicles make up a train, and how fast it runs, from the times of its axles alone.
//!
//! One sensor sees times, not distances. Known vehicle geometry supplies the scale: for every trial
//! speed the axles are cut into vehicles by dynamic programming so that the likelihood of all gaps is
//! highest, and the best speed wins. The relation of wheelbase to bogie spacing to coupling distance
//! tells a 1.8 m freight bogie at 80 km/h from a 2.5 m coach bogie at 110 km/h, which the in-bogie
//! gap alone cannot.
//!
//! **What it ignores**: acceleration during the passage (up to about 10 % is absorbed by the
//! tolerances), articulated trains with shared bogies, and vehicles unlike those of `TEMPLATES`.
//! Then little of the train is explained, and the caller falls back on what the device says.
//! **What it cannot tell**: container wagons (1.8 m bogies 14.2 m apart) without a locomotive have the
//! proportions of coaches that run 1.4 times as fast; with a locomotive in the train they do not.

use super::robust::median;

/// A kind of vehicle that axle gaps can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VehicleKind {
    /// Locomotive with two 2-axle bogies.
    Locomotive,
    /// Locomotive with two 3-axle bogies.
    SixAxleLocomotive,
    /// Coach or multiple-unit car: wheelbase about 2.5 m, bogies 17-20 m apart.
    Coach,
    /// Car on 2.7 m motor bogies.
    MotorCar,
    /// Freight wagon on 1.8 m bogies.
    FreightWagon,
    /// Wagon with two single axles.
    TwoAxleWagon,
}

/// Type of a train, as far as its axles tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrainClass {
    /// Coaches with a locomotive.
    HauledPassenger,
    /// Coaches or motor cars without a locomotive.
    MultipleUnit,
    /// Freight wagons, with or without a locomotive.
    Freight,
    /// Nothing but locomotives.
    LightEngine,
    /// The axles fit no known vehicle.
    Unknown,
}

impl TrainClass {
    /// Every class; a class's place here is its index in a baseline.
    pub const ALL: [Self; 5] = [
        Self::HauledPassenger,
        Self::MultipleUnit,
        Self::Freight,
        Self::LightEngine,
        Self::Unknown,
    ];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::HauledPassenger => "hauled-passenger",
            Self::MultipleUnit => "multiple-unit",
            Self::Freight => "freight",
            Self::LightEngine => "light-engine",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a train's speed comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpeedSource {
    /// The vehicle pattern of the whole train.
    Pattern,
    /// The device's own estimate.
    Device,
    /// Nobody knows the speed.
    None,
}

/// A recognised train.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainPattern {
    /// Class by its vehicles.
    pub class: TrainClass,
    /// Vehicles in the order of their passage.
    pub vehicles: Vec<VehicleKind>,
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Share of the axles that belong to a recognised vehicle, 0 to 1.
    pub explained: f64,
}

/// Mean and standard deviation of a distance, m.
#[derive(Clone, Copy)]
struct Distance(f64, f64);

struct Template {
    kind: VehicleKind,
    /// Gaps between the vehicle's axles.
    gaps: &'static [Distance],
    /// Bogie wheelbases: indices into `gaps`.
    wheelbases: &'static [usize],
    /// Last axle to first axle of an identical vehicle behind, m.
    coupling_m: f64,
    /// Fastest usual speed, m/s.
    max_speed_m_s: f64,
    /// Handicap for rare kinds, in units of -2 log likelihood.
    handicap: f64,
}

/// Wheelbases and bogie spacings: coach 2.5-2.56 m and 19 m (UIC type Z, Manchester benchmark
/// vehicle; 17.8-20 m measured on Swiss coaches), motor car 2.7 m and 17.6 m, Y25 freight bogie
/// 1.8 m with spacings of 10-14.5 m, Bo'Bo' 2.6-3.0 m with 8-11 m (all centre to centre; the gap
/// between inner axles is shorter by one wheelbase).
const TEMPLATES: [Template; 7] = [
    Template {
        kind: VehicleKind::Locomotive,
        gaps: &[Distance(2.8, 0.15), Distance(7.6, 0.9), Distance(2.8, 0.15)],
        wheelbases: &[0, 2],
        coupling_m: 4.7,
        max_speed_m_s: 65.0,
        handicap: 2.0,
    },
    Template {
        kind: VehicleKind::SixAxleLocomotive,
        gaps: &[
            Distance(2.0, 0.2),
            Distance(2.0, 0.2),
            Distance(8.0, 1.2),
            Distance(2.0, 0.2),
            Distance(2.0, 0.2),
        ],
        wheelbases: &[0, 1, 3, 4],
        coupling_m: 4.7,
        max_speed_m_s: 40.0,
        handicap: 4.0,
    },
    Template {
        kind: VehicleKind::Coach,
        gaps: &[
            Distance(2.52, 0.05),
            Distance(16.6, 0.8),
            Distance(2.52, 0.05),
        ],
        wheelbases: &[0, 2],
        coupling_m: 4.6,
        max_speed_m_s: 90.0,
        handicap: 0.0,
    },
    Template {
        kind: VehicleKind::MotorCar,
        gaps: &[Distance(2.7, 0.05), Distance(15.2, 0.8), Distance(2.6, 0.1)],
        wheelbases: &[0, 2],
        coupling_m: 4.3,
        max_speed_m_s: 90.0,
        handicap: 2.0,
    },
    Template {
        kind: VehicleKind::FreightWagon,
        gaps: &[Distance(1.8, 0.04), Distance(8.6, 1.0), Distance(1.8, 0.04)],
        wheelbases: &[0, 2],
        coupling_m: 3.4,
        max_speed_m_s: 33.4,
        handicap: 0.0,
    },
    Template {
        kind: VehicleKind::FreightWagon,
        gaps: &[
            Distance(1.8, 0.04),
            Distance(12.4, 1.0),
            Distance(1.8, 0.04),
        ],
        wheelbases: &[0, 2],
        coupling_m: 3.7,
        max_speed_m_s: 33.4,
        handicap: 0.0,
    },
    Template {
        kind: VehicleKind::TwoAxleWagon,
        gaps: &[Distance(8.5, 1.0)],
        wheelbases: &[],
        coupling_m: 5.2,
        max_speed_m_s: 33.4,
        handicap: 8.0,
    },
];

/// Index of "no vehicle directly in front" beside the templates.
const NOTHING: usize = TEMPLATES.len();
/// Scatter of a coupling distance between two kinds of vehicle, m.
const COUPLING_SIGMA_M: f64 = 0.6;
/// Scatter of the difference of two detected axle times, s.
const GAP_SIGMA_S: f64 = 0.003;
/// Gap scatter at which the likelihood term is zero, s; sets the scale against `SKIP_COST`.
const REFERENCE_SIGMA_S: f64 = 0.01;
/// Price of an axle that belongs to no vehicle, -2 log likelihood.
const SKIP_COST: f64 = 16.0;
/// Trial speeds: from, to (m/s), and step (relative).
const SPEEDS: (f64, f64, f64) = (3.0, 95.0, 0.012);
/// Longest train that is parsed, axles; the rest of a longer one is not looked at.
const MAX_AXLES: usize = 400;

/// A gap as it should be at one trial speed.
#[derive(Clone, Copy)]
struct Gap {
    mean_s: f64,
    inverse_variance: f64,
    log_variance: f64,
}

impl Gap {
    fn at(distance: Distance, speed: f64) -> Self {
        let Distance(mean, sigma) = distance;
        let variance = sigma * sigma / (speed * speed) + GAP_SIGMA_S * GAP_SIGMA_S;
        Self {
            mean_s: mean / speed,
            inverse_variance: 1.0 / variance,
            log_variance: libm::log(variance / (REFERENCE_SIGMA_S * REFERENCE_SIGMA_S)),
        }
    }

    /// -2 log likelihood, up to a constant.
    fn cost(&self, gap_s: f64) -> f64 {
        let miss = gap_s - self.mean_s;
        miss * miss * self.inverse_variance + self.log_variance
    }
}

/// The templates at one trial speed.
struct Trial {
    gaps: [Vec<Gap>; NOTHING],
    /// Coupling between the template in front (row) and behind (column).
    couplings: [[Gap; NOTHING]; NOTHING],
    /// Cost of having the vehicle at all: handicap and excess speed.
    base: [f64; NOTHING],
}

impl Trial {
    fn at(speed: f64) -> Self {
        let coupling = |front: usize, rear: usize| {
            let mean = 0.5 * (TEMPLATES[front].coupling_m + TEMPLATES[rear].coupling_m);
            Gap::at(Distance(mean, COUPLING_SIGMA_M), speed)
        };
        Self {
            gaps: std::array::from_fn(|index| {
                TEMPLATES[index]
                    .gaps
                    .iter()
                    .map(|&distance| Gap::at(distance, speed))
                    .collect()
            }),
            couplings: std::array::from_fn(|front| {
                std::array::from_fn(|rear| coupling(front, rear))
            }),
            base: std::array::from_fn(|index| {
                let over = ((speed - TEMPLATES[index].max_speed_m_s) / 2.0).max(0.0);
                TEMPLATES[index].handicap + over * over
            }),
        }
    }

    /// Cost of a vehicle of a template whose first gap is the first of `gaps`.
    fn fit(&self, index: usize, gaps: &[f64]) -> f64 {
        let pairs = self.gaps[index].iter().zip(gaps);
        self.base[index]
            + pairs
                .map(|(expected, &gap)| expected.cost(gap))
                .sum::<f64>()
    }
}

/// One vehicle of a parse: template and index of its first axle.
type Placed = (usize, usize);

struct Parse {
    cost: f64,
    vehicles: Vec<Placed>,
}

/// What the best parse that ends in a state came from.
#[derive(Clone, Copy)]
struct Step {
    cost: f64,
    from_axle: usize,
    from_state: usize,
}

const UNREACHED: Step = Step {
    cost: f64::INFINITY,
    from_axle: 0,
    from_state: NOTHING,
};

/// Cuts the axles into vehicles at a trial speed, at the lowest cost.
fn parse(gaps: &[f64], trial: &Trial) -> Parse {
    let axles = gaps.len() + 1;
    let mut best = vec![[UNREACHED; NOTHING + 1]; axles + 1];
    best[0][NOTHING].cost = 0.0;
    for axle in 0..axles {
        let here = best[axle];
        let Some((state, cost)) = cheapest(&here) else {
            continue;
        };
        let skipped = cost + SKIP_COST;
        if skipped < best[axle + 1][NOTHING].cost {
            best[axle + 1][NOTHING] = Step {
                cost: skipped,
                from_axle: axle,
                from_state: state,
            };
        }
        for index in 0..NOTHING {
            let end = axle + trial.gaps[index].len() + 1;
            if end > axles {
                continue;
            }
            let fit = trial.fit(index, &gaps[axle..]);
            let reached = here
                .iter()
                .enumerate()
                .filter(|(_, step)| step.cost.is_finite());
            for (from_state, step) in reached {
                let coupling = trial
                    .couplings
                    .get(from_state)
                    .map_or(0.0, |c| c[index].cost(gaps[axle - 1]));
                let cost = step.cost + coupling + fit;
                if cost < best[end][index].cost {
                    best[end][index] = Step {
                        cost,
                        from_axle: axle,
                        from_state,
                    };
                }
            }
        }
    }
    trace_back(&best)
}

/// The cheapest reachable state.
fn cheapest(states: &[Step]) -> Option<(usize, f64)> {
    let (state, step) = states
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.cost.total_cmp(&b.1.cost))?;
    step.cost.is_finite().then_some((state, step.cost))
}

fn trace_back(best: &[[Step; NOTHING + 1]]) -> Parse {
    let mut axle = best.len() - 1;
    let Some((mut state, cost)) = cheapest(&best[axle]) else {
        return Parse {
            cost: f64::INFINITY,
            vehicles: Vec::new(),
        };
    };
    let mut vehicles = Vec::new();
    while axle > 0 {
        let step = best[axle][state];
        if state != NOTHING {
            vehicles.push((state, step.from_axle));
        }
        (axle, state) = (step.from_axle, step.from_state);
    }
    vehicles.reverse();
    Parse { cost, vehicles }
}

/// The speed that the bogie wheelbases of a parse give: median of wheelbase over gap.
fn refine(gaps: &[f64], vehicles: &[Placed], trial: f64) -> f64 {
    let speeds: Vec<f64> = vehicles
        .iter()
        .flat_map(|&(index, first)| {
            let template = &TEMPLATES[index];
            template
                .wheelbases
                .iter()
                .map(move |&w| template.gaps[w].0 / gaps[first + w])
        })
        .filter(|speed| speed.is_finite())
        .collect();
    // The trial speed also weighs the bogie spacings; more than 5 % away from it, a few badly
    // detected axles have taken over the median.
    median(&speeds)
        .filter(|speed| (speed / trial - 1.0).abs() < 0.05)
        .unwrap_or(trial)
}

fn classify(kinds: &[VehicleKind]) -> TrainClass {
    use VehicleKind::{Coach, FreightWagon, Locomotive, MotorCar, SixAxleLocomotive, TwoAxleWagon};
    let count = |wanted: &[VehicleKind]| kinds.iter().filter(|&kind| wanted.contains(kind)).count();
    let locomotives = count(&[Locomotive, SixAxleLocomotive]);
    let passenger = count(&[Coach, MotorCar]);
    let freight = count(&[FreightWagon, TwoAxleWagon]);
    match (locomotives, passenger, freight) {
        (0, 0, 0) => TrainClass::Unknown,
        (_, 0, 0) => TrainClass::LightEngine,
        (_, p, f) if f > p => TrainClass::Freight,
        (0, _, _) => TrainClass::MultipleUnit,
        _ => TrainClass::HauledPassenger,
    }
}

/// Recognises a train from the times of its axles, s, ascending. `None` for fewer than two axles,
/// times that are not finite or do not ascend, or when no vehicle with bogies fits (the two distances
/// of two-axle wagons alone are too little to tell them from regular blows).
pub fn recognise(axle_times_s: &[f64]) -> Option<TrainPattern> {
    let times = &axle_times_s[..axle_times_s.len().min(MAX_AXLES)];
    let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if gaps.is_empty() || !gaps.iter().all(|gap| gap.is_finite() && *gap > 0.0) {
        return None;
    }
    let (from, to, step) = SPEEDS;
    let mut best: Option<(f64, Parse)> = None;
    let mut speed = from;
    while speed <= to {
        let candidate = parse(&gaps, &Trial::at(speed));
        if best
            .as_ref()
            .is_none_or(|(_, parse)| candidate.cost < parse.cost)
        {
            best = Some((speed, candidate));
        }
        speed *= 1.0 + step;
    }
    let (trial, parse) = best?;
    let kinds: Vec<VehicleKind> = parse
        .vehicles
        .iter()
        .map(|&(index, _)| TEMPLATES[index].kind)
        .collect();
    let covered: usize = parse
        .vehicles
        .iter()
        .map(|&(index, _)| TEMPLATES[index].gaps.len() + 1)
        .sum();
    let bogies = kinds.iter().any(|&kind| kind != VehicleKind::TwoAxleWagon);
    bogies.then(|| TrainPattern {
        class: classify(&kinds),
        speed_m_s: refine(&gaps, &parse.vehicles, trial),
        explained: covered as f64 / times.len() as f64,
        vehicles: kinds,
    })
}

/// Share of the axles that come in pairs: closer to one neighbour than 0.6 times the next gap.
/// Wheels do, whatever the vehicle; footsteps and hammer blows do not.
pub(crate) fn paired_share(axle_times_s: &[f64]) -> f64 {
    let gaps: Vec<f64> = axle_times_s
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    let gap = |index: Option<usize>| {
        index
            .and_then(|i| gaps.get(i))
            .copied()
            .unwrap_or(f64::INFINITY)
    };
    let mut paired = 0_usize;
    let mut index = 0;
    while index < gaps.len() {
        let limit = 0.6 * gap(index.checked_sub(1)).min(gap(Some(index + 1)));
        if gaps[index] < limit && limit.is_finite() {
            paired += 2;
            index += 1;
        }
        index += 1;
    }
    paired as f64 / axle_times_s.len().max(1) as f64
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
