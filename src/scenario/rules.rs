//! Rules that tie several fields together.

use super::check::{Across, Checker};
use super::tree::Node;
use super::{
    FaultKind, Observation, PassageEngine, PassageModel, PassageSpec, Scenario, TrackSpec,
    TrainSpec, WearQuantity, WearSpec,
};
use crate::train::traffic::{HEADWAY_S, find_room};

/// Collects what is wrong across fields of a scenario whose fields are each right.
pub(crate) fn check(checker: &mut Checker<'_>, scenario: &Scenario, root: &Node) {
    let mut rules = Rules(Across { checker, root });
    rules.observation(scenario);
    rules.traffic(scenario);
    rules.sensor(scenario);
    if scenario.pipeline.clear_sigma > scenario.pipeline.alarm_sigma {
        rules.0.add(
            "pipeline.clear_sigma",
            format!(
                "`pipeline.clear_sigma` is above `alarm_sigma` ({})",
                scenario.pipeline.alarm_sigma
            ),
            "an alarm would clear before it is raised",
            "an alarm is raised above alarm_sigma and cleared below clear_sigma: lower clear_sigma",
        );
    }
    rules.passage(&scenario.passage);
    rules.voids(&scenario.track);
    rules.corrugation(&scenario.track);
    for (index, wear) in scenario.wear.iter().enumerate() {
        rules.wear(index, wear, &scenario.wear, scenario.time.days);
    }
    for (index, _) in scenario.disturbance.iter().enumerate() {
        rules.disturbance(index, scenario);
    }
    for (index, _) in scenario.fault.iter().enumerate() {
        rules.fault(index, scenario);
    }
}

/// Collects what is wrong across the fields of a passage model.
pub(crate) fn check_passage(checker: &mut Checker<'_>, passage: &PassageSpec, root: &Node) {
    Rules(Across { checker, root }).passage(passage);
}

/// Collects what is wrong across the fields of a track.
pub(crate) fn check_track(checker: &mut Checker<'_>, track: &TrackSpec, root: &Node) {
    let mut rules = Rules(Across { checker, root });
    rules.voids(track);
    rules.corrugation(track);
}

struct Rules<'a, 'b>(Across<'a, 'b>);

impl Rules<'_, '_> {
    fn observation(&mut self, scenario: &Scenario) {
        let Observation {
            passages, repeat, ..
        } = scenario.observe;
        let passages = passages.saturating_mul(repeat);
        if scenario.observe.windows() == 0 {
            self.0.add(
                "observe",
                "nothing is observed: `passages` and `quiet_windows` are both 0",
                "no window",
                "observe at least one passage or one quiet window",
            );
        }
        let running = scenario.traffic.passages_per_day * scenario.time.days;
        if f64::from(passages) > running {
            self.0.add(
                "observe.passages",
                format!("{passages} passages are to be observed, but only {running:.1} run in the period"),
                "more than there are",
                "raise `traffic.passages_per_day` or `time.days`, or observe fewer",
            );
        }
        if repeat > 1 && !find_room(passages as usize, scenario.time.days) {
            self.0.add(
                "observe.repeat",
                format!(
                    "{passages} passages, repeats included, do not fit into {} days with {HEADWAY_S} s between them",
                    scenario.time.days
                ),
                "more than find room",
                "raise `time.days`, or repeat less often",
            );
        }
    }

    fn passage(&mut self, passage: &PassageSpec) {
        if passage.engine == PassageEngine::Fast && passage.model != PassageModel::TwoRails {
            self.0.add(
                "passage.engine",
                "the fast engine has two rails, but `passage.model` is \"one-rail\"",
                "no such engine",
                "leave out `passage.model`, or set `passage.engine = \"full\"`",
            );
        }
    }

    fn traffic(&mut self, scenario: &Scenario) {
        let traffic = &scenario.traffic;
        if traffic.measured.is_some() && !traffic.train.is_empty() {
            self.0.add(
                "traffic.measured",
                "`traffic.measured` and `traffic.train` exclude each other",
                "measured trains",
                "keep the measured axle times or the trains from the catalogue, not both",
            );
        }
        if traffic.measured.is_none() && traffic.train.is_empty() && scenario.observe.passages > 0 {
            self.0.add(
                "traffic",
                "the scenario observes passages but has no trains",
                "no trains",
                "add a `[[traffic.train]]`, or `traffic.measured`, or set `observe.passages = 0`",
            );
        }
        let shares: f64 = traffic.train.iter().map(|train| train.share).sum();
        if !traffic.train.is_empty() && shares <= 0.0 {
            self.0.add(
                "traffic.train.0.share",
                "the shares of all trains add up to 0",
                "no train would ever run",
                "give at least one train a share above 0",
            );
        }
        for (index, train) in traffic.train.iter().enumerate() {
            self.length(index, train);
            let (min, max) = train.speed_km_h.bounds_km_h();
            let mean = train.speed_km_h.mean;
            if min > mean || mean > max {
                self.0.add(
                    &format!("traffic.train.{index}.speed_km_h.mean"),
                    format!("the mean speed of {mean} km/h is not between `min` ({min}) and `max` ({max})"),
                    "outside its own limits",
                    "order them min <= mean <= max, all in km/h",
                );
            }
        }
    }

