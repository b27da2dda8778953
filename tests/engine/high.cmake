# SPDX-License-Identifier: Apache-2.0
# The engine's upper levels, through the public C++ face and with real vendor DLLs.
foreach(test on_demand async proactive background joining scanner generations shutdown stress
    one_mdb pool_size no_memory timing trace message_counters)
  vsapi_add_test(${test}_test ${test}_test.cc LINK vsapi::engine OpenSSL::Crypto Boost::headers)
  vsapi_use_test_vendors(${test}_test)
endforeach()
