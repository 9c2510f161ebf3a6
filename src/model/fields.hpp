#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

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

/// Whether both begin and end with the same bytes, as many as a `Word` has.
template <class Word>
bool share_both_ends(std::string_view a, std::string_view b) noexcept {
  const auto word_at = [](const char* place) {
    Word word;
    std::memcpy(&word, place, sizeof word);
    return word;
  };
  return word_at(a.data()) == word_at(b.data()) &&
         word_at(a.data() + a.size() - sizeof(Word)) == word_at(b.data() + b.size() - sizeof(Word));
}
/// `a == b`, without a call for the lengths that names have.
inline bool is_same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a.size() > 16 || a.size() < 4) return a == b;
  return a.size() < 8 ? share_both_ends<std::uint32_t>(a, b) : share_both_ends<std::uint64_t>(a, b);
}

/// The members of T. They are found by name through a hash table that is made at compile time.
template <class T, std::size_t Count>
class field_table {
 public:
  constexpr explicit field_table(const field<T> (&fields)[Count]) : fields_(std::to_array(fields)) {
    slots_.fill(none);
    for (std::size_t i = 0; i < Count; ++i) {
      std::size_t slot = slot_of(fields_[i].name);
      while (slots_[slot] != none) slot = after(slot);
      slots_[slot] = static_cast<std::uint8_t>(i);
      if (fields_[i].required) required_ |= std::uint64_t{1} << i;
    }
  }

  // NOLINTNEXTLINE(google-explicit-constructor): for what walks over all of them
  constexpr operator std::span<const field<T>>() const noexcept { return fields_; }
  constexpr const field<T>& operator[](std::size_t index) const noexcept { return fields_[index]; }
  /// A bit for each member that has to be there.
  constexpr std::uint64_t required() const noexcept { return required_; }

  /// The index of the member `name`; absent if T has none.
  std::optional<std::size_t> find(std::string_view name) const noexcept {
    for (std::size_t slot = slot_of(name); slots_[slot] != none; slot = after(slot))
      if (is_same_name(fields_[slots_[slot]].name, name)) return slots_[slot];
    return std::nullopt;
  }

 private:
  static_assert(Count <= 64, "a mask has a bit for each");
  static constexpr std::uint8_t none = 0xFF;
  static constexpr std::size_t slot_count = std::bit_ceil(2 * Count);  // at least half are empty: a search ends soon

  static constexpr std::size_t after(std::size_t slot) noexcept { return (slot + 1) % slot_count; }
  static constexpr std::size_t slot_of(std::string_view name) noexcept {
    if (name.empty()) return 0;
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    return (11 * name.size() + 13 * first + last) % slot_count;  // tells the names of a sandbox apart
  }

  std::array<field<T>, Count> fields_;
  std::array<std::uint8_t, slot_count> slots_{};
  std::uint64_t required_ = 0;
};

template <class T, std::size_t Count>
void read_fields(const json_node& node, std::type_identity_t<T>& out, const field_table<T, Count>& fields) {
  const auto members = node.value().members();
  if (!members) return node.expect_failed("an object");

  std::uint64_t seen = 0;
  for (const json_value& each : members) {
    const auto found = fields.find(each.name());
    if (!found) continue;
    const field<T>& known = fields[*found];
    if (!each.is_null() || !known.may_be_null) known.read(node.member(known.name, each), out);
    seen |= std::uint64_t{1} << *found;
  }
  const std::uint64_t missing = fields.required() & ~seen;
  if (missing != 0) node.member_missing(fields[static_cast<std::size_t>(std::countr_zero(missing))].name);
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