    fn length(&mut self, index: usize, train: &TrainSpec) {
        let catalogue = self.0.checker.catalogue;
        let axles_of = |name: &str| {
            catalogue
                .vehicles
                .iter()
                .find(|known| known.name == name)
                .map_or(0, |known| known.axles)
        };
        let axles: usize = train.vehicle_names().into_iter().map(axles_of).sum();
        if axles > catalogue.axles_max {
            self.0.add(
                &format!("traffic.train.{index}.vehicles"),
                format!(
                    "the train has {axles} axles, more than {}",
                    catalogue.axles_max
                ),
                "too long",
                "couple fewer vehicles",
            );
        }
    }

    fn sensor(&mut self, scenario: &Scenario) {
        let sensor = &scenario.sensor;
        let Some(limits) = self.0.checker.catalogue.part(sensor.part).cloned() else {
            return;
        };
        let name = sensor.part.name();
        self.batch(scenario, limits.fifo_samples);
        if let Some(range) = sensor.range_g
            && !limits
                .ranges_g
                .iter()
                .any(|known| (known - range).abs() <= 1e-6 * known)
        {
            let list = limits
                .ranges_g
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            self.0.add(
                "sensor.range_g",
                format!("the {name} has no range of {range} g"),
                "not offered by the part",
                format!("it has: {list} g"),
            );
        }
        // A rounded figure of the highest rate may be a little above it.
        let rates = limits.rate_min_hz..=limits.rate_max_hz;
        if let Some(rate) = sensor.output_rate_hz
            && !rates.contains(&rate)
            && (rate / limits.rate_max_hz - 1.0).abs() > limits.rate_agrees
        {
            self.0.add(
                "sensor.output_rate_hz",
                format!("the {name} has no output rate of {rate} Hz"),
                "not offered by the part",
                format!(
                    "it has {:.1} to {:.1} Hz, lower ones by decimation",
                    rates.start(),
                    rates.end()
                ),
            );
        }
    }

    fn batch(&mut self, scenario: &Scenario, fifo_samples: u32) {
        if scenario
            .sensor
            .fifo_batch
            .is_some_and(|batch| batch > fifo_samples)
        {
            self.0.add(
                "sensor.fifo_batch",
                format!(
                    "the {} holds {fifo_samples} samples in its FIFO",
                    scenario.sensor.part.name()
                ),
                "more than the part holds",
                format!("take at most {fifo_samples} samples at a time"),
            );
        }
    }

    fn voids(&mut self, track: &TrackSpec) {
        let voids = &track.void;
        for (index, void) in voids.iter().enumerate() {
            if voids[..index]
                .iter()
                .any(|other| other.bearer == void.bearer)
            {
                self.0.add(
                    &format!("track.void.{index}.bearer"),
                    format!("bearer {} has two voids", void.bearer),
                    "named before",
                    "give each bearer one gap",
                );
            }
        }
    }

    fn corrugation(&mut self, track: &TrackSpec) {
        for (index, waves) in track.corrugation.iter().enumerate() {
            if waves.to_m <= waves.from_m {
                self.0.add(
                    &format!("track.corrugation.{index}.to_m"),
                    format!(
                        "the corrugation ends at {} m, where it has not begun ({} m)",
                        waves.to_m, waves.from_m
                    ),
                    "not behind `from_m`",
                    "places count from the theoretical point, positive in facing direction",
                );
            }
        }
    }

    fn wear(&mut self, index: usize, wear: &WearSpec, all: &[WearSpec], days: f64) {
        let path = |field: &str| format!("wear.{index}.{field}");
        if all[..index]
            .iter()
            .any(|other| other.quantity == wear.quantity && other.bearer == wear.bearer)
        {
            self.0.add(
                &path("quantity"),
                format!("`{}` has two courses", wear.quantity.name()),
                "prescribed before",
                "give each quantity (and bearer) one course",
            );
        }
        let everywhere = matches!(
            wear.quantity,
            WearQuantity::KinkAngleMrad
                | WearQuantity::PadStiffnessFactor
                | WearQuantity::Frost
                | WearQuantity::Fouling
        );
        if everywhere && wear.bearer != 0 {
            self.0.add(
                &path("bearer"),
                format!("`{}` does not belong to one bearer", wear.quantity.name()),
                "has no meaning here",
                "remove `bearer`",
            );
        }
        self.course(index, wear);
        match (wear.fault_from_day, wear.must_warn_by_day) {
            (None, Some(_)) => self.0.add(
                &path("must_warn_by_day"),
                "`must_warn_by_day` without `fault_from_day`: the truth has no fault to warn of",
                "warn of what?",
                "add `fault_from_day`, the day on which the fault begins to develop",
            ),
            (Some(from), by) => {
                let end = by.unwrap_or(days);
                if end > days {
                    let message = format!(
                        "`must_warn_by_day` is {end}, after the end of the period (day {days})"
                    );
                    self.0.add(
                        &path("must_warn_by_day"),
                        message,
                        "after the period",
                        "lengthen `time.days` or warn earlier",
                    );
                }
                if from >= end {
                    self.0.add(
                        &path("fault_from_day"),
                        format!("`fault_from_day` is {from}, but the warning is due by day {end}"),
                        "not before the warning",
                        "let the fault begin before the day by which the pipeline must have warned",
                    );
                }
            }
            (None, None) => {}
        }
    }

