#include "model/files.hpp"

#include "model/fields.hpp"

namespace daytona::model {
namespace {

constexpr field_table file_fields({
    required<&file_info::name>("name"),
    required<&file_info::is_dir>("isDir"),
    required<&file_info::size>("size"),
    member<&file_info::mode>("mode"),
    member<&file_info::mod_time>("modTime"),
    member<&file_info::permissions>("permissions"),
    member<&file_info::owner>("owner"),
    member<&file_info::group>("group"),
    member<&file_info::modified_at>("modifiedAt"),
    member<&file_info::path>("path"),
});
constexpr field_table match_fields({
    required<&match::file>("file"),
    required<&match::line>("line"),
    required<&match::content>("content"),
});
constexpr field_table found_fields({required_or_null<&search_files_response::files>("files")});
constexpr field_table replaced_fields({
    required<&replace_result::file>("file"),
    required<&replace_result::success>("success"),
    member<&replace_result::error>("error"),
});
constexpr field_table replace_fields({
    required<&replace_request::files>("files"),
    required<&replace_request::pattern>("pattern"),
    required<&replace_request::new_value>("newValue"),
});
constexpr field_table moved_fields({member<&move_answer::error>("error")});

}  // namespace

void read(const json_node& node, file_info& out) { read_fields(node, out, file_fields); }
void read(const json_node& node, match& out) { read_fields(node, out, match_fields); }
void read(const json_node& node, search_files_response& out) { read_fields(node, out, found_fields); }
void read(const json_node& node, replace_result& out) { read_fields(node, out, replaced_fields); }

void write(json_writer& out, const replace_request& request) {
  write_fields<replace_request>(out, request, replace_fields);
}

void read(const json_node& node, move_answer& out) { read_fields(node, out, moved_fields); }

}  // namespace daytona::model
