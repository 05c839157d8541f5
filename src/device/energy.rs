//! Currents per state, and the energy that a passage takes with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Currents of a sensor node by state, from data sheets, and what turns the emulator's counts into
/// times. An estimate: the emulator counts instructions, not the cycles of a given silicon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnergySpec {
    /// Data sheets (and tables) that the figures are from.
    #[schemars(length(min = 1, max = 1000))]
    pub source: String,
    /// Supply voltage, V.
    #[schemars(range(max = 60), extend("exclusiveMinimum" = 0))]
    pub supply_v: f64,
    /// Clock of the processor while it runs, MHz.
    #[schemars(range(max = 10_000), extend("exclusiveMinimum" = 0))]
    pub clock_mhz: f64,
    /// Mean cycles per instruction on the silicon, wait states of the flash included.
    #[schemars(range(min = 0.1, max = 100))]
    pub cycles_per_instruction: f64,
    /// Current while the processor runs, mA.
    #[schemars(range(min = 0, max = 10_000))]
    pub run_ma: f64,
    /// Current while the processor sleeps between batches, mA.
    #[schemars(range(min = 0, max = 10_000))]
    pub sleep_ma: f64,
    /// Current of the accelerometer while it measures, mA.
    #[schemars(range(min = 0, max = 10_000))]
    pub sensor_ma: f64,
    /// Current while the radio sends, mA.
    #[schemars(range(min = 0, max = 10_000))]
    pub radio_ma: f64,
    /// Bit rate on the air, kbit/s.
    #[schemars(range(max = 1_000_000), extend("exclusiveMinimum" = 0))]
    pub radio_kbit_s: f64,
    /// Bytes that every message costs besides its own (preamble, sync word, headers, CRC).
    #[schemars(range(max = 10_000))]
    pub radio_overhead_bytes: u32,
}

/// What a stretch of time took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumption {
    /// Instructions.
    pub instructions: u64,
    /// Length of the stretch, us.
    pub duration_us: u64,
    /// Messages by radio.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Default for EnergySpec {
    /// The reference design: an STM32L476 at 80 MHz from its LDO, an IIS3DWB, and an SX1261 that sends
    /// GFSK at 50 kbit/s and 14 dBm, on 3 V.
    fn default() -> Self {
        Self {
            source: "STM32L476 (DS10198): run 100 uA/MHz, Stop 2 with RTC 1.4 uA; IIS3DWB (DS12569): \
                     1.1 mA; SX1261 (DS_SX1261-2): 25.5 mA at 14 dBm; GFSK 50 kbit/s with preamble, \
                     sync word, length and CRC of 11 bytes (LoRaWAN RP002, EU868); 1.5 cycles per \
                     instruction is an assumption"
                .to_owned(),
            supply_v: 3.0,
            clock_mhz: 80.0,
            cycles_per_instruction: 1.5,
            run_ma: 8.0,
            sleep_ma: 0.0014,
            sensor_ma: 1.1,
            radio_ma: 25.5,
            radio_kbit_s: 50.0,
            radio_overhead_bytes: 11,
        }
    }
}

impl EnergySpec {
    /// Energy of a stretch, mJ: the processor runs for its instructions and sleeps otherwise, the
    /// accelerometer measures all the time, the radio sends for the time on air of the messages.
    pub fn energy_mj(&self, what: &Consumption) -> f64 {
        let total_s = what.duration_us as f64 * 1e-6;
        let cycles = what.instructions as f64 * self.cycles_per_instruction;
        let run_s = cycles / (self.clock_mhz * 1e6);
        let sleep_s = (total_s - run_s).max(0.0);
        let air_bytes = what.bytes + what.messages * u64::from(self.radio_overhead_bytes);
        let air_s = air_bytes as f64 * 8.0 / (self.radio_kbit_s * 1e3);
        let charge_mc = self.run_ma * run_s
            + self.sleep_ma * sleep_s
            + self.sensor_ma * total_s
            + self.radio_ma * air_s;
        charge_mc * self.supply_v
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_counts_with_its_current_and_time() {
        let spec = EnergySpec {
            source: "by hand".into(),
            supply_v: 2.0,
            clock_mhz: 10.0,
            cycles_per_instruction: 2.0,
            run_ma: 5.0,
            sleep_ma: 0.5,
            sensor_ma: 1.0,
            radio_ma: 20.0,
            radio_kbit_s: 8.0,
            radio_overhead_bytes: 10,
        };
        // 5e6 instructions are 1e7 cycles, hence 1 s of 4; 2 messages of 90 + 10 bytes are 0.2 s.
        let what = Consumption {
            instructions: 5_000_000,
            duration_us: 4_000_000,
            messages: 2,
            bytes: 180,
        };
        let by_hand = 2.0 * (5.0 * 1.0 + 0.5 * 3.0 + 1.0 * 4.0 + 20.0 * 0.2);
        assert!((spec.energy_mj(&what) - by_hand).abs() < 1e-12);
    }
}