    fn course(&mut self, index: usize, wear: &WearSpec) {
        let (least, most) = wear.quantity.limits();
        for (at, point) in wear.course.iter().enumerate() {
            if !(least..=most).contains(&point.value) {
                self.0.add(
                    &format!("wear.{index}.course.{at}.value"),
                    format!(
                        "`{}` is {}, but must be {least} to {most}",
                        wear.quantity.name(),
                        point.value
                    ),
                    "out of range",
                    "the unit is the one that the quantity's name states",
                );
            }
            if at > 0 && point.day <= wear.course[at - 1].day {
                self.0.add(
                    &format!("wear.{index}.course.{at}.day"),
                    format!(
                        "day {} does not come after day {}",
                        point.day,
                        wear.course[at - 1].day
                    ),
                    "not ascending",
                    "sort the points of a course by day, each day once",
                );
            }
        }
    }

    fn disturbance(&mut self, index: usize, scenario: &Scenario) {
        let (disturbance, observe) = (&scenario.disturbance[index], &scenario.observe);
        if disturbance.window >= observe.quiet_windows {
            self.0.add(
                &format!("disturbance.{index}.window"),
                format!(
                    "there is no quiet window {}: `observe.quiet_windows` is {}",
                    disturbance.window, observe.quiet_windows
                ),
                "no such window",
                "windows are counted from 0",
            );
        }
        let end = disturbance.at_s + disturbance.duration_s;
        if end > observe.quiet_s {
            self.0.add(
                &format!("disturbance.{index}.duration_s"),
                format!(
                    "the disturbance ends at {end} s, after its window ({} s)",
                    observe.quiet_s
                ),
                "too long",
                "shorten it, start it earlier, or lengthen `observe.quiet_s`",
            );
        }
    }

    fn fault(&mut self, index: usize, scenario: &Scenario) {
        let fault = &scenario.fault[index];
        let windows = scenario.observe.windows();
        if fault.window >= windows {
            self.0.add(
                &format!("fault.{index}.window"),
                format!(
                    "there is no window {}: passages and quiet windows make {windows}",
                    fault.window
                ),
                "no such window",
                "windows are counted from 0, passages and quiet windows together",
            );
        }
        let fields = fault.kind.fields();
        let misplaced = [
            ("frame", fault.frame.is_some() && !fields.frame),
            ("count", fault.count.is_some() && !fields.count),
            ("axis", fault.axis.is_some() && !fields.axis),
            ("at_s", fault.at_s.is_some() && !fields.at_s),
            ("value", fault.value.is_some() && fields.value.is_none()),
        ];
        for (field, wrong) in misplaced {
            if wrong {
                self.0.add(
                    &format!("fault.{index}.{field}"),
                    format!("`{field}` has no meaning for this kind of fault"),
                    "has no effect",
                    "faults of frames take `frame` and `count`, others `at_s`; `frogbench schema` says what each takes",
                );
            }
        }
        if let Some((least, most)) = fields.value
            && !fault
                .value
                .is_some_and(|value| (least..=most).contains(&value))
        {
            let message = match fault.value {
                Some(value) => format!("`value` is {value}, but must be {least} to {most}"),
                None => format!("this kind of fault needs `value`, {least} to {most}"),
            };
            self.0.add(
                &format!("fault.{index}.value"),
                message,
                "size of the fault",
                "the unit is the one that the kind's description in `frogbench schema` states",
            );
        }
        let wrong = match fault.kind {
            FaultKind::LinkReorder if !fault.count.unwrap_or(2).is_multiple_of(2) => Some((
                "count",
                "frames are reordered in pairs: `count` must be even",
            )),
            FaultKind::LinkGarbage if fault.window != 0 => {
                Some(("window", "garbage comes before HELLO: `window` must be 0"))
            }
            _ => None,
        };
        if let Some((field, message)) = wrong {
            let path = format!("fault.{index}.{field}");
            self.0.add(
                &path,
                message,
                "not possible",
                "see the fault's description",
            );
        }
    }
}
