use super::*;
use crate::sensor::part;

const STATUS: u8 = 0x04;
const ENTRIES: u8 = 0x05;
const XDATA3: u8 = 0x08;
const FIFO_DATA: u8 = 0x11;

fn bus(samples: i32) -> SensorBus {
    let mut bus = SensorBus::new(part("adxl355").unwrap(), 1.0 / 256_000.0).unwrap();
    let counts: Vec<[i32; 3]> = (0..samples).map(|n| [n, -n, 256_000]).collect();
    bus.load(&counts);
    bus
}

/// A read of the ADXL355, `None` if starved.
fn read(bus: &mut SensorBus, address: u8, count: usize) -> Option<Vec<u8>> {
    let mut rx = vec![0; count + 1];
    match bus.transfer(&[address << 1 | 1], &mut rx) {
        BusOutcome::Done => Some(rx.split_off(1)),
        BusOutcome::Starved => None,
    }
}

fn write(bus: &mut SensorBus, address: u8, value: u8) {
    assert_eq!(
        bus.transfer(&[address << 1, value], &mut []),
        BusOutcome::Done
    );
}

/// Watermark of eight samples, measuring.
fn measuring(samples: i32) -> SensorBus {
    let mut bus = bus(samples);
    write(&mut bus, 0x29, 24);
    write(&mut bus, 0x2d, 0);
    bus
}

#[test]
fn no_time_passes_while_the_part_is_being_set_up() {
    let mut bus = bus(100);
    for _ in 0..50 {
        assert_eq!(read(&mut bus, STATUS, 1), Some(vec![0]));
    }
    assert_eq!((bus.taken(), bus.pending()), (0, 100));
}

#[test]
fn a_look_at_the_level_waits_for_the_watermark() {
    let mut bus = measuring(20);
    assert_eq!(read(&mut bus, ENTRIES, 1), Some(vec![24]));
    assert_eq!(bus.taken(), 8);
    assert_eq!(read(&mut bus, FIFO_DATA, 72).unwrap()[63..66], [0, 0, 0x71]);
    assert_eq!(read(&mut bus, ENTRIES, 1), Some(vec![24]));
    read(&mut bus, FIFO_DATA, 72);
    assert_eq!(read(&mut bus, ENTRIES, 1), None);
    assert_eq!(bus.taken(), 20);
    bus.load(&[[0; 3]; 4]);
    assert_eq!(read(&mut bus, ENTRIES, 1), Some(vec![24]));
    assert_eq!(bus.pending(), 0);
}

#[test]
fn polling_for_data_ready_gets_sample_after_sample() {
    let mut bus = measuring(5);
    for n in 0..5 {
        assert_eq!(read(&mut bus, STATUS, 1).unwrap()[0] & 1, 1);
        let bytes = read(&mut bus, XDATA3, 9).unwrap();
        assert_eq!(i32::from(bytes[2] >> 4), n);
    }
    assert_eq!(read(&mut bus, STATUS, 1), None);
}

#[test]
fn polling_for_the_watermark_gets_it_at_the_second_look() {
    let mut bus = measuring(64);
    assert_eq!(read(&mut bus, STATUS, 1), Some(vec![1]));
    assert_eq!(read(&mut bus, STATUS, 1).unwrap()[0] & 2, 2);
    assert_eq!(bus.taken(), 8);
    // With the watermark on an interrupt output the first look is enough.
    read(&mut bus, FIFO_DATA, 72);
    write(&mut bus, 0x2a, 0x02);
    assert_eq!(read(&mut bus, STATUS, 1).unwrap()[0] & 2, 2);
    assert_eq!(bus.taken(), 16);
}

#[test]
fn waiting_for_a_level_above_the_watermark_does_not_hang() {
    let mut bus = measuring(64);
    let mut looks = 0;
    while read(&mut bus, ENTRIES, 1).unwrap()[0] < 60 {
        looks += 1;
        assert!(looks < 50);
    }
    assert_eq!(bus.taken(), 20);
}

#[test]
fn draining_until_empty_sees_the_empty_mark_and_then_waits() {
    let mut bus = measuring(64);
    read(&mut bus, ENTRIES, 1);
    read(&mut bus, FIFO_DATA, 72);
    assert_eq!(read(&mut bus, FIFO_DATA, 3).unwrap()[2] & 2, 2);
    assert_eq!(bus.taken(), 8);
    assert_eq!(read(&mut bus, FIFO_DATA, 3).unwrap()[2] & 3, 1);
    assert_eq!(bus.taken(), 16);
}

#[test]
fn time_that_runs_by_itself_overruns_the_fifo() {
    let mut bus = measuring(64);
    assert_eq!(bus.advance(50), 50);
    assert_eq!(bus.report().overrun, 50 - 33);
    assert_eq!(read(&mut bus, STATUS, 1).unwrap()[0] & 4, 4);
    assert_eq!(bus.advance(50), 14);
}

#[test]
fn interrupts_wake_at_the_watermark() {
    let mut bus = measuring(20);
    write(&mut bus, 0x2a, 0x02);
    assert_eq!(bus.wait_for_interrupt(), BusOutcome::Done);
    assert_eq!(bus.taken(), 8);
    read(&mut bus, FIFO_DATA, 72);
    assert_eq!(bus.wait_for_interrupt(), BusOutcome::Done);
    read(&mut bus, FIFO_DATA, 72);
    assert_eq!(bus.wait_for_interrupt(), BusOutcome::Starved);
}

#[test]
fn another_range_gets_rescaled_counts() {
    let mut bus = measuring(0);
    write(&mut bus, 0x2c, 0x83); // 8 g
    bus.load(&[[256_000, -4, 0]]);
    let bytes = read(&mut bus, XDATA3, 9).unwrap();
    assert_eq!(bytes[..6], [0x0f, 0xa0, 0x00, 0xff, 0xff, 0xf0]); // 64 000 and -1
}

#[test]
fn a_skip_counts_what_it_drops() {
    let mut bus = measuring(20);
    assert_eq!(bus.advance(5), 5);
    bus.skip();
    assert_eq!(bus.report().left_in_fifo, 5);
    assert_eq!(read(&mut bus, FIFO_DATA, 3).unwrap()[2] & 2, 2);
}

#[test]
fn parts_are_known_by_their_scale() {
    for (name, bits, scale) in [
        ("adxl355", 24, 1.0 / 64_000.0),
        ("iis3dwb", 16, 0.488e-3),
        ("adxl372", 16, 0.1),
    ] {
        assert_eq!(SensorBus::part_of_scale(bits, scale).unwrap().name, name);
    }
    assert!(SensorBus::part_of_scale(16, 1.0 / 64_000.0).is_none());
    assert!(SensorBus::part_of_scale(16, 5.0 / 65_536.0 / 0.040).is_none());
    assert!(SensorBus::new(part("adxl1002").unwrap(), 1.0).is_none());
}

#[test]
fn any_bytes_on_the_bus_are_answered() {
    use rand::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    for name in ["adxl355", "iis3dwb", "adxl372"] {
        let mut bus = SensorBus::new(part(name).unwrap(), 1e-3).unwrap();
        for _ in 0..20_000 {
            if bus.pending() < 100 {
                bus.load(&[[1, -1, i32::MAX]; 700]);
            }
            let mut tx = vec![0; (rng.next_u32() % 40) as usize];
            rng.fill_bytes(&mut tx);
            let mut rx = vec![0; (rng.next_u32() % 300) as usize];
            bus.transfer(&tx, &mut rx);
        }
        assert!(bus.report().transfers > 1000, "{name}");
    }
}
