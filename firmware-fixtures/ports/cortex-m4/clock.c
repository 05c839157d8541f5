/* SysTick as a clock and, where time is counted in instructions, as their counter.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * QEMU under `-icount shift=5` lets 32 ns pass per instruction and runs SysTick of mps2-an386 at 25 MHz, so that a tick is
 * 5/4 instructions (DWT_CYCCNT is not emulated). The timer that ends a wait is TIMER0 of the CMSDK (Arm DDI 0479). */
#include "clock.h"

#include "cortex_m.h"

#define SPAN 0x1000000u /* SysTick counts down 24 bits */
#define TICK_NS 40u
#define TIMER0_CTRL FB_REG(0x40000000u)
#define TIMER0_VALUE FB_REG(0x40000004u)
#define TIMER0_RELOAD FB_REG(0x40000008u)
#define TIMER0_INTCLEAR FB_REG(0x4000000cu)
#define TIMER0_IRQ 8u
#define NVIC_ISER0 FB_REG(0xe000e100u)
#define NVIC_ICPR0 FB_REG(0xe000e280u)
#define LONGEST 0x40000000u

static volatile uint32_t wraps;
static uint64_t set_to_ns; /* what the clock showed when the counter was 0 */

void fb_systick(void);
void fb_systick(void) { wraps++; }

static void counter_to_zero(void)
{
    __asm volatile("cpsid i" ::: "memory");
    SYST_CSR = 0;
    SYST_RVR = SPAN - 1u;
    SYST_CVR = 0;          /* any write: starts again from the reload value */
    SCB_ICSR = 1u << 25;   /* PENDSTCLR */
    wraps = 0;
    SYST_CSR = 7u;         /* processor clock, interrupt, enable */
    __asm volatile("cpsie i" ::: "memory");
}

static uint64_t ticks(void)
{
    uint32_t high, low;
    do {
        high = wraps;
        low = (SPAN - SYST_CVR) % SPAN;
        if ((SCB_ICSR & (1u << 26)) != 0 && low < SPAN / 2u) high++; /* wrapped, and not counted yet */
    } while (high < wraps);
    return (uint64_t)high * SPAN + low;
}

uint64_t fb_clock_ns(void) { return set_to_ns + ticks() * TICK_NS; }

uint32_t fb_clock_instructions(void *ctx)
{
    (void)ctx;
    return (uint32_t)(ticks() * 5u / 4u);
}

void fb_clock_set(uint64_t now_ns)
{
    NVIC_ISER0 = 1u << TIMER0_IRQ;
    counter_to_zero();
    set_to_ns = now_ns;
}

void fb_clock_wait(uint64_t until_ns)
{
    for (;;) {
        const uint64_t now = fb_clock_ns();
        uint64_t left;
        if (now >= until_ns) return;
        left = (until_ns - now + TICK_NS - 1u) / TICK_NS;
        if (left > LONGEST) left = LONGEST;
        /* With interrupts masked, wfi returns and the handler does not run: nothing is to be done in one. */
        __asm volatile("cpsid i" ::: "memory");
        TIMER0_CTRL = 0;
        TIMER0_INTCLEAR = 1;
        NVIC_ICPR0 = 1u << TIMER0_IRQ;
        TIMER0_RELOAD = (uint32_t)left;
        TIMER0_VALUE = (uint32_t)left;
        TIMER0_CTRL = 9u; /* enable, interrupt */
        __asm volatile("wfi" ::: "memory");
        TIMER0_CTRL = 0;
        TIMER0_INTCLEAR = 1;
        NVIC_ICPR0 = 1u << TIMER0_IRQ;
        __asm volatile("cpsie i" ::: "memory");
    }
}
