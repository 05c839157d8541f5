/* The device on the LM3S6965 evaluation board: the bench link on UART0, a PL011 (Arm DDI 0183).
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The main loop polls. That serves QEMU, whose UART takes the next byte only when there is room; a real board needs a receive
 * interrupt with a buffer as large as its credits. */
#include "cortex_m.h"

#define RCGC1 FB_REG(0x400fe104u)
#define RCGC2 FB_REG(0x400fe108u)
#define UART0_DR FB_REG(0x4000c000u)
#define UART0_FR FB_REG(0x4000c018u)
#define UART0_LCRH FB_REG(0x4000c02cu)
#define UART0_CTL FB_REG(0x4000c030u)
#define FR_RXFE 0x10u
#define FR_TXFF 0x20u

static fb_core core;
static fb_link line;

static int write_all(void *ctx, const uint8_t *bytes, size_t length)
{
    (void)ctx;
    while (length--) {
        while ((UART0_FR & FR_TXFF) != 0) {
        }
        UART0_DR = *bytes++;
    }
    return 0;
}

static void usage(void *ctx, fb_usage *out)
{
    (void)ctx;
    out->stack_peak = fb_stack_peak();
    out->stack_size = fb_stack_size_bytes();
    out->clock_ns = 0;
}

int main(void)
{
    static fb_port port;
    port = (fb_port){
        .write = write_all, .usage = usage, .provoke = fb_provoke, .boot_count = fb_count_boot(), .credits = 1,
    };
    RCGC1 |= 1u; /* clock to UART0 */
    RCGC2 |= 1u; /* and to port A, its pins */
    UART0_CTL = 0;
    UART0_LCRH = 0x70u; /* 8 bits, FIFOs */
    UART0_CTL = 0x301u; /* enable, transmit, receive */
    fb_link_init(&line, &core, &port);
    fb_crash_report_to(&line, 0);
    for (;;) {
        uint8_t byte;
        while ((UART0_FR & FR_RXFE) != 0) {
        }
        byte = (uint8_t)UART0_DR;
        /* After BYE the next session may come: a board is not switched off between two runs. */
        if (fb_link_receive(&line, &byte, 1) != 0) fb_link_init(&line, &core, &port);
    }
}
