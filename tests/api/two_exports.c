/* SPDX-License-Identifier: Apache-2.0
 *
 * A library with two exported symbols, for exported_symbols_test to count. */
const int vsapi_one = 1;
const int vsapi_two = 2;
