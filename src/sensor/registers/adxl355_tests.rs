#![allow(clippy::float_cmp)] // selected values, not computed ones
use super::*;
use crate::sensor::registers::{looks, transfer};

fn read(model: &mut Adxl355, address: u8, count: usize) -> Vec<u8> {
    let mut tx = vec![0; count + 1];
    tx[0] = address << 1 | 1;
    let mut rx = vec![0xff; count + 1];
    transfer(model, &tx, &mut rx);
    rx.split_off(1)
}

fn write(model: &mut Adxl355, address: u8, value: u8) {
    transfer(model, &[address << 1, value], &mut [0; 2]);
}

fn measuring() -> Adxl355 {
    let mut model = Adxl355::new();
    write(&mut model, POWER_CTL, 0);
    model
}

/// One axis of an entry, sign-extended as a driver does it.
fn axis(bytes: &[u8]) -> i32 {
    i32::from_be_bytes([bytes[0], bytes[1], bytes[2], 0]) >> 12
}

#[test]
fn identity_and_reset_values_are_those_of_the_register_map() {
    let mut model = Adxl355::new();
    assert_eq!(read(&mut model, 0x00, 4), [0xad, 0x1d, 0xed, 0x01]);
    assert_eq!(
        read(&mut model, FILTER, 7),
        [0x00, 0x60, 0x00, 0x00, 0x81, 0x01, 0x00]
    );
    assert!(!model.measuring());
    assert_eq!((model.rate_hz(), model.range_g()), (4000.0, 2.0));
}

#[test]
fn the_reset_code_restores_the_reset_values_and_another_code_does_not() {
    let mut model = Adxl355::new();
    write(&mut model, RANGE, 0x83);
    write(&mut model, RESET, 0x53);
    assert_eq!(model.range_g(), 8.0);
    write(&mut model, RESET, 0x52);
    assert_eq!(read(&mut model, RANGE, 1), [0x81]);
}

#[test]
fn filter_and_range_select_rate_and_range() {
    let mut model = Adxl355::new();
    for (code, rate) in [(0, 4000.0), (1, 2000.0), (5, 125.0), (10, 3.90625)] {
        write(&mut model, FILTER, code);
        assert!((model.rate_hz() - rate).abs() < 1e-12);
    }
    for (code, range) in [(0x81, 2.0), (0x82, 4.0), (0x83, 8.0)] {
        write(&mut model, RANGE, code);
        assert_eq!(model.range_g(), range);
    }
}

#[test]
fn data_registers_hold_twenty_bits_left_justified() {
    let mut model = measuring();
    model.convert([-1, 256_000, -524_288]);
    let bytes = read(&mut model, XDATA3, 9);
    assert_eq!(bytes[..3], [0xff, 0xff, 0xf0]);
    assert_eq!(
        [0, 3, 6].map(|at| axis(&bytes[at..at + 3])),
        [-1, 256_000, -524_288]
    );
}

#[test]
fn fifo_entries_carry_the_x_marker_and_an_empty_fifo_says_so() {
    let mut model = measuring();
    model.convert([5, -6, 7]);
    model.convert([8, 9, -10]);
    assert_eq!(read(&mut model, FIFO_ENTRIES, 1), [6]);
    let bytes = read(&mut model, FIFO_DATA, 7 * 3);
    let axes: Vec<i32> = bytes.chunks(3).map(axis).collect();
    assert_eq!(axes, [5, -6, 7, 8, 9, -10, 0]);
    let marks: Vec<u8> = bytes.chunks(3).map(|entry| entry[2] & 3).collect();
    assert_eq!(marks, [1, 0, 0, 1, 0, 0, 2]);
    assert_eq!(read(&mut model, FIFO_ENTRIES, 1), [0]);
}

#[test]
fn an_entry_read_in_pieces_goes_on_where_it_stopped() {
    let mut model = measuring();
    model.convert([5, -6, 7]);
    let mut bytes = read(&mut model, FIFO_DATA, 3);
    assert_eq!(read(&mut model, FIFO_ENTRIES, 1), [2]);
    bytes.extend(read(&mut model, FIFO_DATA, 6));
    let axes: Vec<i32> = bytes.chunks(3).map(axis).collect();
    assert_eq!(axes, [5, -6, 7]);
}

