/* MPS2 AN386: SPI by the PL022, console by the CMSDK UART, time by the FPGA's 25 MHz counter.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rd_app.h"
#include "rd_board.h"

#define REG(address) (*(volatile uint32_t *)(address))
#define UART_DATA REG(0x40004000)
#define UART_STATE REG(0x40004004)
#define UART_CTRL REG(0x40004008)
#define UART_BAUDDIV REG(0x40004010)
#define GPIO_DATAOUT REG(0x40010004)
#define GPIO_OUTENSET REG(0x40010010)
#define SPI_CR0 REG(0x40020000)
#define SPI_CR1 REG(0x40020004)
#define SPI_DR REG(0x40020008)
#define SPI_SR REG(0x4002000c)
#define SPI_CPSR REG(0x40020010)
#define FPGA_COUNTER REG(0x40028018)

enum { CHIP_SELECT = 1u << 0, UART_FULL = 1u, SPI_TX_ROOM = 2u, SPI_RX_DATA = 4u, TICKS_PER_US = 25u };

int spi_transfer(const uint8_t *tx, uint8_t *rx, size_t n)
{
    uint32_t patience;
    GPIO_DATAOUT &= ~CHIP_SELECT;
    for (size_t i = 0; i < n; i++) {
        for (patience = 1000000; !(SPI_SR & SPI_TX_ROOM);) if (--patience == 0) return -1;
        SPI_DR = tx[i];
        for (patience = 1000000; !(SPI_SR & SPI_RX_DATA);) if (--patience == 0) return -1;
        rx[i] = (uint8_t)SPI_DR;
    }
    GPIO_DATAOUT |= CHIP_SELECT;
    return 0;
}

/* This board has no real-time clock: the time since power-up stands in for it. */
uint64_t clock_us(void)
{
    static uint32_t last;
    static uint64_t ticks;
    const uint32_t now = FPGA_COUNTER;
    ticks += now - last;
    last = now;
    return ticks / TICKS_PER_US;
}

void delay_us(uint32_t us)
{
    const uint32_t start = FPGA_COUNTER;
    while (FPGA_COUNTER - start < us * TICKS_PER_US) {
    }
}

void console_line(const char *text)
{
    for (;; text++) {
        while (UART_STATE & UART_FULL) {
        }
        UART_DATA = *text ? (uint8_t)*text : '\n';
        if (!*text) return;
    }
}

/* The radio module sits on no bus of this board: the console shows what it would get. */
void uplink_send(const uint8_t *bytes, size_t len)
{
    static const char digit[] = "0123456789abcdef";
    char line[2 * 240 + 8] = "radio ";
    size_t at = 6;
    for (size_t i = 0; i < len && at + 3 < sizeof line; i++) {
        line[at++] = digit[bytes[i] >> 4];
        line[at++] = digit[bytes[i] & 15u];
    }
    line[at] = 0;
    console_line(line);
}

int main(void)
{
    UART_BAUDDIV = 217; /* 25 MHz / 115 200 */
    UART_CTRL = 1;
    GPIO_OUTENSET = CHIP_SELECT;
    GPIO_DATAOUT |= CHIP_SELECT;
    SPI_CR0 = 0x0007; /* 8 bits, mode 0 */
    SPI_CPSR = 4;
    SPI_CR1 = 2;
    if (rd_app_start() != RD_OK) return 1;
    while (rd_app_turn() == RD_OK) {
    }
    return 1;
}
