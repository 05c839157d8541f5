#![allow(clippy::float_cmp)] // selected values, not computed ones
use super::*;
use crate::sensor::registers::transfer;

fn read(model: &mut Adxl372, address: u8, count: usize) -> Vec<u8> {
    let mut tx = vec![0; count + 1];
    tx[0] = address << 1 | 1;
    let mut rx = vec![0; count + 1];
    transfer(model, &tx, &mut rx);
    rx.split_off(1)
}

fn write(model: &mut Adxl372, address: u8, value: u8) {
    transfer(model, &[address << 1, value], &mut [0; 2]);
}

/// 6400 Hz, streamed FIFO, watermark of 6 entries.
fn streaming() -> Adxl372 {
    let mut model = Adxl372::new();
    write(&mut model, FIFO_SAMPLES, 6);
    write(&mut model, FIFO_CTL, 0x02);
    write(&mut model, TIMING, 0x80);
    write(&mut model, POWER_CTL, 3);
    model
}

fn axis(bytes: &[u8]) -> i32 {
    i32::from(i16::from_be_bytes([bytes[0], bytes[1]]) >> 4)
}

#[test]
fn identity_rates_and_modes() {
    let mut model = Adxl372::new();
    assert_eq!(read(&mut model, 0x00, 4), [0xad, 0x1d, 0xfa, 0x02]);
    for (code, rate) in [(0x00, 400.0), (0x20, 800.0), (0x80, 6400.0)] {
        write(&mut model, TIMING, code);
        assert_eq!(model.rate_hz(), rate);
    }
    for (mode, measuring) in [(0, false), (1, false), (3, true)] {
        write(&mut model, POWER_CTL, mode);
        assert_eq!(model.measuring(), measuring);
    }
    write(&mut model, RESET, RESET_CODE);
    assert!(!model.measuring());
}

#[test]
fn data_are_twelve_bits_left_justified_and_reading_takes_them() {
    let mut model = streaming();
    model.convert([-1, 2047, -2048]);
    assert_eq!(read(&mut model, STATUS, 1)[0] & DATA_RDY, DATA_RDY);
    let bytes = read(&mut model, XDATA_H, 6);
    assert_eq!(bytes[..2], [0xff, 0xf0]);
    assert_eq!(
        [0, 2, 4].map(|at| axis(&bytes[at..at + 2])),
        [-1, 2047, -2048]
    );
    assert_eq!(read(&mut model, STATUS, 1)[0] & DATA_RDY, 0);
}

#[test]
fn fifo_level_watermark_and_series_start() {
    let mut model = streaming();
    model.convert([1, -2, 3]);
    assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_FULL, 0);
    model.convert([4, 5, -6]);
    assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_FULL, FIFO_FULL);
    assert_eq!(read(&mut model, FIFO_ENTRIES2, 2), [0, 6]);
    let bytes = read(&mut model, FIFO_DATA, 12);
    let axes: Vec<i32> = bytes.chunks(2).map(axis).collect();
    assert_eq!(axes, [1, -2, 3, 4, 5, -6]);
    let starts: Vec<u8> = bytes.chunks(2).map(|entry| entry[1] & 1).collect();
    assert_eq!(starts, [1, 0, 0, 1, 0, 0]);
    assert_eq!(read(&mut model, FIFO_ENTRIES2, 2), [0, 0]);
}

#[test]
fn overrun_is_flagged_once_and_costs_the_oldest_or_the_newest() {
    for (mode, first) in [(0x02, 1), (0x06, 0)] {
        let mut model = streaming();
        write(&mut model, FIFO_CTL, mode);
        for n in 0..171 {
            model.convert([n, 0, 0]);
        }
        assert_eq!(read(&mut model, FIFO_ENTRIES2, 2), [0x01, 0xfe]);
        assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_OVR, FIFO_OVR);
        assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_OVR, 0);
        assert_eq!(axis(&read(&mut model, FIFO_DATA, 2)), first);
        assert_eq!(model.lost(), 1);
    }
}

#[test]
fn interrupts_and_bypass() {
    let mut model = streaming();
    write(&mut model, INT1_MAP, FIFO_FULL);
    model.convert([0; 3]);
    assert!(model.interrupts_on() && !model.interrupt(1));
    model.convert([0; 3]);
    assert!(model.interrupt(1) && !model.interrupt(2));
    write(&mut model, FIFO_CTL, 0);
    assert!(!model.interrupt(1) && model.fifo().is_none());
}

#[test]
fn self_test_shifts_z_and_says_when_it_is_done() {
    let mut model = streaming();
    write(&mut model, SELF_TEST, 1);
    model.convert([0, 0, 10]);
    assert_eq!(axis(&read(&mut model, ZDATA_L - 1, 2)), 510);
    assert_eq!(read(&mut model, SELF_TEST, 1), [1]);
    for _ in 0..1920 {
        model.convert([0, 0, 10]);
    }
    assert_eq!(read(&mut model, SELF_TEST, 1), [ST_DONE]);
    assert_eq!(axis(&read(&mut model, ZDATA_L - 1, 2)), 10);
}
