//! The constants of bearers, pads and ballast for one condition of the track; [`super::bearers`] has
//! their equations.

use super::agreement::Agreement;
use super::lanes::Four;
use super::pseudo::{Piece, Pieces};
use super::rail_factor::constants;
use crate::track::BallastLaw;
use crate::track::two_rail_model::ModalBearer;

/// Constants of one support.
#[derive(Debug, Clone)]
pub(super) struct Support {
    /// Node of the chains.
    pub(super) node: usize,
    pub(super) pad_stiffness: Four,
    /// Damping over the step.
    pub(super) pad_damping: Four,
    /// `e/(1 + e G)`.
    pub(super) link: Four,
    /// `G` of the own pad and of the other rail's.
    pub(super) own: Four,
    pub(super) cross: Four,
    /// Mode 0 to ballast force: stiffness and damping times the root of the mass; and the force in
    /// the initial state.
    pub(super) bed: [Four; 2],
    pub(super) static_n: Four,
    pub(super) halves: [Half; 2],
    /// What is least on any piece, for a bound that needs no pieces.
    pub(super) bound: PieceBound,
}

/// What holds for all pieces of the ballast of the bearers of both halves, in the lanes of the bearers.
#[derive(Debug, Clone)]
pub(super) struct PieceBound {
    /// Largest modulus of the shapes at the pieces, by vectors of modes; that of mode 0, which is the same
    /// everywhere, is in [`Self::rigid`].
    pub(super) range: Vec<Four>,
    /// Shape of mode 0; zero in the lanes of other modes.
    pub(super) rigid: Four,
    /// Smallest compression in the initial state, m, and smallest stiffness, N/m.
    pub(super) closed_m: Four,
    pub(super) stiffness: Four,
    /// Damping over stiffness, in steps.
    pub(super) memory: Four,
    /// Largest force that a unit change of the force of each pad takes from a piece, in the lanes of the pads.
    pub(super) relief: Four,
}

/// Constants of one bearer.
#[derive(Debug, Clone)]
pub(super) struct Half {
    /// Index of the bearer in the track.
    pub(super) bearer: usize,
    pub(super) root_mass: f64,
    /// Damping over stiffness of the ballast, in steps.
    pub(super) memory: f64,
    /// Smallest compression of a piece of the ballast in the initial state, m.
    pub(super) closed_m: f64,
    pub(super) static_n: f64,
    pub(super) pieces: Pieces,
    /// Largest force that a unit change of the force of each rail's pad within a step may take from a piece.
    pub(super) relief: [f64; 2],
}

/// Constants of the modes of one support in the lanes of a vector: with two rails a vector holds
/// two modes of the bearers of both halves, with one rail one mode in two passages.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModeLanes<const R: usize> {
    /// Answer to the pad forces of each rail.
    pub(super) drive: [Four; R],
    /// Answer to displacement and velocity.
    pub(super) stiff: Four,
    pub(super) damp: Four,
    /// The same, seen at the seats of each rail.
    pub(super) seat_stiff: [Four; R],
    pub(super) seat_damp: [Four; R],
}

/// Constants of one mode of one bearer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mode {
    /// Answer to the pad forces.
    pub(super) drive: [f64; 2],
    /// Answer to displacement and velocity.
    pub(super) stiff: f64,
    pub(super) damp: f64,
    /// Answer to a unit modal force.
    pub(super) answer: f64,
    /// Shape at the seats.
    pub(super) seat: [f64; 2],
}

/// Where a bearer and its pads stand at the start, for the constants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StaticBearer<'a> {
    pub(crate) modes: &'a [f64],
    pub(crate) open: &'a [bool],
    pub(crate) ballast_force_n: f64,
}

/// Constants of all supports for a track in one condition.
#[derive(Debug, Clone)]
pub(crate) struct BearerFactor<const R: usize> {
    pub(super) supports: Vec<Support>,
    pub(super) lanes: Vec<ModeLanes<R>>,
    /// Vectors of modes of a support.
    pub(super) vectors: usize,
    /// Modes of each half of each support.
    pub(super) modes: Vec<[Vec<Mode>; 2]>,
    pub(super) law: BallastLaw,
    pub(super) agreement: Agreement,
    pub(super) step_s: f64,
    /// Half and support of each bearer of the track.
    pub(super) place: Vec<(usize, usize)>,
}

