/* Bench link, device side. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Nothing that arrives is trusted: every length is checked against what was received before it is
 * used, and a frame is only looked at when its CRC is right. */
#include "fb_link.h"

enum { HELLO = 0x01, SAMPLES, TIMESYNC, ECHO, STATS, BYE, PROVOKE = 0x0a, SPI_ANSWER = 0x0b };
enum { FROM_DEVICE = 0x80, RESULT = 0x82, UPLINK = 0x83, TIMESYNC_ACK = 0x87, LOG = 0x88, FAULT = 0x89, SPI_REQUEST = 0x8b };
enum { HEADER = 4, CRC = 2, TEXT_MAX = 64, SKIP = 1, TAKES_SPI = 1 };

/* CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xffff. A table of 16 words costs 32 bytes of flash. */
static uint16_t crc16(const uint8_t *p, size_t len)
{
    static const uint16_t nibble[16] = {
        0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
        0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
    };
    uint16_t crc = 0xffffu;
    while (len--) {
        crc = (uint16_t)((crc << 4) ^ nibble[(crc >> 12) ^ (*p >> 4)]);
        crc = (uint16_t)((crc << 4) ^ nibble[(crc >> 12) ^ (*p++ & 15u)]);
    }
    return crc;
}

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] | (uint16_t)p[1] << 8); }
static uint32_t get32(const uint8_t *p) { return get16(p) | (uint32_t)get16(p + 2) << 16; }
static uint64_t get64(const uint8_t *p) { return get32(p) | (uint64_t)get32(p + 4) << 32; }
static uint8_t *put16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); return p + 2; }
static uint8_t *put32(uint8_t *p, uint32_t v) { return put16(put16(p, (uint16_t)v), (uint16_t)(v >> 16)); }

static uint8_t *put_bytes(uint8_t *p, const uint8_t *from, size_t len)
{
    while (len--) *p++ = *from++;
    return p;
}

static size_t text_len(const char *text, size_t max)
{
    size_t n = 0;
    while (n < max && text[n]) n++;
    return n;
}

/* ---- sending: the payload is written into tx behind room for COBS, then coded in place ---- */

static uint8_t *payload(fb_link *l) { return l->tx + FB_LINK_COBS_ROOM + HEADER; }

static void send(fb_link *l, uint8_t type, const uint8_t *end)
{
    uint8_t *frame = l->tx + FB_LINK_COBS_ROOM, *code = l->tx, *out = l->tx + 1;
    size_t len = (size_t)(end - frame), i;

    frame[0] = type;
    frame[1] = 0;
    put16(frame + 2, l->tx_seq++);
    put16(frame + len, crc16(frame, len));
    len += CRC;
    for (i = 0; i < len; i++) { /* out never overtakes frame + i: see FB_LINK_COBS_ROOM */
        const uint8_t byte = frame[i];
        if (byte) *out++ = byte;
        if (!byte || (out - code == 255 && i + 1 < len)) {
            *code = (uint8_t)(out - code);
            code = out++;
        }
    }
    *code = (uint8_t)(out - code);
    *out++ = 0;
    if (l->port->write(l->port->ctx, l->tx, (size_t)(out - l->tx)) != 0) l->failed = 1;
}

/* True if a payload of that length fits both our buffer and what the bench accepts. */
static int fits(const fb_link *l, size_t len)
{
    return len <= FB_LINK_MAX_FRAME - HEADER - CRC && len + HEADER + CRC <= l->peer_max_frame;
}

static void send_text(fb_link *l, uint8_t type, uint16_t prefix, size_t prefix_len, const char *text)
{
    uint8_t *p = payload(l);
    *p++ = (uint8_t)prefix;
    if (prefix_len == 2) *p++ = (uint8_t)(prefix >> 8);
    send(l, type, put_bytes(p, (const uint8_t *)text, text_len(text, TEXT_MAX)));
}

