/* Start-up of a Cortex-M: vector table, floating point, memory, stack. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cortex_m.h"

#define STACK_PAINT 0xc5c5c5c5u

extern uint32_t fb_stack_limit[], fb_stack_top[];
extern uint32_t fb_data_begin[], fb_data_end[], fb_data_image[], fb_bss_begin[], fb_bss_end[];

void fb_reset(void);
void fb_fault(void);
void fb_start(void);
void fb_systick(void);
__attribute__((weak)) void fb_systick(void) {}

static void unexpected(void)
{
    __asm volatile("udf #1"); /* an interrupt that nobody asked for: ends in fb_fault */
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16 + 64] = {
    (vector)(uintptr_t)fb_stack_top,
    fb_reset,
    unexpected, /* NMI */
    fb_fault, fb_fault, fb_fault, fb_fault, /* HardFault, and MemManage, BusFault, UsageFault if enabled */
    0, 0, 0, 0,
    unexpected, unexpected, 0, unexpected, /* SVCall, debug monitor, PendSV */
    fb_systick,
    [16 ... 79] = unexpected,
};

/* Assembly, because nothing may use the stack or a floating-point register before this is done. */
__attribute__((naked)) void fb_reset(void)
{
    __asm volatile(
#ifdef __ARM_FP
        "ldr  r0, =0xe000ed88\n" /* CPACR: full access to coprocessors 10 and 11, the FPU */
        "ldr  r1, [r0]\n"
        "orr  r1, r1, #0x00f00000\n"
        "str  r1, [r0]\n"
        "dsb\n"
        "isb\n"
#endif
        "ldr  r0, =fb_stack_limit\n"
        "ldr  r1, =fb_stack_top\n"
        "ldr  r2, =0xc5c5c5c5\n"
        "1: str r2, [r0], #4\n"
        "cmp  r0, r1\n"
        "blo  1b\n"
        "b    fb_start\n"
        ".ltorg\n");
}

void fb_start(void)
{
    const uint32_t *from = fb_data_image;
    uint32_t *to;
    for (to = fb_data_begin; to < fb_data_end; to++) *to = *from++;
    for (to = fb_bss_begin; to < fb_bss_end; to++) *to = 0;
    main();
    fb_restart(); /* a device does not end */
}

uint32_t fb_stack_size_bytes(void) { return (uint32_t)(fb_stack_top - fb_stack_limit) * 4u; }

uint32_t fb_stack_peak(void)
{
    const volatile uint32_t *word = fb_stack_limit;
    while (word < fb_stack_top && *word == STACK_PAINT) word++;
    return (uint32_t)(fb_stack_top - word) * 4u;
}
