/* Restart, and the count of starts. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cortex_m.h"

#define MAGIC 0x46426f6fu

/* Memory that a reset keeps stands in for the backup register of a real board. */
__attribute__((section(".noinit"))) static struct { uint32_t magic, starts; } kept;

/* Starts before the supply came on: stands in for the flash page. The emulator's memory begins with zeros; the bench, which
 * knows of the starts in emulators before this one, finds the word by its name and has it set. */
__attribute__((section(".noinit"), used)) volatile uint32_t fb_starts_before;

uint32_t fb_count_boot(void)
{
    if (kept.magic != MAGIC) {
        kept.magic = MAGIC;
        kept.starts = 0;
    }
    return fb_starts_before + ++kept.starts;
}

_Noreturn void fb_restart(void)
{
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = 0x05fa0004u; /* key, SYSRESETREQ */
    for (;;) {
    }
}
