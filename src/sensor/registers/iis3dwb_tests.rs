#![allow(clippy::float_cmp)] // selected values, not computed ones
use super::*;
use crate::sensor::registers::transfer;

fn read(model: &mut Iis3dwb, address: u8, count: usize) -> Vec<u8> {
    let mut tx = vec![0; count + 1];
    tx[0] = address | 0x80;
    let mut rx = vec![0; count + 1];
    transfer(model, &tx, &mut rx);
    rx.split_off(1)
}

fn write(model: &mut Iis3dwb, address: u8, value: u8) {
    transfer(model, &[address, value], &mut [0; 2]);
}

/// Continuous FIFO with a watermark of 4 words.
fn streaming() -> Iis3dwb {
    let mut model = Iis3dwb::new();
    write(&mut model, FIFO_CTRL1, 4);
    write(&mut model, FIFO_CTRL3, 0x0a);
    write(&mut model, FIFO_CTRL4, 6);
    write(&mut model, CTRL1_XL, 0xa0);
    model
}

fn level(model: &mut Iis3dwb) -> (usize, u8) {
    let bytes = read(model, FIFO_STATUS1, 2);
    (
        usize::from(bytes[0]) | usize::from(bytes[1] & 3) << 8,
        bytes[1] & !3,
    )
}

#[test]
fn identity_and_reset_values() {
    let mut model = Iis3dwb::new();
    assert_eq!(read(&mut model, WHO_AM_I, 1), [0x7b]);
    assert_eq!(read(&mut model, CTRL3_C, 1), [0x04]);
    assert!(!model.measuring());
}

#[test]
fn soft_reset_restores_the_registers_and_clears_itself() {
    let mut model = streaming();
    write(&mut model, CTRL3_C, 0x45);
    assert_eq!(read(&mut model, CTRL3_C, 1), [0x04]);
    assert_eq!(read(&mut model, CTRL1_XL, 1), [0x00]);
    write(&mut model, CTRL3_C, 0x84); // reboot of the memory content
    assert_eq!(read(&mut model, CTRL3_C, 1), [0x04]);
}

#[test]
fn full_scale_codes_are_not_in_order() {
    let mut model = Iis3dwb::new();
    for (code, range) in [(0xa0, 2.0), (0xa4, 16.0), (0xa8, 4.0), (0xac, 8.0)] {
        write(&mut model, CTRL1_XL, code);
        assert_eq!(model.range_g(), range);
        assert!(model.measuring());
    }
}

#[test]
fn without_auto_increment_a_burst_stays_at_its_register() {
    let mut model = Iis3dwb::new();
    assert_eq!(read(&mut model, 0x0e, 2), [0x00, 0x7b]);
    write(&mut model, CTRL3_C, 0x00);
    assert_eq!(read(&mut model, WHO_AM_I, 3), [0x7b; 3]);
}

#[test]
fn output_registers_are_little_endian_and_the_high_byte_takes_the_sample() {
    let mut model = streaming();
    model.convert([-2, 0x1234, 32_767]);
    assert_eq!(read(&mut model, STATUS_REG, 1)[0] & 1, 1);
    assert_eq!(
        read(&mut model, OUTX_L_A, 6),
        [0xfe, 0xff, 0x34, 0x12, 0xff, 0x7f]
    );
    assert_eq!(read(&mut model, STATUS_REG, 1)[0] & 1, 0);
}

#[test]
fn one_burst_reads_many_words_with_tag_counter_and_even_parity() {
    let mut model = streaming();
    for n in 0..5 {
        model.convert([n, -n, 1000 + n]);
    }
    let bytes = read(&mut model, FIFO_DATA_OUT_TAG, 5 * 7);
    for (n, word) in bytes.chunks(7).enumerate() {
        assert_eq!(word[0] >> 3, TAG_ACCELEROMETER);
        assert_eq!(usize::from(word[0] >> 1 & 3), (n + 1) % 4);
        assert_eq!(word[0].count_ones() % 2, 0);
        let axis = |at: usize| i16::from_le_bytes([word[at], word[at + 1]]);
        let n = n as i16;
        assert_eq!([axis(1), axis(3), axis(5)], [n, -n, 1000 + n]);
    }
    assert_eq!(level(&mut model).0, 0);
    assert_eq!(read(&mut model, FIFO_DATA_OUT_TAG, 7), [0; 7]);
}

