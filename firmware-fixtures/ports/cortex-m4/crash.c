/* Crash report: what the processor stacked, and its fault registers. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cortex_m.h"

static fb_link *report_link;
static void (*report_end)(void);

void fb_fault(void);
void fb_crash(const uint32_t *frame);

void fb_crash_report_to(fb_link *link, void (*end)(void))
{
    report_link = link;
    report_end = end;
}

/* The exception frame is on the stack that was in use: r0-r3, r12, lr, pc, xPSR. */
__attribute__((naked)) void fb_fault(void)
{
    __asm volatile(
        "tst   lr, #4\n"
        "ite   eq\n"
        "mrseq r0, msp\n"
        "mrsne r0, psp\n"
        "b     fb_crash\n");
}

void fb_crash(const uint32_t *frame)
{
    const fb_crash_state state = {
        .pc = frame[6], .lr = frame[5], .psr = frame[7], .sp = (uint32_t)(uintptr_t)frame,
        .cfsr = SCB_CFSR, .hfsr = SCB_HFSR, .mmfar = SCB_MMFAR, .bfar = SCB_BFAR,
    };
    if (report_link) fb_link_crash(report_link, &state);
    if (report_end) report_end();
    fb_restart();
}
