# SPDX-License-Identifier: Apache-2.0
# The engine's upper levels, through the public C++ face and with real vendor DLLs.
vsapi_add_test(engine_high_test
  async_test.cc background_again_test.cc background_test.cc generations_test.cc joining_test.cc message_counters_test.cc
  on_access_test.cc on_demand_test.cc one_mdb_test.cc pool_size_test.cc proactive_test.cc scanner_test.cc
  shutdown_test.cc timing_test.cc trace_test.cc
  LINK vsapi::engine OpenSSL::Crypto Boost::headers)
vsapi_use_test_vendors(engine_high_test)

vsapi_add_test(isolation_test isolation_test.cc poison_in_process_test.cc
  LINK vsapi::engine OpenSSL::Crypto Boost::headers)
vsapi_use_test_vendors(isolation_test)

# The whole engine on a clock that the test moves.
vsapi_add_test(engine_clock_test background_follow_up_test.cc host_death_test.cc scanner_time_test.cc watchdog_test.cc
  LINK vsapi_engine_inside vsapi::engine OpenSSL::Crypto Boost::headers)
vsapi_use_test_vendors(engine_clock_test)

foreach(test isolation_test engine_clock_test)
  add_dependencies(${test} vsapi_worker)
  target_compile_definitions(${test} PRIVATE
    VSAPI_WORKER_PROGRAM="$<TARGET_FILE:vsapi_worker>")
endforeach()

# One is run for long by hand; one has an `operator new` of its own, which takes the memory away.
foreach(test stress no_memory)
  vsapi_add_test(${test}_test ${test}_test.cc LINK vsapi::engine OpenSSL::Crypto Boost::headers)
  vsapi_use_test_vendors(${test}_test)
endforeach()

# `ctest -R transport` has these and the store's.
vsapi_add_test(engine_transport_test profile_test.cc transport_test.cc
  LINK vsapi::engine OpenSSL::Crypto Boost::headers PREFIX transport.)
vsapi_use_test_vendors(engine_transport_test)
