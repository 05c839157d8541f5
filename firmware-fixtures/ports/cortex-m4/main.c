/* The device on QEMU's mps2-an386: the bench link over two named pipes, by semihosting, in lockstep.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The pipes `down` (to the device) and `up` are in the emulator's working directory. What comes down is in records: two bytes
 * of length, then so many bytes. A record is written in one piece, so that each takes two reads, always: the instructions that
 * the device executes do not depend on when the host's scheduler lets the bench write. */
#include "clock.h"
#include "cortex_m.h"
#include "semihosting.h"

#define RECORD_MAX 4094u

static fb_core core;
static fb_link line;
static uint8_t record[RECORD_MAX];
static int32_t down, up;

static int write_all(void *ctx, const uint8_t *bytes, size_t length)
{
    (void)ctx;
    return fb_write(up, bytes, (uint32_t)length) == 0 ? 0 : -1;
}

static void clock(void *ctx, uint64_t elapsed_ns, int jump)
{
    (void)ctx;
    if (jump) fb_clock_set(elapsed_ns);
    else fb_clock_wait(elapsed_ns);
}

static void usage(void *ctx, fb_usage *out)
{
    (void)ctx;
    out->stack_peak = fb_stack_peak();
    out->stack_size = fb_stack_size_bytes();
    out->clock_ns = fb_clock_ns();
}

static void end_crashed(void) { fb_exit(70); }

/* Bytes of the next record; 0 when the bench has gone. */
static uint32_t next_record(void)
{
    uint8_t head[2];
    uint32_t length;
    if (fb_read(down, head, 2) != 0) return 0;
    length = head[0] | (uint32_t)head[1] << 8;
    if (length == 0 || length > RECORD_MAX || fb_read(down, record, length) != 0) return 0;
    return length;
}

int main(void)
{
    static fb_port port;
    uint32_t length;
    port = (fb_port){
        .write = write_all, .cycles = fb_clock_instructions, .clock = clock, .usage = usage, .provoke = fb_provoke,
        .boot_count = fb_count_boot(), .credits = 8,
    };
    down = fb_open("down", 4, FB_OPEN_READ);
    up = fb_open("up", 2, FB_OPEN_WRITE);
    if (down < 0 || up < 0) fb_exit(71);
    fb_clock_set(0);
    fb_link_init(&line, &core, &port);
    fb_crash_report_to(&line, end_crashed);
    while ((length = next_record()) != 0) {
        const int state = fb_link_receive(&line, record, length);
        if (state != 0) fb_exit(state < 0);
    }
    fb_exit(0);
    return 0;
}