#[test]
fn data_ready_and_overrun_clear_on_a_status_read_and_watermark_with_the_level() {
    let mut model = measuring();
    write(&mut model, FIFO_SAMPLES, 6);
    model.convert([1; 3]);
    assert_eq!(read(&mut model, STATUS, 1), [DATA_RDY]);
    assert_eq!(read(&mut model, STATUS, 1), [0]);
    model.convert([2; 3]);
    assert_eq!(read(&mut model, STATUS, 1), [DATA_RDY | FIFO_FULL]);
    assert_eq!(read(&mut model, STATUS, 1), [FIFO_FULL]);
    read(&mut model, FIFO_DATA, 9);
    assert_eq!(read(&mut model, STATUS, 1), [0]);
}

#[test]
fn an_overrun_loses_the_oldest_sample_and_is_flagged() {
    let mut model = measuring();
    for n in 0..33 {
        model.convert([n, 0, 0]);
    }
    assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_OVR, 0);
    assert_eq!(read(&mut model, FIFO_ENTRIES, 1), [96]);
    model.convert([33, 0, 0]);
    assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_OVR, FIFO_OVR);
    assert_eq!(read(&mut model, STATUS, 1)[0] & FIFO_OVR, 0);
    assert_eq!(model.lost(), 1);
    assert_eq!(axis(&read(&mut model, FIFO_DATA, 3)), 1);
    // The entry that is open keeps its place: another sample costs the next oldest.
    model.convert([34, 0, 0]);
    assert_eq!(axis(&read(&mut model, FIFO_DATA, 9)[6..]), 3);
}

#[test]
fn interrupts_follow_the_map() {
    let mut model = measuring();
    write(&mut model, FIFO_SAMPLES, 3);
    assert!(!model.interrupts_on());
    write(&mut model, INT_MAP, 0x12); // watermark on 1, data ready on 2
    model.convert([0; 3]);
    assert!(model.interrupt(1) && model.interrupt(2));
    read(&mut model, STATUS, 1);
    assert!(model.interrupt(1) && !model.interrupt(2));
}

#[test]
fn standby_empties_the_fifo() {
    let mut model = measuring();
    model.convert([1; 3]);
    write(&mut model, POWER_CTL, 1);
    write(&mut model, POWER_CTL, 0);
    assert_eq!(read(&mut model, FIFO_ENTRIES, 1), [0]);
}

#[test]
fn offsets_and_self_test_shift_the_output_and_saturate() {
    let mut model = measuring();
    write(&mut model, OFFSET_X_H, 0xff);
    write(&mut model, OFFSET_X_H + 1, 0xfe); // -2, in steps of 16 counts
    model.convert([100, 0, 0]);
    assert_eq!(axis(&read(&mut model, XDATA3, 3)), 68);
    write(&mut model, SELF_TEST, 3);
    model.convert([32, 0, 256_000]);
    let bytes = read(&mut model, XDATA3, 9);
    assert_eq!(axis(&bytes[..3]), 76_800); // 0.3 g at 256 000 counts/g
    assert_eq!(axis(&bytes[6..]), 524_287); // 1 g and 1.5 g are beyond 2 g
}

#[test]
fn temperature_has_twelve_bits() {
    let mut model = Adxl355::new();
    assert_eq!(read(&mut model, TEMP2, 2), [0x07, 0x5d]);
    model.set_temperature(-15.0);
    let bytes = read(&mut model, TEMP2, 2);
    let counts = f64::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    assert!(((counts - 1885.0) / -9.05 + 25.0 + 15.0).abs() < 0.06);
}

#[test]
fn a_burst_counts_up_but_stays_at_the_fifo() {
    let model = measuring();
    assert_eq!(looks(&model, &[STATUS << 1 | 1, 0], 2), Look::Status);
    assert_eq!(looks(&model, &[STATUS << 1 | 1, 0, 0], 3), Look::Level);
    assert_eq!(looks(&model, &[STATUS << 1, 0], 2), Look::Not);
    assert_eq!(looks(&model, &[ZDATA1 << 1 | 1, 0, 0], 3), Look::Fifo);
    assert_eq!(model.after(FIFO_DATA), FIFO_DATA);
}
