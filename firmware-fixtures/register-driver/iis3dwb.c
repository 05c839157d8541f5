/* IIS3DWB driver. SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rd_board.h"
#include "rd_sensor.h"

enum { FIFO_CTRL1 = 0x07, FIFO_CTRL2, FIFO_CTRL3, FIFO_CTRL4, INT1_CTRL = 0x0d, WHO_AM_I = 0x0f, CTRL1_XL = 0x10,
       CTRL3_C = 0x12, OUT_TEMP_L = 0x20, FIFO_STATUS1 = 0x3a, FIFO_DATA_OUT_TAG = 0x78 };
enum { READ = 0x80, OVR_LATCHED = 0x08, TAG_ACCELEROMETER = 2, WATERMARK = 192, WORD = 7 };

static rd_status read_registers(uint8_t first, uint8_t *into, size_t n)
{
    uint8_t tx[8] = {0}, rx[8];
    tx[0] = (uint8_t)(first | READ);
    if (n + 1 > sizeof tx || spi_transfer(tx, rx, n + 1) != 0) return RD_BUS_ERROR;
    for (size_t i = 0; i < n; i++) into[i] = rx[i + 1];
    return RD_OK;
}

static rd_status set(uint8_t reg, uint8_t value)
{
    const uint8_t tx[2] = {reg, value};
    uint8_t rx[2], back;
    if (spi_transfer(tx, rx, 2) != 0 || read_registers(reg, &back, 1) != RD_OK) return RD_BUS_ERROR;
    return back == value ? RD_OK : RD_NOT_ACCEPTED;
}

rd_status rd_sensor_start(unsigned range_g, rd_sensor_info *info)
{
    /* FS_XL is not in order: 00 2 g, 01 16 g, 10 4 g, 11 8 g. */
    const uint8_t fs = range_g == 16 ? 1 : range_g == 8 ? 3 : range_g == 4 ? 2 : 0;
    const unsigned times = fs == 1 ? 3 : fs == 3 ? 2 : fs == 2 ? 1 : 0;
    const uint8_t settings[][2] = {
        {CTRL3_C, 0x44}, /* block data update, address counts up */
        {FIFO_CTRL1, WATERMARK & 0xff}, {FIFO_CTRL2, WATERMARK >> 8}, {FIFO_CTRL3, 0x0a}, /* batch at the data rate */
        {FIFO_CTRL4, 0x06}, /* continuous */ {INT1_CTRL, 0x08}, /* watermark */
        {CTRL1_XL, (uint8_t)(0xa0u | fs << 2)},
    };
    const uint8_t reset[2] = {CTRL3_C, 0x01};
    uint8_t rx[2], state = 1;
    rd_status status;

    info->name = "iis3dwb";
    if ((status = read_registers(WHO_AM_I, &info->identity, 1)) != RD_OK) return status;
    if (info->identity != 0x7b) return RD_WRONG_IDENTITY;
    if (spi_transfer(reset, rx, 2) != 0) return RD_BUS_ERROR;
    for (int tries = 0; state & 1u; tries++) {
        if (tries == 100) return RD_NOT_ACCEPTED;
        delay_us(50);
        if ((status = read_registers(CTRL3_C, &state, 1)) != RD_OK) return status;
    }
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if ((status = set(settings[i][0], settings[i][1])) != RD_OK) return status;
    info->rate_mhz = 26666667;
    info->scale_nm_s2_per_lsb = 598206u << times; /* 0.061 mg at 2 g */
    info->range_mm_s2 = 19613u << times;
    info->bits = 16;
    return RD_OK;
}

rd_status rd_sensor_read(rd_batch *batch)
{
    static uint8_t tx[1 + RD_BATCH_MAX * WORD], rx[1 + RD_BATCH_MAX * WORD];
    uint8_t state[2];
    size_t words, i;

    batch->n = 0;
    batch->overrun = false;
    batch->misaligned = 0;
    if (read_registers(FIFO_STATUS1, state, 2) != RD_OK) return RD_BUS_ERROR;
    batch->overrun = (state[1] & OVR_LATCHED) != 0;
    words = state[0] | (size_t)(state[1] & 3u) << 8;
    if (words < WATERMARK) return RD_OK;
    if (words > RD_BATCH_MAX) words = RD_BATCH_MAX;
    tx[0] = FIFO_DATA_OUT_TAG | READ;
    if (spi_transfer(tx, rx, 1 + words * WORD) != 0) return RD_BUS_ERROR;
    for (i = 0; i < words; i++) {
        const uint8_t *w = rx + 1 + i * WORD;
        uint8_t parity = w[0];
        parity ^= (uint8_t)(parity >> 4);
        parity ^= (uint8_t)(parity >> 2);
        parity ^= (uint8_t)(parity >> 1);
        if (w[0] >> 3 != TAG_ACCELEROMETER || parity & 1u) {
            batch->misaligned++;
            continue;
        }
        for (size_t axis = 0; axis < 3; axis++)
            batch->xyz[batch->n * 3u + axis] = (int16_t)(w[1 + 2 * axis] | (uint16_t)w[2 + 2 * axis] << 8);
        batch->n++;
    }
    return RD_OK;
}

rd_status rd_sensor_temperature(int16_t *cdeg)
{
    uint8_t t[2];
    if (read_registers(OUT_TEMP_L, t, 2) != RD_OK) return RD_BUS_ERROR;
    *cdeg = (int16_t)(2500 + (int32_t)(int16_t)(t[0] | (uint16_t)t[1] << 8) * 100 / 256);
    return RD_OK;
}