void fb_link_log(fb_link *l, uint8_t level, const char *text) { send_text(l, LOG, level, 1, text); }
void fb_link_fault(fb_link *l, uint16_t code, const char *text) { send_text(l, FAULT, code, 2, text); }

static uint8_t *put_register(uint8_t *p, const char *name, uint32_t value)
{
    int shift;
    p = put_bytes(p, (const uint8_t *)name, text_len(name, 8));
    for (shift = 28; shift >= 0; shift -= 4) *p++ = (uint8_t)"0123456789abcdef"[value >> shift & 15u];
    return p;
}

void fb_link_crash(fb_link *l, const fb_crash_state *s)
{
    static const uint8_t end_of_what_was_being_sent = 0;
    uint8_t *p = put16(payload(l), FB_FAULT_CRASH);
    l->port->write(l->port->ctx, &end_of_what_was_being_sent, 1);
    p = put_register(put_register(p, "PC=", s->pc), " LR=", s->lr);
    p = put_register(put_register(p, " PSR=", s->psr), " SP=", s->sp);
    p = put_register(put_register(p, " CFSR=", s->cfsr), " HFSR=", s->hfsr);
    p = put_register(put_register(p, " MMFAR=", s->mmfar), " BFAR=", s->bfar);
    send(l, FAULT, p);
}

static void send_uplink(void *ctx, const uint8_t *bytes, size_t len)
{
    fb_link *l = ctx;
    uint8_t *p = payload(l);
    if (len > FB_LINK_MAX_FRAME || !fits(l, len + 8)) {
        fb_link_fault(l, FB_FAULT_TOO_LONG, "uplink does not fit into a frame");
        return;
    }
    p = put16(put16(put32(p, l->t0), l->n), 0);
    send(l, UPLINK, put_bytes(p, bytes, len));
}

/* ---- lockstep: time belongs to the bench, and the firmware's millisecond clock follows it ----
 * HELLO starts it at zero. A batch moves it on by the distance between the FIFO time stamps of its
 * last sample and of the last one before (or, where there is none, by n nominal sample periods).
 * TIMESYNC sets it to the time that it names, with SKIP or when that is more than a batch ahead: samples were lost. */

#ifdef FB_DEFECT_TICK_32BIT
static uint32_t tick_ms(const fb_link *l) { return (uint32_t)(l->elapsed_ns / 1000u) / 1000u; }
#else
static uint32_t tick_ms(const fb_link *l) { return (uint32_t)(l->elapsed_ns / 1000000u); }
#endif

static void run_clock(fb_link *l, uint16_t n, uint32_t stamp)
{
    const uint32_t ticks = stamp - l->last_stamp;
    if (!l->have_stamp)
        l->elapsed_ns += n * UINT64_C(1000000000000) / l->config.nominal_rate_mhz;
    else if (ticks < 0x80000000u)
        l->elapsed_ns += (uint64_t)ticks * l->config.timestamp_tick_ns;
    else
        return; /* jitter put this stamp before the last one: time does not run back */
    l->last_stamp = stamp;
    l->have_stamp = 1;
    fb_clock(l->core, tick_ms(l));
}

/* ---- messages of the bench; p and len are the payload ---- */

