// SPDX-License-Identifier: Apache-2.0
//
// The program store_sim as a user runs it, in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "temp_folder.h"

namespace store_sim {

class ProgramTest : public ::testing::Test {
 protected:
  // Runs `store_sim ARGUMENTS`; keeps what it wrote. `before` is shell text that comes first.
  int Run(const std::string& arguments, const std::string& before = "") {
    const std::string command = "cd '" + folder_.path().string() + "' && " + before +
                                " '" STORE_SIM_PROGRAM "' " + arguments + " >out 2>err";
    const int status = std::system(command.c_str());
    out_ = ReadAll(folder_ / "out");
    err_ = ReadAll(folder_ / "err");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TempFolder folder_;
  std::string out_;
  std::string err_;
};

}  // namespace store_sim
