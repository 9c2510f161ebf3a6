#include "local/isolation/remove_tree.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolation_fixture.hpp"
#include "local/isolation/children.hpp"
#include "local/isolation/folder_removal.hpp"
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

/// More files than can be deleted before somebody looks.
void make_many(const fs::path& folder) {
  for (int n = 0; n < 30'000; ++n)
    unique_fd{::open((folder / std::to_string(n)).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)};
}

/// The process that deletes `folder` for one that ends before it, as the helper does when it is killed.
unique_fd left_behind(const fs::path& folder) {
  int report[2] = {-1, -1};
  REQUIRE(::pipe(report) == 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    folder_removal removal{folder};
    removal.start();
    const auto children = children_of_this_process();
    [[maybe_unused]] const auto told = ::write(report[1], children.data(), sizeof(pid_t));
    ::_exit(0);
  }
  ::close(report[1]);
  pid_t child = -1;
  CHECK(::read(report[0], &child, sizeof child) == sizeof child);
  ::close(report[0]);
  unique_fd watched = watch(child);
  ::waitpid(parent, nullptr, 0);
  return watched;
}

/// Whether whoever deletes in the background had still to delete when nothing was open any more that it had inherited.
bool lets_go_before_it_is_done() {
  const data_folder data;
  make_many(data.path);
  int lifeline[2] = {-1, -1};
  REQUIRE(::pipe2(lifeline, O_CLOEXEC) == 0);
  const unique_fd reader{lifeline[0]};
  unique_fd writer{lifeline[1]};

  folder_removal removal{data.path};
  removal.start();
  writer.reset();
  char byte = 0;
  CHECK(::read(reader.get(), &byte, 1) == 0);
  int status = 0;
  const bool is_under_way = ::waitpid(-1, &status, WNOHANG) == 0;
  if (is_under_way) CHECK(::waitpid(-1, &status, 0) > 0);

  CHECK(removal.failure(status) == "");
  CHECK_FALSE(fs::exists(data.path));
  return is_under_way;
}

}  // namespace

TEST_CASE("who deletes in the background holds nothing open of what tells that the helper has ended") {
  bool has_let_go = false;
  for (int n = 0; n < 5 && !has_let_go; ++n)
    has_let_go = lets_go_before_it_is_done();  // this process may be the slower one
  CHECK(has_let_go);
}

TEST_CASE("who deletes in the background ends with the helper, and leaves the rest to the next one") {
  const data_folder data;
  make_many(data.path);

  CHECK(ends(left_behind(data.path)));

  CHECK(fs::exists(data.path));
}

TEST_CASE("a folder on its way out, whose new name can be guessed, is closed to everyone else") {
  const data_folder data;
  fs::create_directory(data.path / "one");
  fs::permissions(data.path / "one", fs::perms{0711});
  folder_removal removal{data.path / "one"};

  CHECK(removal.move_to(data.path / "removed-1"));

  CHECK(fs::status(data.path / "removed-1").permissions() == fs::perms{0700});
}

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
