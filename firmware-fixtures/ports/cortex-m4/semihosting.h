/* The part of Arm semihosting (Arm IHI 0203, "Semihosting for AArch32 and AArch64") that the port uses.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FB_SEMIHOSTING_H
#define FB_SEMIHOSTING_H

#include <stdint.h>

enum { FB_SYS_OPEN = 0x01, FB_SYS_CLOSE = 0x02, FB_SYS_WRITE = 0x05, FB_SYS_READ = 0x06, FB_SYS_EXIT_EXTENDED = 0x20 };
enum { FB_OPEN_READ = 1, FB_OPEN_WRITE = 5 }; /* fopen's "rb" and "wb" */

static inline uint32_t fb_semihosting(uint32_t operation, const void *arguments)
{
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = arguments;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* A handle, or -1. */
static inline int32_t fb_open(const char *name, uint32_t length, uint32_t mode)
{
    const uint32_t arguments[3] = {(uint32_t)(uintptr_t)name, mode, length};
    return (int32_t)fb_semihosting(FB_SYS_OPEN, arguments);
}

/* Bytes that were not read: all of them at the end of the file. Waits for the first. */
static inline uint32_t fb_read(int32_t handle, void *to, uint32_t length)
{
    const uint32_t arguments[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)to, length};
    return fb_semihosting(FB_SYS_READ, arguments);
}

/* Bytes that were not written. */
static inline uint32_t fb_write(int32_t handle, const void *from, uint32_t length)
{
    const uint32_t arguments[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)from, length};
    return fb_semihosting(FB_SYS_WRITE, arguments);
}

/* Ends the emulator with an exit status. */
static inline void fb_exit(uint32_t status)
{
    const uint32_t arguments[2] = {0x20026u /* application exit */, status};
    fb_semihosting(FB_SYS_EXIT_EXTENDED, arguments);
}

#endif
