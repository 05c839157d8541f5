/* Native port of the bench link. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * frogbench links this file into its own binary. To build the device alone:
 *   cc -std=c11 -O2 -ffp-contract=off -DFB_NATIVE_MAIN -Icore -Ishim \
 *      core/[a-z]*.c shim/fb_link.c ports/native/native.c -lm -o device */
#define _POSIX_C_SOURCE 200809L
#include "native.h"

#include <errno.h>
#include <poll.h>
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

int fb_native_run(int in_fd, int out_fd)
{
    static uint8_t bytes[4096];
    static int out;
    static fb_port port = {.write = write_all, .cycles = NULL, .ctx = &out, .boot_count = 1, .credits = 8};

    out = out_fd;
    fb_link_init(&line, &core, &port);
    for (;;) {
        const ssize_t n = read(in_fd, bytes, sizeof bytes);
        int state;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EIO) return 1; /* EIO: a terminal whose other end has gone */
        if (n <= 0) return 0;
        state = fb_link_receive(&line, bytes, (size_t)n);
        if (state < 0) return 1;
        if (state > 0) {
            wait_for_hangup(in_fd);
            return 0;
        }
    }
}

#ifdef FB_NATIVE_MAIN
int main(void) { return fb_native_run(0, 1); }
#endif
