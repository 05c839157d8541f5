/* What the parts of the Cortex-M ports share. SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FB_CORTEX_M_H
#define FB_CORTEX_M_H

#include <stddef.h>
#include <stdint.h>

#include "fb_link.h"

/* Registers of every Armv7-M core (Armv7-M Architecture Reference Manual, B3.2 and B3.3). */
#define FB_REG(address) (*(volatile uint32_t *)(address))
#define SYST_CSR FB_REG(0xe000e010u)
#define SYST_RVR FB_REG(0xe000e014u)
#define SYST_CVR FB_REG(0xe000e018u)
#define SCB_ICSR FB_REG(0xe000ed04u)
#define SCB_AIRCR FB_REG(0xe000ed0cu)
#define SCB_CFSR FB_REG(0xe000ed28u)
#define SCB_HFSR FB_REG(0xe000ed2cu)
#define SCB_MMFAR FB_REG(0xe000ed34u)
#define SCB_BFAR FB_REG(0xe000ed38u)

/* start.c: bytes of stack that have been in use at most since reset, and how many there are. */
uint32_t fb_stack_peak(void);
uint32_t fb_stack_size_bytes(void);

/* boot.c: counts a start and returns the number of starts; restarts the processor. */
uint32_t fb_count_boot(void);
_Noreturn void fb_restart(void);

/* crash.c: the link over which a crash is reported, and what ends the device afterwards. */
void fb_crash_report_to(fb_link *link, void (*end)(void));

/* provoke.c: fb_port.provoke. */
void fb_provoke(void *ctx, uint8_t what);

/* The board's program. */
int main(void);

#endif