static void on_hello(fb_link *l, uint16_t seq, const uint8_t *p, size_t len)
{
    const int known = len >= 36 && p[0] == FB_LINK_MAJOR;
    uint8_t *q;
    size_t n;

    l->ready = 0;
    l->rx_seq = (uint16_t)(seq + 1u);
    l->frames_ok = 1;
    l->crc_errors = l->length_errors = l->overflows = l->duplicates = l->missing = 0;
    l->elapsed_ns = 0;
    l->have_stamp = 0;
    l->peer_max_frame = len >= 4 ? get16(p + 2) : 0;
    if (len < 4 || l->peer_max_frame < 256) return; /* no bench can work with that: stay silent */
    if (known) {
        const fb_config c = {
            .axes = p[4], .bits = p[5], .fifo_batch = p[6],
            .nominal_rate_mhz = get32(p + 8), .scale_nm_s2_per_lsb = get32(p + 12),
            .range_mm_s2 = get32(p + 16), .timestamp_tick_ns = get32(p + 20), .epoch_us = get64(p + 24),
        };
        l->config = c;
        if (c.axes != 3 || (c.bits != 16 && c.bits != 24) || c.nominal_rate_mhz == 0
            || c.timestamp_tick_ns == 0 || c.fifo_batch == 0
            || c.fifo_batch * (c.bits == 16 ? 6u : 9u) + 18u > FB_LINK_MAX_FRAME) {
            fb_link_fault(l, FB_FAULT_STREAM, "stream refused: axes, bits, rate, tick or FIFO batch");
            return;
        }
        fb_init(l->core, &l->config, send_uplink, l);
        fb_boot_count(l->core, (uint16_t)l->port->boot_count);
        if (l->port->clock) l->port->clock(l->port->ctx, 0, 1);
        l->ready = 1;
    }
    q = payload(l);
    *q++ = FB_LINK_MAJOR;
    *q++ = FB_LINK_MINOR;
    q = put16(q, FB_LINK_MAX_FRAME);
    *q++ = l->port->credits;
    *q++ = known ? l->config.axes : 0;
    *q++ = known ? l->config.bits : 0;
    *q++ = l->port->read ? TAKES_SPI : 0;
    q = put32(q, l->port->boot_count);
    *q++ = (uint8_t)(n = text_len(fb_name(), TEXT_MAX));
    q = put_bytes(q, (const uint8_t *)fb_name(), n);
    *q++ = (uint8_t)(n = text_len(fb_build(), TEXT_MAX));
    send(l, FROM_DEVICE | HELLO, put_bytes(q, (const uint8_t *)fb_build(), n));
}

static int32_t value(const uint8_t *p, unsigned width)
{
#ifdef FB_DEFECT_BYTE_ORDER
    if (width == 2) return (int16_t)(uint16_t)(p[0] << 8 | p[1]);
#else
    if (width == 2) return (int32_t)get16(p) - ((p[1] & 0x80) ? 0x10000 : 0);
#endif
#ifdef FB_DEFECT_SIGN_EXTENSION
    return (int32_t)(get16(p) | (uint32_t)(p[2] & 0x0f) << 16); /* 20 bits of the part, without their sign */
#else
    return (int32_t)(get16(p) | (uint32_t)p[2] << 16) - ((p[2] & 0x80) ? 0x1000000 : 0);
#endif
}

static void on_samples(fb_link *l, const uint8_t *p, size_t len)
{
    const unsigned width = l->config.bits / 8u;
    uint32_t start, cycles = 0;
    size_t i, values;

    if (len < 12 || get16(p + 4) == 0 || get16(p + 4) > FB_LINK_MAX_SAMPLES
        || (len - 12) / (3u * width) < get16(p + 4)) {
        l->length_errors++;
        return;
    }
    l->t0 = get32(p);
    l->n = get16(p + 4);
    values = 3u * (size_t)l->n;
#ifdef FB_DEFECT_AXES_SWAPPED
    for (i = 0; i < values; i++) l->xyz[i % 3 == 2 ? i : i % 3 == 0 ? i + 1 : i - 1] = value(p + 12 + i * width, width);
#else
    for (i = 0; i < values; i++) l->xyz[i] = value(p + 12 + i * width, width);
#endif
    run_clock(l, l->n, get32(p + 8));
    start = l->port->cycles ? l->port->cycles(l->port->ctx) : 0;
    fb_samples(l->core, l->t0, l->n, get32(p + 8), l->xyz);
    if (l->port->cycles) cycles = l->port->cycles(l->port->ctx) - start;
    send(l, RESULT, put32(put32(put16(put16(put32(payload(l), l->t0), l->n), 0), tick_ms(l)), cycles));
}

