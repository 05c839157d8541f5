/* Misfortunes on command, for tests of the bench and of what a firmware does after them.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cortex_m.h"

/* A write to where nothing answers: a bus error, which becomes a HardFault. Where the bus swallows it, an undefined
 * instruction. */
__attribute__((noinline)) static void write_to_nowhere(void)
{
    FB_REG(0xdffffff0u) = 1u;
    __asm volatile("udf #0");
}

void fb_provoke(void *ctx, uint8_t what)
{
    (void)ctx;
    switch (what) {
    case FB_PROVOKE_RESET:
    case FB_PROVOKE_BROWN_OUT: fb_restart();
    case FB_PROVOKE_HANG:
        for (;;) {
        }
    case FB_PROVOKE_CRASH: write_to_nowhere(); break;
    default: break;
    }
}
