/* Host driver of the firmware core for tests: samples in on stdin, uplinks out on stdout, one line of hex each.
 *
 * First line: nominal rate (mHz), scale (nm/s2 per count), range (mm/s2), bits, time-stamp tick (ns), epoch (us). Then lines
 *   S t0 n ticks            followed by n x 3 little-endian int32 in binary
 *   T next_t0 time_us temperature_cdeg flags
 * and at the end of input nothing more. With the argument "frames" a line per judged history goes to stderr as well. */
#include "fb_core.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static fb_core core;
static int32_t xyz[3u * 65536u];

static void send(void *ctx, const uint8_t *bytes, size_t len) {
    (void)ctx;
    for (size_t i = 0; i < len; i++) printf("%02x", bytes[i]);
    printf("\n");
}

int main(void) {
    char line[256];
    fb_config cfg = {.axes = 3, .fifo_batch = 32};
    unsigned bits;
    if (!fgets(line, sizeof line, stdin) ||
        sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNu32 " %u %" SCNu32 " %" SCNu64, &cfg.nominal_rate_mhz, &cfg.scale_nm_s2_per_lsb,
               &cfg.range_mm_s2, &bits, &cfg.timestamp_tick_ns, &cfg.epoch_us) != 6)
        return 2;
    cfg.bits = (uint8_t)bits;
    fb_init(&core, &cfg, send, NULL);
    while (fgets(line, sizeof line, stdin)) {
        uint32_t t0, ticks;
        uint64_t time_us;
        unsigned n, flags;
        int temperature;
        if (sscanf(line, "S %" SCNu32 " %u %" SCNu32, &t0, &n, &ticks) == 3) {
            if (n > 65535u || fread(xyz, 12u, n, stdin) != n) return 3;
            fb_samples(&core, t0, (uint16_t)n, ticks, xyz);
        } else if (sscanf(line, "T %" SCNu32 " %" SCNu64 " %d %u", &t0, &time_us, &temperature, &flags) == 4) {
            fb_timesync(&core, t0, time_us, (int16_t)temperature, (uint8_t)flags);
        } else {
            return 4;
        }
    }
    return 0;
}
