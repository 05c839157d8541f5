/* Uplink messages, version 1: little-endian, each complete in at most FB_UPLINK_MAX bytes.
 *
 * PASSAGE (kind 1), one per passage:
 *   0 u8 kind, 1 u8 version, 2 u16 sequence, 4 u16 passage, 6 u64 onset (first axle; us, device time), 14 u32 duration (ms),
 *   18 u16 axles, 20 u16 speed (cm/s, 0 unknown), 22 u8 speed quality (0 none, 1 single bogie, 2 consistent), 23 u8 0,
 *   24 u16 flags, 26 u32 measured sample rate (mHz), 30 i16 temperature (0.01 degC),
 *   32 three axes x, y, z of 12 bytes: u32 peak (mm/s2), u32 RMS (1e-5 m/s2), u16 crest (0.01), u16 kurtosis (0.01),
 *   68 six u32 band RMS of z (1e-5 m/s2; 0xffffffff not measured), 92 u16 impact kurtosis (0.01),
 *   94 u32 displacement peak-to-peak (0.1 um, 0: not measured, since the vertical axis was clipped), 98 u8 n, 99 n axles.
 * An axle: varint (7 bits per byte, low first, top bit: more follow) of the time since the axle before it, the first of a message since
 *   the onset (so that a lost message costs only its own axles), in 0.1 ms; then u8 peak, 8 log2(peak / 0.1 m/s2).
 * AXLES (kind 2), when they do not all fit; follows its passage directly:
 *   0 kind, 1 version, 2 u16 sequence, 4 u16 passage, 6 u16 number of its first axle, 8 u8 n, 9 n axles.
 * HEARTBEAT (kind 3):
 *   0 kind, 1 version, 2 u16 sequence, 4 u64 device time (us), 12 u32 measured rate (mHz), 16 i16 temperature (0.01 degC),
 *   18 three axes of 8 bytes: i32 mean (1e-5 m/s2), u32 noise RMS (1e-5 m/s2), 42 u16 flags,
 *   44 u16 false wake-ups since the last heartbeat, 46 u16 passages since boot (wraps), 48 u32 lost samples since boot,
 *   52 u32 clipped samples since boot, 56 u16 boot count. 58 bytes.
 * The sequence counts all uplinks and wraps: a jump is a lost message. */
#ifndef FB_UPLINK_H
#define FB_UPLINK_H
#include "fb_settings.h"
#include <stdint.h>

#define FB_UPLINK_MAX 240u
#define FB_UPLINK_VERSION 1u
#define FB_KIND_PASSAGE 1u
#define FB_KIND_AXLES 2u
#define FB_KIND_HEARTBEAT 3u

#define FB_FLAG_CLIPPED 0x0001u
#define FB_FLAG_GAP 0x0002u
#define FB_FLAG_OVERFLOW 0x0004u
#define FB_FLAG_TRUNCATED 0x0008u
#define FB_FLAG_AXLES_TRUNCATED 0x0010u
#define FB_FLAG_SPEED_UNKNOWN 0x0020u
#define FB_FLAG_BAD_SENSOR 0x0080u
#define FB_FLAG_PRETRIGGER 0x0100u
#define FB_FLAG_RESET 0x0200u

/* A message under construction. Writes beyond the end are dropped and leave `full` set. */
typedef struct {
    uint8_t bytes[FB_UPLINK_MAX];
    uint32_t length;
    uint8_t full;
} fb_message;

void fb_put_u8(fb_message *m, uint8_t v);
void fb_put_u16(fb_message *m, uint16_t v);
void fb_put_u32(fb_message *m, uint32_t v);
void fb_put_u64(fb_message *m, uint64_t v);
/* Kind, version, sequence. */
void fb_message_begin(fb_message *m, uint8_t kind, uint16_t sequence);
/* An axle; false, with nothing written, if it does not fit. delta: 0.1 ms. */
uint8_t fb_put_axle(fb_message *m, uint32_t delta, uint8_t peak);
/* Peak code of an axle from m/s2. */
uint8_t fb_axle_peak_code(float peak);
#endif
