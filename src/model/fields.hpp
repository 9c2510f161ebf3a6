#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/json.hpp"

/// How a struct is told member by member, for reading and writing alike.
namespace daytona::model {

/// A member of T: its name on the wire and how it is read and written.
template <class T>
struct field {
  std::string_view name;
  void (*read)(const json_node& node, T& object);
  void (*write)(json_writer& out, std::string_view name, const T& object);
  bool required = false;
  bool may_be_null = true;  ///< Whether null stands for "not given" or, in a required member, for "empty".
  bool in_lists = true;     ///< Whether the items of a list have it too; else single objects alone.
};

template <class T, std::size_t Count>
void read_fields(const json_node& node, T& out, const field<T> (&fields)[Count]) {
  static_assert(Count <= 64, "seen has a bit for each");
  const auto members = node.value().members();
  if (!members) return node.expect_failed("an object");

  std::uint64_t seen = 0;
  std::size_t at = 0;  // servers write members in one order: the search goes on behind the last one found
  for (const json_value& each : members) {
    const std::string_view name = each.name();
    for (std::size_t tried = 0; tried < Count; ++tried, at = at + 1 == Count ? 0 : at + 1) {
      if (fields[at].name != name) continue;
      if (!each.is_null() || !fields[at].may_be_null) fields[at].read(node.member(fields[at].name, each), out);
      seen |= std::uint64_t{1} << at;
      break;
    }
  }
  for (std::size_t i = 0; i < Count; ++i)
    if (fields[i].required && (seen >> i & 1) == 0) return node.member_missing(fields[i].name);
}

template <class T>
void write_fields(json_writer& out, const T& object, std::span<const field<T>> fields, bool in_list = false) {
  out.begin_object();
  for (const field<T>& member : fields)
    if (member.in_lists || !in_list) member.write(out, member.name, object);
  out.end_object();
}

template <class T>
void write_member(json_writer& out, std::string_view name, const T& value) {
  out.key(name);
  write(out, value);
}
/// Absent members are left out.
template <class T>
void write_member(json_writer& out, std::string_view name, const std::optional<T>& value) {
  if (value) write_member(out, name, *value);
}

// T is `Base` or derived from it.
template <class Base, class Value, Value Base::* Member, class T>
struct member_access {
  static void read_it(const json_node& node, T& object) { read(node, object.*Member); }
  static void write_it(json_writer& out, std::string_view name, const T& object) {
    write_member(out, name, object.*Member);
  }
};

template <class>
struct member_parts;
template <class Class, class Member>
struct member_parts<Member Class::*> {
  using owner = Class;
  using type = Member;
};

/// Describes the member that `Member` points to: read and written as its type says.
template <auto Member, class T = typename member_parts<decltype(Member)>::owner>
constexpr field<T> member(std::string_view name) {
  using parts = member_parts<decltype(Member)>;
  using access = member_access<typename parts::owner, typename parts::type, Member, T>;
  return {name, &access::read_it, &access::write_it};
}
template <auto Member, class T = typename member_parts<decltype(Member)>::owner>
constexpr field<T> required(std::string_view name) {
  field<T> description = member<Member, T>(name);
  description.required = true;
  description.may_be_null = false;
  return description;
}
/// A member that has to be there, where null means empty.
template <auto Member, class T = typename member_parts<decltype(Member)>::owner>
constexpr field<T> required_or_null(std::string_view name) {
  field<T> description = member<Member, T>(name);
  description.required = true;
  return description;
}
/// A member that is left out when it is empty.
template <auto Member, class T = typename member_parts<decltype(Member)>::owner>
constexpr field<T> unless_empty(std::string_view name) {
  field<T> description = member<Member, T>(name);
  description.write = [](json_writer& out, std::string_view key, const T& object) {
    if (!(object.*Member).empty()) write_member(out, key, object.*Member);
  };
  return description;
}
/// A member that single objects have and the items of a list don't.
template <auto Member, class T = typename member_parts<decltype(Member)>::owner>
constexpr field<T> single_only(std::string_view name) {
  field<T> description = member<Member, T>(name);
  description.in_lists = false;
  return description;
}

}  // namespace daytona::model
