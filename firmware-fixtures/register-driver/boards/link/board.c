/* A host process whose SPI transfers go over the bench link. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *   cc -std=c11 -O2 -ffp-contract=off -DFB_LINK_MAX_FRAME=4096 -Icore -Ishim -Iregister-driver core/[a-z]*.c \
 *      shim/fb_link.c register-driver/adxl355.c register-driver/rd_app.c register-driver/boards/link/board.c -o device */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "fb_link.h"
#include "rd_app.h"
#include "rd_board.h"

static fb_core unused; /* the shim's: the samples of this firmware come through its driver */
static fb_link line;
static uint64_t now_us;

static int write_all(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    while (len) {
        const ssize_t n = write(1, bytes, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static long read_some(void *ctx, uint8_t *bytes, size_t room)
{
    ssize_t n;
    (void)ctx;
    do n = read(0, bytes, room);
    while (n < 0 && errno == EINTR);
    return n;
}

int spi_transfer(const uint8_t *tx, uint8_t *rx, size_t n) { return fb_link_spi(&line, tx, rx, n, &now_us); }
uint64_t clock_us(void) { return now_us; }
void delay_us(uint32_t us) { (void)us; } /* time belongs to the bench */
void console_line(const char *text) { fb_link_log(&line, 1, text); }
void uplink_send(const uint8_t *bytes, size_t len) { fb_link_uplink(&line, bytes, len); }

int main(void)
{
    static const fb_port port = {.write = write_all, .read = read_some, .boot_count = 1, .credits = 1};
    struct pollfd hangup = {.fd = 0, .events = POLLIN, .revents = 0};
    uint8_t byte;

    fb_link_init(&line, &unused, &port);
    while (!line.ready)
        if (read_some(NULL, &byte, 1) <= 0 || fb_link_receive(&line, &byte, 1) != 0) return 0;
    now_us = line.config.epoch_us;
    if (rd_app_start() == RD_OK)
        while (rd_app_turn() == RD_OK) {
        }
    /* Refused or over: answer what the bench still asks, until BYE. */
    while (!line.done && read_some(NULL, &byte, 1) > 0 && fb_link_receive(&line, &byte, 1) == 0) {
    }
    while (poll(&hangup, 1, 1000) > 0 && read(0, &byte, 1) > 0) {
    }
    return 0;
}
