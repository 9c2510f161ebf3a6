#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/sandbox.hpp"

namespace daytona::local {

/// What must outlive the process: one SQLite file in the data directory. A change is there for the next process once
/// the call has returned, also if this one is killed right after; a power failure may lose the last changes, but never
/// leaves half of one.
///
/// Throws `daytona::error` naming the file, what SQLite said, and what to do: a change that throws has not happened.
class store {
 public:
  explicit store(std::filesystem::path file);
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  std::vector<model::sandbox_data> sandboxes();
  void put(const model::sandbox_data& sandbox);
  void erase(std::string_view sandbox_id);

  /// A value that is made once per data directory; `fresh` is kept if there is none yet.
  std::string setting(std::string_view name, std::string_view fresh);

 private:
  class database;
  std::unique_ptr<database> database_;
};

}  // namespace daytona::local
