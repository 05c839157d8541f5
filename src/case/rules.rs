//! Rules of a case that tie several fields together.

use super::model::{LoadKind, RailTheory, ReferenceCase};
use super::turnout::TurnoutCase;
use crate::passage::longest_element_m;
use crate::scenario::check::{Across, Checker};
use crate::scenario::tree::Node;

/// Most time steps of one case: some minutes of work, and a gigabyte of record.
const STEPS_MAX: f64 = 5e6;
/// Most steps times rail nodes of one case: about ten minutes of work.
const WORK_MAX: f64 = 1e11;
/// How far a place may be off a sleeper, of a bay.
const SLEEPER_TOLERANCE: f64 = 1e-6;
/// Time after the dip in which P2 is sought, s.
pub(super) const P2_S: f64 = 0.030;

/// Collects what is wrong across the fields of a reference case whose fields are each right.
pub(super) fn reference(checker: &mut Checker<'_>, case: &ReferenceCase, root: &Node) {
    let mut rules = Rules(Across { checker, root });
    rules.rail(case);
    rules.load(case);
    rules.way(case);
    rules.speed(case);
    rules.elements(case);
    rules.report(case);
    rules.dip(case);
}

/// Collects what is wrong across the fields of a turnout case whose fields are each right.
pub(super) fn turnout(checker: &mut Checker<'_>, case: &TurnoutCase, root: &Node) {
    if case.turnout.count != 1 {
        let mut across = Across { checker, root };
        across.add(
            "turnout.count",
            format!("a case has one turnout, not {}", case.turnout.count),
            "more than one",
            "leave `count` out",
        );
    }
    crate::scenario::check_passage(checker, &case.passage, root);
    crate::scenario::check_track(checker, &case.track, root);
}

struct Rules<'a, 'b>(Across<'a, 'b>);

impl Rules<'_, '_> {
    fn rail(&mut self, case: &ReferenceCase) {
        let track = &case.track;
        if track.rail != RailTheory::Timoshenko {
            return;
        }
        match (track.shear_area_m2, track.kappa) {
            (None, None) => self.0.add(
                "track.rail",
                "a Timoshenko rail needs its shear area",
                "neither `shear_area_m2` nor `kappa` is given",
                "give `shear_area_m2`, or `kappa` and `area_m2` (60E1: kappa 0.41, area 76.70e-4 m2)",
            ),
            (Some(area), Some(kappa)) => {
                let product = kappa * track.area_m2();
                if (area / product - 1.0).abs() > 1e-3 {
                    self.0.add(
                        "track.shear_area_m2",
                        format!("`track.shear_area_m2` is {area} m2, but `kappa` times the area is {product:.6} m2"),
                        "contradicts `kappa`",
                        "give one of them",
                    );
                }
            }
            _ => {}
        }
    }

    fn load(&mut self, case: &ReferenceCase) {
        let load = &case.load;
        let fields = [
            ("force_n", LoadKind::Force, load.force_n.is_some(), true),
            ("ramp_s", LoadKind::Force, load.ramp_s.is_some(), false),
            ("mass_kg", LoadKind::Wheel, load.mass_kg.is_some(), true),
            ("static_n", LoadKind::Wheel, load.static_n.is_some(), true),
            (
                "hertz_n_m15",
                LoadKind::Wheel,
                load.hertz_n_m15.is_some(),
                true,
            ),
        ];
        let name = |kind| match kind {
            LoadKind::Force => "force",
            LoadKind::Wheel => "wheel",
        };
        for (field, kind, given, needed) in fields {
            let path = format!("load.{field}");
            if kind == load.kind && needed && !given {
                self.0.add(
                    &path,
                    format!("`{field}` is missing in `load`"),
                    &format!("`{field}` is wanted here"),
                    format!("a {} needs `{field}`", name(kind)),
                );
            }
            if kind != load.kind && given {
                self.0.add(
                    &path,
                    format!(
                        "`{path}` has no meaning with `kind = \"{}\"`",
                        name(load.kind)
                    ),
                    "belongs to the other kind of load",
                    format!("remove it, or write `kind = \"{}\"`", name(kind)),
                );
            }
        }
    }

    fn way(&mut self, case: &ReferenceCase) {
        let run = &case.run;
        let length_m = case.track.length_m();
        if run.start_m >= run.end_m {
            self.0.add(
                "run.end_m",
                format!(
                    "the run ends at {} m, which is not beyond its start at {} m",
                    run.end_m, run.start_m
                ),
                "not beyond `start_m`",
                "loads move towards larger places: `start_m` < `end_m`",
            );
            return;
        }
        for (path, at_m) in [("run.start_m", run.start_m), ("run.end_m", run.end_m)] {
            if at_m > length_m * (1.0 + 1e-12) {
                self.0.add(
                    path,
                    format!("`{path}` is {at_m} m, outside the track of {length_m} m"),
                    "outside the track",
                    format!("the track reaches from 0 to {length_m} m: `bays` times `bay_m`"),
                );
            }
        }
        let steps = (run.end_m - run.start_m) / run.speed_m_s / run.step_s;
        let nodes = f64::from(case.track.bays) * f64::from(case.track.elements_per_bay) + 1.0;
        if steps > STEPS_MAX {
            self.0.add(
                "run.step_s",
                format!("the run takes {steps:.0} steps, more than {STEPS_MAX:.0}"),
                "too many steps",
                "shorten the run or lengthen the step; 5e-5 s is usual",
            );
        } else if steps * nodes > WORK_MAX {
            self.0.add(
                "run.step_s",
                format!(
                    "the run takes {steps:.0} steps of {nodes:.0} rail nodes, more than {WORK_MAX:.0e} in all"
                ),
                "too much work",
                "shorten the run or the track, lengthen the step, or use fewer elements per bay",
            );
        } else if steps < 1.5 {
            self.0.add(
                "run.step_s",
                format!("the run takes less than two steps of {} s", run.step_s),
                "too few steps",
                "lengthen the run or shorten the step; 5e-5 s is usual",
            );
        }
    }

