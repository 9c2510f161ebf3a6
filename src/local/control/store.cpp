#include "local/control/store.hpp"

#include <daytona/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

namespace daytona::local {
namespace {

constexpr int schema_version = 1;
constexpr const char* schema =
    "BEGIN;"
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE sandbox (id TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

constexpr int patience_ms = 1000;  // with another program that looks into the file

/// What SQLite's result asks of whoever runs the backend.
std::string remedy(int result, const std::filesystem::path& file) {
  switch (result & 0xFF) {
    case SQLITE_FULL:
      return "the disk is full: free some space (removing sandboxes does), or name another data directory";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fmt::format(
          "it is damaged: put a copy of it back, or move it away to begin anew, without the sandboxes that it knew "
          "(their "
          "files stay in {})",
          (file.parent_path() / "sandboxes").string());
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has locked it: end that one";
    default:
      return "check that it can be written and that its disk is sound and has space, or name another data directory";
  }
}

struct close_statement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct close_database {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};

}  // namespace

class store::database {
 public:
  explicit database(std::filesystem::path file) : file_{std::move(file)} {
    ::close(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC,
                   0600));  // it holds the key; SQLite's other files follow its mode
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open_v2(file_.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    handle_.reset(handle);
    if (opened != SQLITE_OK) fail("open");
    sqlite3_busy_timeout(handle_.get(), patience_ms);
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
    check_sound();
    migrate();
  }

  void execute(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
  }

  /// One run of a statement; it is compiled anew each time, which costs microseconds.
  class query {
   public:
    query(database& owner, const char* sql) : owner_{owner} {
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v2(owner.handle_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) owner.fail(sql);
      statement_.reset(statement);
    }
    query& bind(std::string_view value) {
      sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
      return *this;
    }
    bool step() {
      const int result = sqlite3_step(statement_.get());
      if (result != SQLITE_ROW && result != SQLITE_DONE) owner_.fail("read or write");
      return result == SQLITE_ROW;
    }
    int number() const { return sqlite3_column_int(statement_.get(), 0); }
    std::string text() const {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), 0));
      return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), 0))};
    }

   private:
    database& owner_;
    std::unique_ptr<sqlite3_stmt, close_statement> statement_;
    int bound_ = 0;
  };

  [[noreturn]] void fail(std::string_view what) const {
    const int result = handle_ ? sqlite3_errcode(handle_.get()) : SQLITE_NOMEM;
    fail(what, result, handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory");
  }
  [[noreturn]] void fail(std::string_view what, int result, std::string_view reason) const {
    error_details details;
    if ((result & 0xFF) == SQLITE_FULL) details.cause = make_error_code(boost::system::errc::no_space_on_device);
    throw bad_request_error{
        make_error_code(errc::invalid_argument),
        fmt::format("local backend: state file {}: {}: {}; {}", file_.string(), what, reason, remedy(result, file_)),
        std::move(details)};
  }

 private:
  void check_sound() {
    query verdict{*this, "PRAGMA quick_check(1)"};
    if (!verdict.step() || verdict.text() != "ok") fail("check", SQLITE_CORRUPT, verdict.text());
  }

  void migrate() {
    query version{*this, "PRAGMA user_version"};
    version.step();
    const int found = version.number();
    if (found == 0) return execute(schema);
    if (found > schema_version)
      throw daytona::error{
          make_error_code(errc::invalid_argument),
          fmt::format(
              "local backend: state file {} is of a newer version ({}, known is {}): run that version, or name another "
              "data directory",
              file_.string(), found, schema_version)};
  }

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, close_database> handle_;
};

store::store(std::filesystem::path file) : database_{std::make_unique<database>(std::move(file))} {}
store::~store() = default;

std::vector<model::sandbox_data> store::sandboxes() {
  std::vector<model::sandbox_data> all;
  database::query rows{*database_, "SELECT document FROM sandbox"};
  while (rows.step()) {
    auto decoded = model::from_json<model::sandbox_data>(rows.text());
    if (!decoded) database_->fail("read a sandbox", SQLITE_CORRUPT, decoded.error().what);
    all.push_back(std::move(*decoded));
  }
  return all;
}

void store::put(const model::sandbox_data& sandbox) {
  database::query{*database_, "INSERT OR REPLACE INTO sandbox (id, document) VALUES (?, ?)"}
      .bind(sandbox.id)
      .bind(model::to_json(sandbox))
      .step();
}

void store::erase(std::string_view sandbox_id) {
  database::query{*database_, "DELETE FROM sandbox WHERE id = ?"}.bind(sandbox_id).step();
}

std::string store::setting(std::string_view name, std::string_view fresh) {
  database::query{*database_, "INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)"}
      .bind(name)
      .bind(fresh)
      .step();
  database::query row{*database_, "SELECT value FROM setting WHERE name = ?"};
  row.bind(name).step();
  return row.text();
}

}  // namespace daytona::local