#[test]
fn watermark_full_and_overrun_flags() {
    let mut model = streaming();
    for _ in 0..3 {
        model.convert([0; 3]);
    }
    assert_eq!(level(&mut model), (3, 0));
    model.convert([0; 3]);
    assert_eq!(level(&mut model), (4, WTM_IA));
    for _ in 4..511 {
        model.convert([0; 3]);
    }
    assert_eq!(level(&mut model), (511, WTM_IA | FULL_IA));
    model.convert([0; 3]);
    assert_eq!(level(&mut model), (512, WTM_IA | FULL_IA | OVR_IA));
    assert_eq!(model.lost(), 0);
    model.convert([9; 3]);
    let latched = WTM_IA | FULL_IA | OVR_IA | OVR_LATCHED;
    assert_eq!(level(&mut model), (512, latched));
    // The latch clears by the read, the rest stays.
    assert_eq!(level(&mut model), (512, WTM_IA | FULL_IA | OVR_IA));
    assert_eq!(model.lost(), 1);
}

#[test]
fn fifo_mode_stops_when_full_and_bypass_empties() {
    let mut model = streaming();
    write(&mut model, FIFO_CTRL4, 1);
    for n in 0..520 {
        model.convert([n, 0, 0]);
    }
    let first = read(&mut model, FIFO_DATA_OUT_TAG, 7);
    assert_eq!(first[1..3], [0, 0]);
    assert_eq!(model.lost(), 8);
    write(&mut model, FIFO_CTRL4, 0);
    assert_eq!(level(&mut model), (0, 0));
    model.convert([0; 3]);
    assert_eq!(level(&mut model), (0, 0));
}

#[test]
fn time_stamps_count_25_us_and_are_batched_on_request() {
    let mut model = streaming();
    write(&mut model, CTRL10_C, TIMESTAMP_EN);
    write(&mut model, FIFO_CTRL4, 0x86); // every 8th sample
    for _ in 0..8 {
        model.convert([0; 3]);
    }
    assert_eq!(read(&mut model, TIMESTAMP0, 4), [12, 0, 0, 0]); // 8 / 26 667 Hz = 300 us
    let words = read(&mut model, FIFO_DATA_OUT_TAG, 9 * 7);
    assert_eq!(words[8 * 7] >> 3, TAG_TIMESTAMP);
    assert_eq!(words[8 * 7 + 1..8 * 7 + 5], [12, 0, 0, 0]);
    write(&mut model, TIMESTAMP2, TIMESTAMP_RESET);
    assert_eq!(read(&mut model, TIMESTAMP0, 4), [0; 4]);
}

#[test]
fn interrupts_follow_their_enables() {
    let mut model = streaming();
    write(&mut model, INT1_CTRL, 0x08);
    for _ in 0..3 {
        model.convert([0; 3]);
    }
    assert!(model.interrupts_on() && !model.interrupt(1) && !model.interrupt(2));
    model.convert([0; 3]);
    assert!(model.interrupt(1));
    read(&mut model, FIFO_DATA_OUT_TAG, 7);
    assert!(!model.interrupt(1));
}

#[test]
fn self_test_and_temperature() {
    let mut model = streaming();
    write(&mut model, CTRL1_XL, 0xa8); // 4 g
    write(&mut model, CTRL5_C, 2);
    model.convert([0; 3]);
    let bytes = read(&mut model, OUTX_L_A, 2);
    assert_eq!(i16::from_le_bytes([bytes[0], bytes[1]]), -16_384); // -2 g of 4 g
    model.set_temperature(20.0);
    assert_eq!(read(&mut model, OUT_TEMP_L, 2), (-1280_i16).to_le_bytes());
}