impl<const R: usize> BearerFactor<R> {
    /// Supports lie at every `per_bay`-th node; bearers number from left to right.
    pub(crate) fn new(
        bearers: &[ModalBearer],
        statics: &[StaticBearer<'_>],
        law: BallastLaw,
        per_bay: usize,
        half: usize,
        step_s: f64,
    ) -> Self {
        let last = bearers.len() - 1;
        let mut factor = Self {
            supports: Vec::new(),
            lanes: Vec::new(),
            vectors: bearers[0].omega2.len().div_ceil(R),
            modes: Vec::new(),
            law,
            agreement: Agreement::CLOSE,
            step_s,
            place: vec![(0, 0); bearers.len()],
        };
        for s in 0..=half / per_bay {
            let index = [s, last - s];
            for side in [1, 0] {
                factor.place[index[side]] = (side, s);
            }
            let pair = index.map(|i| &bearers[i]);
            let modes = pair.map(|b| modes_of::<R>(b, step_s));
            factor.add_lanes(&modes);
            let halves = [0, 1].map(|side| {
                half_of(
                    pair[side],
                    &statics[index[side]],
                    index[side],
                    &modes[side],
                    step_s,
                )
            });
            let support = support_of::<R>(s * per_bay, pair, &modes, halves, step_s);
            factor.supports.push(support);
            factor.modes.push(modes);
        }
        factor
    }

    fn add_lanes(&mut self, modes: &[Vec<Mode>; 2]) {
        let none = Mode::default();
        for m in 0..self.vectors {
            let of = |f: &dyn Fn(&Mode) -> f64| -> Four {
                let lane = |lane: usize| {
                    let j = if R == 2 { 2 * m + lane / 2 } else { m };
                    f(modes[lane % 2].get(j).unwrap_or(&none))
                };
                Four::from_array([lane(0), lane(1), lane(2), lane(3)])
            };
            let mut lanes = ModeLanes {
                drive: [Four::ZERO; R],
                stiff: of(&|m| m.stiff),
                damp: of(&|m| m.damp),
                seat_stiff: [Four::ZERO; R],
                seat_damp: [Four::ZERO; R],
            };
            for rail in 0..R {
                lanes.drive[rail] = of(&|m| m.drive[rail]);
                lanes.seat_stiff[rail] = of(&|m| m.seat[rail] * m.stiff);
                lanes.seat_damp[rail] = of(&|m| m.seat[rail] * m.damp);
            }
            self.lanes.push(lanes);
        }
    }

    /// What the rails feel at each support: node and stiffness-like entry of each chain.
    pub(crate) fn links(&self) -> impl Iterator<Item = (usize, [f64; 4])> {
        self.supports.iter().map(|s| (s.node, s.link.to_array()))
    }

    /// Vector of modes and lane of a mode.
    #[inline(always)]
    pub(super) fn mode_lane(mode: usize, side: usize, passage: usize) -> (usize, usize, usize) {
        if R == 2 {
            (mode / 2, passage, 2 * (mode % 2) + side)
        } else {
            (mode, passage / 2, 2 * (passage % 2) + side)
        }
    }
}

fn modes_of<const R: usize>(bearer: &ModalBearer, h: f64) -> Vec<Mode> {
    (0..bearer.omega2.len())
        .map(|j| {
            let k = bearer.omega2[j] + bearer.ballast_1_s2;
            let d = bearer.damping_1_s;
            let answer = 1.0 / (1.0 / (h * h) + 0.5 * d / h + 0.25 * k);
            let mut seat = [0.0; 2];
            for (rail, seat) in seat.iter_mut().enumerate().take(R) {
                *seat = bearer.seats[rail][j];
            }
            Mode {
                drive: seat.map(|shape| answer * shape),
                stiff: answer * k,
                damp: answer * d / h,
                answer,
                seat,
            }
        })
        .collect()
}

fn support_of<const R: usize>(
    node: usize,
    pair: [&ModalBearer; 2],
    modes: &[Vec<Mode>; 2],
    halves: [Half; 2],
    step_s: f64,
) -> Support {
    // Chain c is half c % 2 of rail c / 2.
    let seat_to_seat = |side: usize, from: usize, to: usize| -> f64 {
        let product = |m: &Mode| m.drive[from] * m.seat[to];
        modes[side].iter().map(product).sum()
    };
    let own = |c: usize| seat_to_seat(c % 2, c / 2, c / 2);
    let pad = |c: usize| pair[c % 2].pads[c / 2];
    let link = |c: usize| {
        let e = 0.25 * pad(c).stiffness_n_m + 0.5 * pad(c).damping_n_s_m / step_s;
        e / (1.0 + e * own(c))
    };
    let by_half = |f: &dyn Fn(usize) -> f64| Four::from_array([f(0), f(1), f(0), f(1)]);
    let bound = bound_of::<R>(&halves);
    Support {
        node,
        pad_stiffness: constants::<R>(|c| pad(c).stiffness_n_m),
        pad_damping: constants::<R>(|c| pad(c).damping_n_s_m / step_s),
        link: constants::<R>(link),
        own: constants::<R>(own),
        cross: constants::<R>(|c| {
            if R == 2 {
                seat_to_seat(c % 2, 1 - c / 2, c / 2)
            } else {
                0.0
            }
        }),
        bed: [
            by_half(&|side| halves[side].root_mass * pair[side].ballast_1_s2),
            by_half(&|side| halves[side].root_mass * pair[side].damping_1_s / step_s),
        ],
        static_n: by_half(&|side| halves[side].static_n),
        bound,
        halves,
    }
}

/// What is least and largest over the pieces.
fn bound_of<const R: usize>(halves: &[Half; 2]) -> PieceBound {
    let lanes = |f: &dyn Fn(usize) -> f64| Four::from_array([f(0), f(1), f(2), f(3)]);
    let by_half = |f: &dyn Fn(usize) -> f64| lanes(&|lane| f(lane % 2));
    // Mode in a lane of a vector.
    let mode = |m: usize, lane: usize| if R == 2 { 2 * m + lane / 2 } else { m };
    let largest = |m: usize, lane: usize| match mode(m, lane) {
        0 => 0.0,
        bending => halves[lane % 2].pieces.largest_shape(bending),
    };
    let modes = halves[0].pieces.modes();
    PieceBound {
        range: (0..modes.div_ceil(R))
            .map(|m| lanes(&|lane| largest(m, lane)))
            .collect(),
        rigid: lanes(&|lane| match mode(0, lane) {
            0 => 1.0 / halves[lane % 2].root_mass,
            _ => 0.0,
        }),
        closed_m: by_half(&|side| halves[side].closed_m),
        stiffness: by_half(&|side| halves[side].pieces.least_stiffness()),
        memory: by_half(&|side| halves[side].memory),
        relief: constants::<R>(|c| halves[c % 2].relief[c / 2]),
    }
}

fn half_of(
    bearer: &ModalBearer,
    state: &StaticBearer<'_>,
    index: usize,
    modes: &[Mode],
    step_s: f64,
) -> Half {
    let pieces: Vec<Piece> = bearer
        .points
        .iter()
        .zip(state.open)
        .map(|(point, open)| Piece::new(point, state.modes, *open, step_s))
        .collect();
    let pieces_of_bearer = Pieces::new(&pieces, modes);
    Half {
        bearer: index,
        relief: pieces_of_bearer.relief(),
        root_mass: 1.0 / bearer.seats[0][0],
        memory: bearer.damping_1_s / bearer.ballast_1_s2 / step_s,
        closed_m: pieces
            .iter()
            .map(|p| p.compression_m)
            .fold(f64::INFINITY, f64::min),
        static_n: state.ballast_force_n,
        pieces: pieces_of_bearer,
    }
}
