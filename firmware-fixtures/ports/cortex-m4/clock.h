/* The device's clock on mps2-an386. SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FB_CLOCK_H
#define FB_CLOCK_H

#include <stdint.h>

/* Nanoseconds that the clock shows. */
uint64_t fb_clock_ns(void);
/* Sets the clock, and the counter of instructions to 0. */
void fb_clock_set(uint64_t now_ns);
/* Sleeps until the clock shows that time; returns at once if it does already. */
void fb_clock_wait(uint64_t until_ns);
/* Instructions since the clock was set, wraps; fb_port.cycles. */
uint32_t fb_clock_instructions(void *ctx);

#endif
