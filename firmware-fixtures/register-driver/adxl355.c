/* ADXL355 driver. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rd_board.h"
#include "rd_sensor.h"

enum { DEVID_AD = 0x00, STATUS = 0x04, TEMP2 = 0x06, FIFO_DATA = 0x11, FILTER = 0x28, FIFO_SAMPLES = 0x29,
       INT_MAP = 0x2a, RANGE = 0x2c, POWER_CTL = 0x2d, RESET = 0x2f };
enum { FIFO_OVR = 0x04, RESET_CODE = 0x52, WATERMARK = 24, MAX_ENTRIES = 96, ENTRY = 3 };

static rd_status read_registers(uint8_t first, uint8_t *into, size_t n)
{
    uint8_t tx[8] = {0}, rx[8];
    tx[0] = (uint8_t)(first << 1 | 1u);
    if (n + 1 > sizeof tx || spi_transfer(tx, rx, n + 1) != 0) return RD_BUS_ERROR;
    for (size_t i = 0; i < n; i++) into[i] = rx[i + 1];
    return RD_OK;
}

/* Writes and reads back: a driver that trusts its writes finds a loose wire months later. */
static rd_status set(uint8_t reg, uint8_t value)
{
    const uint8_t tx[2] = {(uint8_t)(reg << 1), value};
    uint8_t rx[2], back;
    if (spi_transfer(tx, rx, 2) != 0 || read_registers(reg, &back, 1) != RD_OK) return RD_BUS_ERROR;
    return back == value ? RD_OK : RD_NOT_ACCEPTED;
}

rd_status rd_sensor_start(unsigned range_g, rd_sensor_info *info)
{
    const uint8_t reset[2] = {RESET << 1, RESET_CODE};
    const uint8_t range = range_g == 8 ? 3 : range_g == 4 ? 2 : 1;
    const uint8_t settings[][2] = {
        {FILTER, 0x00}, /* 4000 Hz */ {FIFO_SAMPLES, WATERMARK * 3}, {INT_MAP, 0x02}, /* watermark on INT1 */
        {RANGE, (uint8_t)(0x80u | range)}, {POWER_CTL, 0x00},
    };
    uint8_t id[3], rx[2];
    rd_status status;

    info->name = "adxl355";
    if (spi_transfer(reset, rx, 2) != 0) return RD_BUS_ERROR;
    delay_us(10000);
    if ((status = read_registers(DEVID_AD, id, 3)) != RD_OK) return status;
    info->identity = id[2];
    if (id[0] != 0xad || id[1] != 0x1d || id[2] != 0xed) return RD_WRONG_IDENTITY;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if ((status = set(settings[i][0], settings[i][1])) != RD_OK) return status;
    info->rate_mhz = 4000000;
    /* 256 000 counts/g at 2 g; standard gravity is 9.80665 m/s2. */
    info->scale_nm_s2_per_lsb = 38307u << (range - 1);
    info->range_mm_s2 = 19613u << (range - 1);
    info->bits = 24;
    return RD_OK;
}

rd_status rd_sensor_read(rd_batch *batch)
{
    static uint8_t tx[1 + MAX_ENTRIES * ENTRY], rx[1 + MAX_ENTRIES * ENTRY];
    uint8_t state[2];
    size_t entries, i, axis = 0;

    batch->n = 0;
    batch->overrun = false;
    batch->misaligned = 0;
    if (read_registers(STATUS, state, 2) != RD_OK) return RD_BUS_ERROR;
    batch->overrun = (state[0] & FIFO_OVR) != 0;
    entries = (state[1] & 0x7fu) / 3u * 3u;
    if (entries < WATERMARK * 3u) return RD_OK;
    if (entries > MAX_ENTRIES) entries = MAX_ENTRIES;
    tx[0] = FIFO_DATA << 1 | 1;
    if (spi_transfer(tx, rx, 1 + entries * ENTRY) != 0) return RD_BUS_ERROR;
    for (i = 0; i < entries; i++) {
        const uint8_t *e = rx + 1 + i * ENTRY;
        const uint32_t raw = (uint32_t)e[0] << 12 | (uint32_t)e[1] << 4 | e[2] >> 4;
        if (e[2] & 2u) break;                 /* the FIFO was empty */
        if ((e[2] & 1u) != (axis == 0)) {     /* not the axis that is due: start again at the next x */
            batch->misaligned++;
            axis = 0;
            if (!(e[2] & 1u)) continue;
        }
        batch->xyz[batch->n * 3u + axis] = (int32_t)(raw ^ 0x80000u) - 0x80000; /* sign of 20 bits */
        if (++axis == 3) {
            axis = 0;
            batch->n++;
        }
    }
    return RD_OK;
}

rd_status rd_sensor_temperature(int16_t *cdeg)
{
    uint8_t t[2];
    if (read_registers(TEMP2, t, 2) != RD_OK) return RD_BUS_ERROR;
    /* 1885 counts at 25 degC, -9.05 counts per K */
    *cdeg = (int16_t)(2500 - ((int32_t)((t[0] & 0x0fu) << 8 | t[1]) - 1885) * 10000 / 905);
    return RD_OK;
}
