/* Vectors and start-up. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <stdint.h>

extern uint32_t _stack, _data, _edata, _bss, _ebss;
extern const uint32_t _data_load;
int main(void);

void Reset_Handler(void)
{
    const uint32_t *from = &_data_load;
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; /* CPACR: the FPU, before any code that uses it */
    __asm volatile("dsb\n\tisb");
    for (uint32_t *to = &_data; to < &_edata;) *to++ = *from++;
    for (uint32_t *to = &_bss; to < &_ebss;) *to++ = 0;
    (void)main();
    for (;;) __asm volatile("wfi");
}

void HardFault_Handler(void)
{
    for (;;) __asm volatile("nop");
}

static void Default_Handler(void)
{
    for (;;) __asm volatile("nop");
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &_stack, (const void *)Reset_Handler, (const void *)Default_Handler, (const void *)HardFault_Handler,
    (const void *)HardFault_Handler, (const void *)HardFault_Handler, (const void *)HardFault_Handler, 0, 0, 0, 0,
    (const void *)Default_Handler, (const void *)Default_Handler, 0, (const void *)Default_Handler,
    (const void *)Default_Handler,
};