    fn speed(&mut self, case: &ReferenceCase) {
        let critical_m_s = case.track().critical_speed_m_s();
        if case.run.speed_m_s >= critical_m_s {
            self.0.add(
                "run.speed_m_s",
                format!(
                    "`run.speed_m_s` is {} m/s, at or above the critical speed of this track, {critical_m_s:.1} m/s",
                    case.run.speed_m_s
                ),
                "at or above the critical speed",
                "a load that outruns the bending waves of the track is outside the model: lower the speed",
            );
        }
    }

    fn elements(&mut self, case: &ReferenceCase) {
        let element_m = case.track.bay_m / f64::from(case.track.elements_per_bay);
        let band_hz = case.run.bandwidth_hz;
        let longest_m = longest_element_m(&case.track(), band_hz);
        if element_m > longest_m {
            let needed = (case.track.bay_m / longest_m).ceil();
            self.0.add(
                "track.elements_per_bay",
                format!(
                    "rail elements of {element_m:.4} m cannot carry {band_hz} Hz: a quarter of the bending wave is {longest_m:.4} m"
                ),
                "elements too long",
                format!("use at least {needed} elements per bay, or ask for less with `run.bandwidth_hz`"),
            );
        }
        if case.run.step_s * band_hz > 0.5 {
            self.0.add(
                "run.step_s",
                format!("a step of {} s cannot carry {band_hz} Hz", case.run.step_s),
                "step too long",
                format!(
                    "use at most {:e} s, or ask for less with `run.bandwidth_hz`",
                    0.5 / band_hz
                ),
            );
        }
    }

    fn report(&mut self, case: &ReferenceCase) {
        let (at_m, bay_m) = (case.report.at_m, case.track.bay_m);
        let nearest = (at_m / bay_m).round();
        if (at_m / bay_m - nearest).abs() > SLEEPER_TOLERANCE
            || nearest > f64::from(case.track.bays)
        {
            let within = nearest.min(f64::from(case.track.bays));
            self.0.add(
                "report.at_m",
                format!("there is no sleeper at {at_m} m"),
                "no sleeper here",
                format!(
                    "sleepers lie at multiples of {bay_m} m up to {} m; the nearest is at {:.6} m",
                    case.track.length_m(),
                    within * bay_m
                ),
            );
        }
        let [first, last] = case.report.window_m;
        if first >= last {
            self.0.add(
                "report.window_m",
                format!("the window from {first} to {last} m is empty"),
                "not in ascending order",
                "write the lower place first",
            );
        } else if case.struck_dip().is_none() && !case.holds_a_step(first, last) {
            self.0.add(
                "report.window_m",
                format!(
                    "no time step of the run from {} to {} m lies in the window from {first} to {last} m",
                    case.run.start_m, case.run.end_m
                ),
                "holds no step",
                "put the window between `run.start_m` and `run.end_m`, some steps wide",
            );
        }
    }

    fn dip(&mut self, case: &ReferenceCase) {
        let Some(dip) = &case.dip else { return };
        if dip.at_m <= case.run.start_m || dip.at_m >= case.run.end_m {
            self.0.add(
                "dip.at_m",
                format!(
                    "the dip at {} m is not within the run from {} to {} m",
                    dip.at_m, case.run.start_m, case.run.end_m
                ),
                "the load does not pass it",
                "put the dip between `run.start_m` and `run.end_m`",
            );
            return;
        }
        if case.struck_dip().is_none() {
            return;
        }
        if dip.at_m - dip.half_length_m < case.run.start_m {
            self.0.add(
                "run.start_m",
                format!(
                    "the wheel starts at {} m, within the dip that begins at {} m",
                    case.run.start_m,
                    dip.at_m - dip.half_length_m
                ),
                "in the dip",
                "a wheel starts in static equilibrium on level rail: start it before the dip",
            );
        }
        let after_s = (case.run.end_m - dip.at_m) / case.run.speed_m_s;
        if after_s < P2_S * (1.0 - 1e-9) {
            self.0.add(
                "run.end_m",
                format!(
                    "the run ends {:.1} ms after the dip; P2 is sought within 30 ms of it",
                    after_s * 1e3
                ),
                "ends too early",
                format!(
                    "end the run at {:.3} m or later",
                    dip.at_m + P2_S * case.run.speed_m_s
                ),
            );
        }
    }
}
