#pragma once

#include <type_traits>

namespace daytona::inline v0::detail {

/// GCC before 14 destroys a temporary closure in a `co_await` expression twice. One that needs no destruction is safe, and so is one with a name.
template <class Closure>
inline constexpr bool safe_closure =
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 14
    std::is_lvalue_reference_v<Closure> || std::is_trivially_destructible_v<std::remove_cvref_t<Closure>>;
#else
    true;
#endif

}  // namespace daytona::inline v0::detail
