//! Passages of a plain train, and a pipeline that is fed with them, for tests.

use super::*;

/// A locomotive and four coaches at a speed; all levels scaled by the two factors.
pub(crate) fn passage(number: u16, speed_m_s: f64, impact: f64, support: f64) -> PassageReport {
    let mut place = 0.0;
    let mut axles = vec![0.0];
    let coach = [4.5, 2.5, 16.5, 2.5];
    let gaps = [2.8, 8.2, 2.8]
        .into_iter()
        .chain(coach.into_iter().cycle().take(16));
    for gap in gaps {
        place += gap;
        axles.push(place / speed_m_s);
    }
    // A repeatable scatter of the trains, +-15 %.
    let scatter = 1.0 + 0.3 * (f64::from(number % 1_000 * 7 % 11) / 10.0 - 0.5);
    let level = impact * scatter * speed_m_s / 30.0;
    PassageReport {
        sequence: number,
        passage: number,
        onset_us: u64::from(number) * 60_000_000,
        duration_s: 5.0,
        axle_count: 20,
        speed_m_s: Some(1.03 * speed_m_s),
        speed_quality: 2,
        flags: PassageFlags::default(),
        rate_hz: 4012.0,
        temperature_c: 11.0,
        axes: [AxisFeatures::default(); 3],
        band_rms_m_s2: [
            Some(0.4 * support * scatter),
            Some(0.8 * support * scatter),
            Some(2.0 * level),
            Some(4.0 * level),
            Some(3.0 * level),
            None,
        ],
        impact_kurtosis: 12.0 * scatter,
        displacement_pp_m: 5e-4 * support * scatter,
        axles: axles
            .into_iter()
            .map(|time_s| AxleReport {
                time_s,
                peak_m_s2: 40.0 * level,
            })
            .collect(),
    }
}

pub(crate) fn speed_of(number: u16) -> f64 {
    28.0 + f64::from(number * 13 % 17) / 3.0
}

pub(crate) struct Bench {
    pub(crate) pipeline: Pipeline,
    pub(crate) now_us: u64,
    pub(crate) next: u16,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let pipeline = Pipeline::new(PipelineSettings::default()).unwrap();
        Self {
            pipeline,
            now_us: 0,
            next: 0,
        }
    }

    pub(crate) fn send(&mut self, message: Uplink) -> Vec<PipelineEvent> {
        self.now_us += 1_000_000;
        self.pipeline.push_message(self.now_us, message).unwrap()
    }

    /// Sends `count` trains at the levels given.
    pub(crate) fn trains(&mut self, count: u16, impact: f64, support: f64) -> Vec<PipelineEvent> {
        let mut events = Vec::new();
        for _ in 0..count {
            let report = passage(self.next, speed_of(self.next), impact, support);
            self.next += 1;
            events.extend(self.send(Uplink::Passage(report)));
        }
        events
    }
}

pub(crate) fn problems(events: &[PipelineEvent]) -> Vec<DeviceProblem> {
    events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::DeviceProblem { problem, .. } => Some(problem.clone()),
            _ => None,
        })
        .collect()
}

pub(crate) fn trains(events: &[PipelineEvent]) -> Vec<TrainEvent> {
    events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::Train(train) => Some((**train).clone()),
            _ => None,
        })
        .collect()
}

pub(crate) fn alarms(events: &[PipelineEvent]) -> Vec<(FeatureGroup, &'static str)> {
    events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::AlarmRaised {
                group,
                diagnosis,
                score,
                change,
                ..
            } => {
                assert!(score.is_finite() && change.is_finite());
                Some((*group, diagnosis.label()))
            }
            _ => None,
        })
        .collect()
}