static void set_clock(fb_link *l, uint64_t told_ns, int skip)
{
    const uint64_t batch_ns = l->config.fifo_batch * UINT64_C(1000000000000) / l->config.nominal_rate_mhz;
    if (!skip && told_ns < l->elapsed_ns + batch_ns) return; /* nothing lost: the stamps know better */
    l->elapsed_ns = told_ns;
    l->have_stamp = 0;
    if (l->port->clock) l->port->clock(l->port->ctx, l->elapsed_ns, 1);
}

static void on_timesync(fb_link *l, const uint8_t *p, size_t len)
{
    if (len < 15) {
        l->length_errors++;
        return;
    }
    l->t0 = get32(p);
    l->n = 0;
    set_clock(l, (get64(p + 4) - l->config.epoch_us) * 1000u, p[14] & SKIP);
    fb_timesync(l->core, l->t0, get64(p + 4), (int16_t)value(p + 12, 2), p[14]);
    fb_clock(l->core, tick_ms(l));
    send(l, TIMESYNC_ACK, put32(put32(payload(l), l->t0), tick_ms(l)));
}

static void on_stats(fb_link *l)
{
    uint8_t *q = put32(put32(payload(l), l->frames_ok), l->crc_errors);
    q = put32(put32(q, l->length_errors), l->overflows);
    q = put32(put32(q, l->ready ? fb_lost_samples(l->core) : 0), l->duplicates);
    q = put32(q, l->missing);
    if (l->port->usage) {
        fb_usage u = {0, 0, 0};
        l->port->usage(l->port->ctx, &u);
        q = put32(put32(q, u.stack_peak), u.stack_size);
        q = put32(put32(q, (uint32_t)u.clock_ns), (uint32_t)(u.clock_ns >> 32));
    }
    send(l, FROM_DEVICE | STATS, q);
}

static void on_spi(fb_link *l, const uint8_t *p, size_t len)
{
    if (!l->spi_rx || len < 8 + l->spi_n) {
        l->length_errors++;
        return;
    }
    l->spi_time_us = get64(p);
    put_bytes(l->spi_rx, p + 8, l->spi_n);
    l->spi_rx = NULL;
}

