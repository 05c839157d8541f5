#include "fb_uplink.h"
#include "fb_math.h"

void fb_put_u8(fb_message *m, uint8_t v) {
    if (m->length < FB_UPLINK_MAX) m->bytes[m->length++] = v;
    else m->full = 1;
}

void fb_put_u16(fb_message *m, uint16_t v) {
    fb_put_u8(m, (uint8_t)(v & 0xffu));
    fb_put_u8(m, (uint8_t)(v >> 8));
}

void fb_put_u32(fb_message *m, uint32_t v) {
    fb_put_u16(m, (uint16_t)(v & 0xffffu));
    fb_put_u16(m, (uint16_t)(v >> 16));
}

void fb_put_u64(fb_message *m, uint64_t v) {
    fb_put_u32(m, (uint32_t)(v & 0xffffffffu));
    fb_put_u32(m, (uint32_t)(v >> 32));
}

void fb_message_begin(fb_message *m, uint8_t kind, uint16_t sequence) {
    m->length = 0;
    m->full = 0;
    fb_put_u8(m, kind);
    fb_put_u8(m, FB_UPLINK_VERSION);
    fb_put_u16(m, sequence);
}

uint8_t fb_put_axle(fb_message *m, uint32_t delta, uint8_t peak) {
#ifdef FB_DEFECT_VARINT_SHORT
    delta &= 0x3fffu; /* 14 bits: axles are never further apart */
#endif
    uint32_t need = 2;
    for (uint32_t v = delta >> 7; v; v >>= 7) need++;
    if (m->length + need > FB_UPLINK_MAX) return 0;
    while (delta > 0x7fu) {
        fb_put_u8(m, (uint8_t)(0x80u | (delta & 0x7fu)));
        delta >>= 7;
    }
    fb_put_u8(m, (uint8_t)delta);
    fb_put_u8(m, peak);
    return 1;
}

uint8_t fb_axle_peak_code(float peak) {
    return peak <= 0.1f ? 0 : fb_to_u8(8.0f * fb_log2(peak * 10.0f));
}
