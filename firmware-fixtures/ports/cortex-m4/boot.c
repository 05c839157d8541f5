/* Restart, and the count of starts. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cortex_m.h"

#define MAGIC 0x46426f6fu

/* Memory that a reset keeps stands in for the flash page or the backup register of a real board. */
__attribute__((section(".noinit"))) static struct { uint32_t magic, starts; } kept;

uint32_t fb_count_boot(void)
{
    if (kept.magic != MAGIC) {
        kept.magic = MAGIC;
        kept.starts = 0;
    }
    return ++kept.starts;
}

_Noreturn void fb_restart(void)
{
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = 0x05fa0004u; /* key, SYSRESETREQ */
    for (;;) {
    }
}
