# SPDX-License-Identifier: Apache-2.0
# The engine's machine, words and mechanisms: levels 0 to 2 of its ladder.
vsapi_add_test(engine_low_test
  counters_test.cc deadlines_test.cc event_log_test.cc in_flight_test.cc mdb_test.cc policy_test.cc
  registry_test.cc scan_queue_test.cc settings_test.cc stamp_test.cc text_test.cc ticket_test.cc
  vendor_library_test.cc vendor_proxy_test.cc worker_pool_test.cc
  LINK vsapi_engine_inside)
vsapi_use_test_vendors(engine_low_test)
