/* Native port of the bench link. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * frogbench links this file into its own binary. To build the device alone:
 *   cc -std=c11 -O2 -ffp-contract=off -DFB_NATIVE_MAIN -Icore -Ishim \
 *      core/[a-z]*.c shim/fb_link.c ports/native/native.c -lm -o device */
#define _POSIX_C_SOURCE 200809L
#include "native.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fb_link.h"

static fb_core core;
static fb_link line;

static int write_all(void *ctx, const uint8_t *bytes, size_t len)
{
    const int fd = *(const int *)ctx;
    while (len) {
        const ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

/* On a pseudo-terminal, leaving discards what the bench has not read yet: wait until it hangs up. */
static void wait_for_hangup(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN, .revents = 0};
    uint8_t rest[256];
    while (poll(&p, 1, 1000) > 0 && read(fd, rest, sizeof rest) > 0) {
    }
}

static jmp_buf power_up;
/* What was read and not taken yet: it outlives a restart, as bytes on the line do. */
static uint8_t bytes[4096];
static size_t have, taken;

/* Gives the shim the rest of a frame, or what there is of it. */
static int take_frame(void)
{
    const uint8_t *from = bytes + taken;
    const uint8_t *end = memchr(from, 0, have - taken);
    const size_t length = end ? (size_t)(end - from) + 1u : have - taken;
    taken += length;
    return fb_link_receive(&line, from, length);
}

/* For tests of the bench: see fb_port.provoke. */
static void provoke(void *ctx, uint8_t what)
{
    (void)ctx;
    if (what == FB_PROVOKE_RESET || what == FB_PROVOKE_BROWN_OUT) longjmp(power_up, 1);
    if (what == FB_PROVOKE_HANG)
        for (;;) pause();
    if (what == FB_PROVOKE_CRASH) {
        volatile uint32_t *volatile nowhere = NULL;
        *nowhere = 1u;
    }
}

int fb_native_run(int in_fd, int out_fd)
{
    static int out;
    static const fb_core nothing;
    static fb_port port = {.write = write_all, .provoke = provoke, .ctx = &out, .boot_count = 0, .credits = 8};
    const char *boots = getenv("FB_BOOT_COUNT"); /* this start's number: stands for non-volatile memory */

    if (boots) port.boot_count = (uint32_t)strtoul(boots, NULL, 10) - 1u;
    out = out_fd;
    setjmp(power_up); /* a restart comes back here */
    port.boot_count++;
    core = nothing;
    fb_link_init(&line, &core, &port);
    for (;;) {
        int state = 0;
        ssize_t n;
        while (taken < have && state == 0) state = take_frame();
        if (state < 0) return 1;
        if (state > 0) {
            wait_for_hangup(in_fd);
            return 0;
        }
        n = read(in_fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EIO) return 1; /* EIO: a terminal whose other end has gone */
        if (n <= 0) return 0;
        have = (size_t)n;
        taken = 0;
    }
}

#ifdef FB_NATIVE_MAIN
int main(void) { return fb_native_run(0, 1); }
#endif
