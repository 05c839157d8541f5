/* Bench link, device side: the shim between a sensor's firmware core and the bench.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Feed it the bytes that come in on any byte stream; it calls the core (fb_core.h) and writes its
 * answers through the port. No heap, no host headers, no globals, no clocks. README.md beside this
 * file has the protocol and the steps of a port. */
#ifndef FB_LINK_H
#define FB_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "fb_core.h"

#define FB_LINK_MAJOR 1u
#define FB_LINK_MINOR 1u

/* Largest frame in both directions: header (4) + payload + CRC (2), before COBS. */
#ifndef FB_LINK_MAX_FRAME
#define FB_LINK_MAX_FRAME 1024u
#endif
/* Most samples that fit: 18 bytes of header, SAMPLES fields and CRC; 6 bytes per 16-bit sample. */
#define FB_LINK_MAX_SAMPLES ((FB_LINK_MAX_FRAME - 18u) / 6u)
/* Room in front of a frame that is COBS-coded in place: one byte, and one per 254. */
#define FB_LINK_COBS_ROOM (2u + FB_LINK_MAX_FRAME / 254u)

/* Codes of FAULT messages that the shim itself sends; a firmware's own start at 0x100. */
enum {
    FB_FAULT_NO_HELLO = 1,   /* SAMPLES or TIMESYNC before HELLO: the device has restarted */
    FB_FAULT_STREAM = 2,     /* the stream that HELLO announces cannot be taken */
    FB_FAULT_TOO_LONG = 3,   /* a message of the firmware is longer than a frame; it was dropped */
    FB_FAULT_CRASH = 4,      /* the processor stopped on a fault; the text holds its registers */
    FB_FAULT_PROVOKE = 5     /* this port cannot do what a PROVOKE asks for */
};

/* What a PROVOKE asks for: see fb_port.provoke. */
enum {
    FB_PROVOKE_RESET = 1,     /* start again, as after a watchdog reset: memory that a reset keeps is kept */
    FB_PROVOKE_BROWN_OUT = 2, /* start again as after a loss of power */
    FB_PROVOKE_HANG = 3,      /* stop answering for ever */
    FB_PROVOKE_CRASH = 4      /* do something that the processor faults on */
};

/* Registers at a crash. What a processor does not have is 0. */
typedef struct {
    uint32_t pc, lr, psr, sp;           /* as stacked; sp: address of that frame */
    uint32_t cfsr, hfsr, mmfar, bfar;   /* Armv7-M fault status and fault addresses */
} fb_crash_state;

/* What the device needed so far. */
typedef struct {
    uint32_t stack_peak, stack_size; /* bytes; 0, 0 if not known */
    uint64_t clock_ns;               /* the device's own clock since HELLO (or as last set by a skip) */
} fb_usage;

/* What a board provides. */
typedef struct {
    /* Sends all bytes, waiting as long as it takes; 0 if done, -1 if the line is gone. */
    int (*write)(void *ctx, const uint8_t *bytes, size_t len);
    /* Free-running CPU cycle counter, or NULL where there is none. */
    uint32_t (*cycles)(void *ctx);
    /* Where the firmware has timers of its own: jump 0: waits until they show elapsed_ns since HELLO (returns at once if
     * they do already); jump 1: sets them. NULL where time is the bench's alone. */
    void (*clock)(void *ctx, uint64_t elapsed_ns, int jump);
    /* Fills in what is known, for STATS; or NULL. */
    void (*usage)(void *ctx, fb_usage *out);
    /* For tests: does one of FB_PROVOKE_*; returns if it cannot. NULL in a product. */
    void (*provoke)(void *ctx, uint8_t what);
    void *ctx;
    uint32_t boot_count; /* starts of this device, from its non-volatile memory */
    uint8_t credits;     /* SAMPLES frames that the receive buffer holds, plus 16 bytes spare */
    /* For fb_link_spi only. Takes up to `room` received bytes, waiting until there is at least one; 0 or less if
     * the line is gone. NULL: the firmware gets its samples as SAMPLES frames. */
    long (*read)(void *ctx, uint8_t *bytes, size_t room);
} fb_port;

typedef struct {
    fb_core *core;
    const fb_port *port;
    fb_config config;
    uint16_t peer_max_frame;
    uint8_t ready;   /* a HELLO was accepted */
    uint8_t done;    /* BYE received */
    uint8_t failed;  /* the port could not write */
    /* receiver */
    uint16_t rx_len;
    uint8_t rx_left, rx_zero, rx_open, rx_overlong;
    uint16_t rx_seq, tx_seq;
    /* time, see fb_link.c */
    uint64_t elapsed_ns;
    uint32_t last_stamp;
    uint8_t have_stamp;
    /* the frame at work, repeated in UPLINK */
    uint32_t t0;
    uint16_t n;
    /* counters since HELLO, in the order of STATS */
    uint32_t frames_ok, crc_errors, length_errors, overflows, duplicates, missing;
    /* the SPI transfer at work, see fb_link_spi */
    uint8_t *spi_rx;
    size_t spi_n;
    uint64_t spi_time_us;
    uint8_t rx[FB_LINK_MAX_FRAME];
    uint8_t tx[FB_LINK_COBS_ROOM + FB_LINK_MAX_FRAME + 1u];
    int32_t xyz[3u * FB_LINK_MAX_SAMPLES];
} fb_link;

void fb_link_init(fb_link *link, fb_core *core, const fb_port *port);

/* Takes bytes as they come, in pieces of any size. 0: go on; 1: BYE received; -1: cannot write. */
int fb_link_receive(fb_link *link, const uint8_t *bytes, size_t len);

/* Call when the board lost received bytes (UART overrun, full DMA buffer). */
void fb_link_overflow(fb_link *link);

/* For the firmware: a line for the bench's log (level 0 error ... 3 debug), and a fault. */
void fb_link_log(fb_link *link, uint8_t level, const char *text);
void fb_link_fault(fb_link *link, uint16_t code, const char *text);

/* For a fault handler: reports a crash, whatever the link was doing. Restart the device, or stop it, afterwards. */
void fb_link_crash(fb_link *link, const fb_crash_state *state);

/* For firmware that keeps its sensor driver: one SPI transfer with the emulated part, chip select low from the
 * first to the last byte; tx and rx have n bytes and may be the same. Waits for the answer, and for as long as the
 * bench has no sample for a driver that polls. *time_us becomes the time since 1970 (may be NULL). 0; -1 if n does
 * not fit into a frame (FB_LINK_MAX_FRAME - 14), before HELLO, after BYE, or if the line is gone. */
int fb_link_spi(fb_link *link, const uint8_t *tx, uint8_t *rx, size_t n, uint64_t *time_us);

/* Hands a message to the radio: for firmware whose core is not behind fb_core.h. */
void fb_link_uplink(fb_link *link, const uint8_t *bytes, size_t len);

#endif
