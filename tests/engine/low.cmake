# SPDX-License-Identifier: Apache-2.0
# What is tested from inside: the engine's levels 0 to 2, and what no host can bring about.
find_package(nlohmann_json REQUIRED)
vsapi_add_test(engine_low_test
  background_pace_test.cc background_replace_test.cc background_retry_test.cc counters_test.cc daily_hours_test.cc deadlines_test.cc event_journal_test.cc event_log_test.cc event_table_test.cc
  generation_record_test.cc generations_load_test.cc generations_memory_test.cc generations_settings_test.cc
  histograms_test.cc in_flight_end_test.cc in_flight_offer_test.cc in_flight_test.cc
  mdb_store_test.cc mdb_test.cc message_policy_test.cc message_tally_test.cc platform_limits_test.cc platform_process_test.cc
  platform_watch_test.cc poison_test.cc policy_test.cc
  registry_edit_test.cc registry_test.cc
  scan_queue_test.cc scan_slots_test.cc scan_tale_test.cc serial_gate_test.cc settings_test.cc settings_text_test.cc stamp_test.cc
  talked_content_test.cc text_test.cc ticket_test.cc timed_content_test.cc
  vendor_library_test.cc vendor_proxy_test.cc vendor_times_test.cc
  worker_pool_test.cc worker_talk_test.cc
  LINK vsapi_engine_inside nlohmann_json::nlohmann_json)
vsapi_use_test_vendors(engine_low_test)
target_compile_definitions(engine_low_test PRIVATE VSAPI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

# With a `main` of its own, which takes a seed.
vsapi_add_test(engine_interleaving_test interleaving_test.cc LINK vsapi_engine_inside)
vsapi_use_test_vendors(engine_interleaving_test)
