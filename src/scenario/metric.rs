//! The scores that an expectation may name.

/// Declares the metrics once: variant, name in a scenario, unit and meaning.
macro_rules! metrics {
    ($($variant:ident, $name:literal, $unit:literal, $doc:literal;)*) => {
        /// A score that an expectation may name. `None` as a score means undefined; no expectation on it holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Metric {
            $(#[doc = $doc] $variant,)*
        }

        impl Metric {
            /// Every metric, by level.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Name as written in an expectation.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Unit of the score; `"1"` for ratios and counts.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }

            /// What the score means, in a line.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

metrics! {
    FramesLost, "frames_lost", "1", "L0: sample frames that the device never accepted.";
    SamplesLost, "samples_lost", "1", "L0: samples that the firmware itself reports as lost.";
    NrmseMax, "nrmse_max", "1", "L1: largest relative error of what the firmware saw of a passage against the true signal in the band (error RMS / true RMS), over passages and axes.";
    SnrMinDb, "snr_min_db", "dB", "L1: smallest signal-to-noise ratio of a passage on the vertical axis.";
    RmsError, "rms_error", "1", "L1: mean relative error of the vertical RMS that the firmware reports per passage.";
    PeakError, "peak_error", "1", "L1: mean relative error of the vertical peak that the firmware reports per passage.";
    DisplacementError, "displacement_error", "1", "L1: mean relative error of the displacement that the firmware reports per passage, peak-to-peak in the quasi-static band (speed/40 m, at least 0.5 Hz, to speed/1 m).";
    ClippedSamples, "clipped_samples", "1", "L1: samples at the end of the sensor's range.";
    TrainsTrue, "trains_true", "1", "L2: trains that passed.";
    TrainsDetected, "trains_detected", "1", "L2: passages that the pipeline reports.";
    FalseTrains, "false_trains", "1", "L2: reported passages without a train.";
    TrainF1, "train_f1", "1", "L2: harmonic mean of precision and recall of train detection, one-to-one within the collar.";
    TrainPrecision, "train_precision", "1", "L2: share of reported passages that were trains.";
    TrainRecall, "train_recall", "1", "L2: share of trains that were reported.";
    AxleCountExact, "axle_count_exact", "1", "L2: share of trains whose axle count is exact; a missed train counts as wrong.";
    AxleRecall, "axle_recall", "1", "L2: share of axles that were reported in their place.";
    AxleFalse, "axle_false", "1", "L2: reported axles that did not exist.";
    SpeedMape, "speed_mape", "1", "L2: mean absolute relative error of the reported speed.";
    OnsetLatencyP95S, "onset_latency_p95_s", "s", "L2: 95th percentile of the delay from the true to the reported onset.";
    MessagesUndecodable, "messages_undecodable", "1", "L0: messages by radio that are no message of the layout.";
    SequenceErrors, "sequence_errors", "1", "L0: messages whose number does not follow the one before.";
    PassageNumberErrors, "passage_number_errors", "1", "L0: reports and heartbeats whose passage number does not follow.";
    HeartbeatsMissing, "heartbeats_missing", "1", "L0: heartbeats that the bench asked for and did not get.";
    HeartbeatsSurplus, "heartbeats_surplus", "1", "L0: windows with more heartbeats that nobody asked for than one and one per minute.";
    BootErrors, "boot_errors", "1", "L0: boot counts that are not those of HELLO, and reset flags missing or out of place.";
    LostSamplesErrorMax, "lost_samples_error_max", "1", "L0: largest difference between the samples that a heartbeat reports as lost and those that were.";
    GapFlagErrors, "gap_flag_errors", "1", "L0: messages without the gap flag after a loss, or with it where nothing was lost.";
    LinkCounterErrors, "link_counter_errors", "1", "L0: frames by which the device's link counters differ from the damage that was done.";
    ClockErrorMaxS, "clock_error_max_s", "s", "L0: largest error of the device's millisecond clock, its wrap allowed for.";
    TimeErrorMaxS, "time_error_max_s", "s", "L0: largest error of the device time in heartbeats.";
    RateErrorMax, "rate_error_max", "1", "L0: largest relative error of the sample rate that the firmware measured.";
    TemperatureErrorMaxK, "temperature_error_max_k", "K", "L0: largest error of a reported temperature.";
    ClipFlagErrors, "clip_flag_errors", "1", "L1: passages that clipped without the flag, or have it without clipping.";
    ClippedCountErrorMax, "clipped_count_error_max", "1", "L1: largest difference between clipped samples reported and counted, relative to those counted (at least 20).";
    SensorFlagErrors, "sensor_flag_errors", "1", "L1: messages that do not tell a stuck axis, or tell one that is not.";
    MeanErrorMaxMS2, "mean_error_max_m_s2", "m/s2", "L1: largest error of the mean acceleration in a heartbeat against the counts.";
    NoiseErrorMax, "noise_error_max", "1", "L1: largest relative error of the noise in a heartbeat against the counts of the quiet window.";
    PeakErrorMax, "peak_error_max", "1", "L1: largest relative error of a reported peak against the counts, over passages and axes.";
    RmsErrorMax, "rms_error_max", "1", "L1: largest relative error of a reported RMS against the counts, over passages and axes.";
    CrestErrorMax, "crest_error_max", "1", "L1: largest relative difference between a reported crest factor and peak over RMS.";
    KurtosisErrorMax, "kurtosis_error_max", "1", "L1: largest relative error of a reported kurtosis against the counts.";
    ImpactKurtosisErrorMax, "impact_kurtosis_error_max", "1", "L1: largest relative error of a reported impact kurtosis against the counts around the axles.";
    BandErrorMax, "band_error_max", "1", "L1: largest relative error of a reported band RMS against the counts.";
    DisplacementErrorMax, "displacement_error_max", "1", "L1: largest relative error of a reported displacement against the truth.";
    OnsetErrorMaxS, "onset_error_max_s", "s", "L2: largest difference between the reported onset and the first axle.";
    DurationErrorMaxS, "duration_error_max_s", "s", "L2: largest difference between the reported duration and the time from first to last axle.";
    AxleCountErrorMax, "axle_count_error_max", "1", "L2: most axles by which a reported train is wrong.";
    SpeedErrorMax, "speed_error_max", "1", "L2: largest relative error of a reported speed; 1 if none is reported.";
    SpeedQualityErrors, "speed_quality_errors", "1", "L2: reports whose speed, its quality and its flag contradict each other or the axles.";
    AxlePlaceErrorMaxM, "axle_place_error_max_m", "m", "L2: largest distance of a reported axle, of those counted right, from its place in the train.";
    AxlePeakErrorMax, "axle_peak_error_max", "1", "L2: largest relative error of an axle's peak, and of the loudest one's, against the counts above 60 Hz.";
    CompletenessFlagErrors, "completeness_flag_errors", "1", "L2: reports that are flagged as incomplete and are complete, or the reverse.";
    FalseWakeupErrors, "false_wakeup_errors", "1", "L2: heartbeats whose number of false wake-ups does not fit what shook the sensor.";
    ReportDelayMaxS, "report_delay_max_s", "s", "L2: longest time from the last axle to the report.";
    Alarms, "alarms", "1", "L3: alarms raised.";
    FalseAlarms, "false_alarms", "1", "L3: alarms raised without a developing fault.";
    FaultsDetected, "faults_detected", "1", "L3: developing faults for which an alarm was raised in time or late.";
    DetectionDelayDays, "detection_delay_days", "d", "L3: longest delay from the start of a fault to its first alarm.";
    WarnedInTime, "warned_in_time", "1", "L3: share of developing faults with an alarm between their start and the day by which it must have come.";
    ContactLoss, "contact_loss", "1", "Truth: passages in which a wheel lost contact with the rail.";
    LeftToFullEngine, "left_to_full_engine", "1", "Truth: passages that the fast engine left to the full one; undefined by the full engine.";
}

impl Metric {
    /// The metric of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == name)
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse_back() {
        for &metric in Metric::ALL {
            assert_eq!(Metric::parse(metric.name()), Some(metric));
            assert!(metric.doc().ends_with('.'));
        }
    }
}