/* A whole frame is in rx. */
static void on_frame(fb_link *l)
{
    const uint8_t type = l->rx[0], *p = l->rx + HEADER;
    const uint16_t seq = get16(l->rx + 2), ahead = (uint16_t)(seq - l->rx_seq);
    const size_t len = l->rx_len - (size_t)(HEADER + CRC);

    if (type == HELLO) {
        on_hello(l, seq, p, len);
        return;
    }
    l->frames_ok++;
#ifdef FB_DEFECT_REPEAT_TAKEN
    if (ahead >= 0x8000u) l->duplicates++;
#else
#ifdef FB_DEFECT_SEQ_WRAP
    if (seq < l->rx_seq) {
#else
    if (ahead >= 0x8000u) { /* seen before: processing it twice would be worse than dropping it */
#endif
        l->duplicates++;
        return;
    }
#endif
    l->missing += ahead;
    l->rx_seq = (uint16_t)(seq + 1u);
    if (!l->ready && (type == SAMPLES || type == TIMESYNC)) {
        fb_link_fault(l, FB_FAULT_NO_HELLO, "no session: HELLO first");
        return;
    }
    switch (type) {
    case SAMPLES: on_samples(l, p, len); break;
    case TIMESYNC: on_timesync(l, p, len); break;
    case ECHO:
        if (fits(l, len)) send(l, FROM_DEVICE | ECHO, put_bytes(payload(l), p, len));
        else fb_link_fault(l, FB_FAULT_TOO_LONG, "echo does not fit into a frame");
        break;
    case STATS: on_stats(l); break;
    case SPI_ANSWER: on_spi(l, p, len); break;
    case BYE:
        send(l, FROM_DEVICE | BYE, payload(l));
        l->done = 1;
        break;
    case PROVOKE:
        if (len >= 1 && l->port->provoke) l->port->provoke(l->port->ctx, p[0]);
        fb_link_fault(l, FB_FAULT_PROVOKE, "this port cannot do that"); /* it came back */
        break;
    default: break; /* from a newer minor version: ignored, the bench sees that nothing comes back */
    }
}

/* ---- receiving: COBS and CRC ---- */

static void store(fb_link *l, uint8_t byte)
{
    if (l->rx_len < FB_LINK_MAX_FRAME) l->rx[l->rx_len++] = byte;
    else l->rx_overlong = 1;
}

static void delimiter(fb_link *l)
{
#ifdef FB_DEFECT_OVERLONG_STICKS
    if (l->rx_overlong) {
        l->overflows++;
        return;
    }
#else
    if (l->rx_overlong) l->overflows++;
#endif
    else if (l->rx_left || l->rx_len < HEADER + CRC) l->length_errors += l->rx_open;
#ifdef FB_DEFECT_CRC_UNCHECKED
    else if (l->rx_len < HEADER + CRC) l->crc_errors++;
#else
    else if (crc16(l->rx, l->rx_len - CRC) != get16(l->rx + l->rx_len - CRC)) l->crc_errors++;
#endif
    else on_frame(l);
#ifdef FB_DEFECT_NO_RESYNC
    if (l->rx_left == 0) l->rx_len = 0; /* a frame that was cut goes on with the next one */
    l->rx_left = l->rx_zero = l->rx_open = l->rx_overlong = 0;
#else
    l->rx_len = 0;
    l->rx_left = l->rx_zero = l->rx_open = l->rx_overlong = 0;
#endif
}

int fb_link_receive(fb_link *l, const uint8_t *bytes, size_t len)
{
    while (len-- && !l->done && !l->failed) {
        const uint8_t byte = *bytes++;
        if (byte == 0) {
            delimiter(l);
        } else if (l->rx_left) { /* inside a block */
            l->rx_left--;
            store(l, byte);
        } else { /* code byte: the length of the next block, and the zero that ended the last one */
            if (l->rx_zero) store(l, 0);
            l->rx_left = (uint8_t)(byte - 1u);
            l->rx_zero = byte != 0xffu;
            l->rx_open = 1;
        }
    }
    return l->failed ? -1 : l->done;
}

void fb_link_overflow(fb_link *l) { l->overflows++; }

void fb_link_init(fb_link *l, fb_core *core, const fb_port *port)
{
    uint8_t *p = (uint8_t *)l;
    size_t n = sizeof *l;
    while (n--) *p++ = 0;
    l->core = core;
    l->port = port;
}

/* ---- bus level: the firmware's own driver, its transfers carried to the bench ---- */

int fb_link_spi(fb_link *l, const uint8_t *tx, uint8_t *rx, size_t n, uint64_t *time_us)
{
    uint8_t bytes[64], *p = payload(l);
    size_t sent = n;

    if (!l->ready || l->done || !l->port->read || n > 0xffffu || n + 14 > FB_LINK_MAX_FRAME || !fits(l, n + 8))
        return -1;
    while (sent && !tx[sent - 1]) sent--; /* the bench clocks zeros for what is left out */
    *p++ = 0; /* first part on the bus */
    *p++ = 0;
    send(l, SPI_REQUEST, put_bytes(put16(p, (uint16_t)n), tx, sent));
    l->spi_rx = rx;
    l->spi_n = n;
    while (l->spi_rx) {
        const long got = l->failed ? -1 : l->port->read(l->port->ctx, bytes, sizeof bytes);
        if (got <= 0 || fb_link_receive(l, bytes, (size_t)got) != 0) {
            l->spi_rx = NULL;
            return -1;
        }
    }
    if (time_us) *time_us = l->spi_time_us;
    return 0;
}

void fb_link_uplink(fb_link *l, const uint8_t *bytes, size_t len) { send_uplink(l, bytes, len); }
