/* The four functions that a compiler may call without being asked (GCC manual, "Standards").
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *p = to;
    const uint8_t *q = from;
    if ((((uintptr_t)p | (uintptr_t)q) & 3u) == 0)
        for (; n >= 4; n -= 4, p += 4, q += 4) *(uint32_t *)(void *)p = *(const uint32_t *)(const void *)q;
    while (n--) *p++ = *q++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *p = to;
    const uint8_t *q = from;
    if (p < q) return memcpy(to, from, n);
    while (n--) p[n] = q[n];
    return to;
}

void *memset(void *to, int value, size_t n)
{
    uint8_t *p = to;
    const uint32_t word = 0x01010101u * (uint8_t)value;
    if (((uintptr_t)p & 3u) == 0)
        for (; n >= 4; n -= 4, p += 4) *(uint32_t *)(void *)p = word;
    while (n--) *p++ = (uint8_t)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a, *q = b;
    for (; n--; p++, q++)
        if (*p != *q) return *p - *q;
    return 0;
}
