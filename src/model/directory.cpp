#include "model/directory.hpp"

#include "model/fields.hpp"

namespace daytona::model {

namespace {

constexpr field_table fields({required<&directory_answer::dir>("dir")});

}  // namespace

void read(const json_node& node, directory_answer& out) { read_fields(node, out, fields); }
void write(json_writer& out, const directory_answer& answer) { write_fields<directory_answer>(out, answer, fields); }

}  // namespace daytona::model
