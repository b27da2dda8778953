// SPDX-License-Identifier: Apache-2.0
//
// A shared library like any other: it exports something, but no vendor entry.
extern "C" __attribute__((visibility("default"))) int SomethingElse() { return 42; }
