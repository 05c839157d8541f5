/* What the driver and the application need of a board. SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef RD_BOARD_H
#define RD_BOARD_H
#include <stddef.h>
#include <stdint.h>

/* One SPI transfer with the sensor, chip select low from the first to the last byte; 0, or -1. */
int spi_transfer(const uint8_t *tx, uint8_t *rx, size_t n);
/* Time since 1970 in us, from the real-time clock. */
uint64_t clock_us(void);
/* Hands one message to the radio. */
void uplink_send(const uint8_t *bytes, size_t len);
/* A line of text for the console, without the line end. */
void console_line(const char *text);
/* Waits at least so long. */
void delay_us(uint32_t us);

#endif
