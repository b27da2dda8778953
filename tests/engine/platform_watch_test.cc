// SPDX-License-Identifier: Apache-2.0
//
// The specification of FileWatch of engine/platform: whatever way a file changes, also behind
// links.
#include <gtest/gtest.h>

#include <optional>

#include "platform.h"
#include "support/gate.h"
#include "support/test_folder.h"

namespace vsapi::engine::platform {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public ::testing::Test {
 protected:
  std::string At(const std::string& name) const { return folder_.path() + "/" + name; }
  void Watch(const std::string& path) {
    watch_.emplace(path, [this] { changes_.Add(); });
  }
  // Something has been told since the last call.
  void AwaitChange() {
    changes_.Await(seen_ + 1);
    seen_ = changes_.made();
  }
  void Link(const std::string& target, const std::string& name) {
    fs::create_symlink(target, At(name + ".new"));
    fs::rename(At(name + ".new"), At(name));
  }

  const test::TestFolder folder_;
  test::Steps changes_;
  size_t seen_ = 0;
  std::optional<FileWatch> watch_;
};

TEST_F(FileWatchTest, TellsThatTheFileIsWrittenReplacedAndDeleted) {
  Watch(folder_.Write("v.reg", "1"));
  folder_.Write("v.reg", "2");
  AwaitChange();
  fs::rename(folder_.Write("other", "3"), At("v.reg"));
  AwaitChange();
  fs::remove(At("v.reg"));
  AwaitChange();
}

TEST_F(FileWatchTest, TellsThatAFileBehindLinksIsWrittenAndReplaced) {
  fs::create_directories(At("real/deep"));
  folder_.Write("real/deep/target", "1");
  Link("deep/target", "real/second");
  Link(At("real/second"), "v.reg");
  Watch(At("v.reg"));
  folder_.Write("real/deep/target", "2");
  AwaitChange();
  fs::rename(folder_.Write("real/deep/other", "3"), At("real/deep/target"));
  AwaitChange();
}

TEST_F(FileWatchTest, FollowsALinkThatIsLaidElsewhere) {
  fs::create_directories(At("one"));
  fs::create_directories(At("two"));
  folder_.Write("one/target", "1");
  folder_.Write("two/target", "2");
  Link("one/target", "v.reg");
  Watch(At("v.reg"));
  Link("two/target", "v.reg");
  AwaitChange();
  folder_.Write("two/target", "3");
  AwaitChange();
}

// As Kubernetes mounts its configuration.
TEST_F(FileWatchTest, FollowsAFolderThatIsALinkLaidElsewhere) {
  fs::create_directories(At("..1"));
  fs::create_directories(At("..2"));
  folder_.Write("..1/v.reg", "1");
  folder_.Write("..2/v.reg", "2");
  Link("..1", "..data");
  Link("..data/v.reg", "v.reg");
  Watch(At("v.reg"));
  Link("..2", "..data");
  AwaitChange();
  folder_.Write("..2/v.reg", "3");
  AwaitChange();
}

TEST_F(FileWatchTest, LeavesOtherFilesAlone) {
  Watch(folder_.Write("v.reg", "1"));
  folder_.Write("other", "1");
  fs::rename(At("other"), At("another"));
  folder_.Write("v.reg", "2");  // and behind those in the order of the system
  changes_.Await();
  watch_.reset();
  EXPECT_EQ(changes_.made(), 1u);
}

TEST_F(FileWatchTest, EndsForARingOfLinksAndForNoFolder) {
  Link("b", "a");
  Link("a", "b");
  Watch(At("a"));
  Watch(At("none/v.reg"));
}

}  // namespace
}  // namespace vsapi::engine::platform
