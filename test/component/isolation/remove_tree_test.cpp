#include "local/isolation/remove_tree.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "isolation_fixture.hpp"
#include "local/isolation/unique_fd.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

namespace {

/// Allows this process `most` open files for as long as it lives.
class few_descriptors {
 public:
  explicit few_descriptors(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

 private:
  rlimit before_{};
};

/// Nested folders, with files and closed folders on the way.
void make_deep(const fs::path& top, int depth) {
  unique_fd folder{::open(top.c_str(), O_RDONLY | O_DIRECTORY)};
  for (int n = 0; n < depth; ++n) {
    if (n % 50 == 0) {
      unique_fd{::openat(folder.get(), "file", O_CREAT | O_WRONLY, 0600)};
      ::mkdirat(folder.get(), ".deep-1", 0);
      ::symlinkat("/etc", folder.get(), "link");
    }
    REQUIRE(::mkdirat(folder.get(), "d", 0700) == 0);
    folder.reset(::openat(folder.get(), "d", O_RDONLY | O_DIRECTORY));
  }
}

}  // namespace

TEST_CASE("escape: a tree deeper than folders can be opened is removed nevertheless") {
  const data_folder data;
  make_deep(data.path, 2000);
  {
    const few_descriptors limit{200};
    CHECK_NOTHROW(remove_tree(data.path));
  }

  CHECK_FALSE(fs::exists(data.path));
  CHECK(fs::exists("/etc/passwd"));
}

}  // namespace daytona::local::test
