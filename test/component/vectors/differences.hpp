#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace daytona::test {

struct difference {
  std::string_view row, reason;
};

/// Rows that ask for what this library leaves out or does otherwise.
inline constexpr difference left_out[] = {
    {"create.snapshot, language=\"ruby\"", "a language that does not exist can't be written here"},
    {"create.snapshot, everything", "names of environment variables are ASCII here"},
    {"create.image, everything", "names of environment variables are ASCII here"},
    {"create.snapshot, name=\"\"", "an empty text is unset here"},
    {"create.snapshot, network_allow_list=\"\"", "an empty text is unset here"},
    {"create.snapshot, domain_allow_list=\"\"", "an empty text is unset here"},
    {"create.snapshot, volumes=[VolumeMount(volume_id=\"v\", mount_path=\"/d\", subpath=\"\")]",
     "an empty text is unset here"},
    {"create.image, image=\"\"", "an image is required here"},
    {"create.image, image=\"alpine:3.20\", resources=Resources(cpu=0)", "refused here, as by the server"},
    {"errors.200 octet-stream, get", "the type of a body is not looked at"},
    {"create.snapshot, queue_timeout=True", "a boolean is no duration here"},
    {"create.image, image=Image.", "declarative images come with a later part"},
    {"create.build logs", "build logs come with declarative images"},
    {"create.answer error at once, then started", "a sandbox in error is told at once, not polled for another second"},
    {"create.answer 201", "any 2xx answer with a sandbox is one"},
    {"create.destroyed while waiting, no reason", "told at once as destroyed, instead of polled until the timeout"},
    {"create.404 while waiting", "told at once"},
    {"create.empty toolboxProxyUrl", "the address is asked for when it is needed first"},
    {"lifecycle.get, empty toolboxProxyUrl", "the address is asked for when it is needed first"},
    {"list.empty toolboxProxyUrl in items", "the address is asked for when it is needed first"},
    {"lifecycle.get, unknown language label",
     "an unknown language is read as python, so that old sandboxes stay usable"},
    {"list.unknown language label", "an unknown language is read as python"},
    {"list.not iterated", "shows a Python type"},
    {"list.created_at_before=datetime(2026, 1, 2, 3, 4, 5, 678901)", "times here have milliseconds"},
    {"lifecycle.delete again 404", "a sandbox that is gone counts as removed (L2)"},
    {"errors.404, delete", "a sandbox that is gone counts as removed (L2)"},
    {"lifecycle.start, 409 once", "another change under way is waited for"},
    {"errors.503 once, then fine, get", "503 is repeated for a question"},
    {"errors.307 to itself, get", "redirects come with a later part"},
    {"errors.connection closed once, then fine, process.exec", "a command that may have run is not repeated (R1)"},
    {"errors.connection closed without answer, create", "the sandbox is looked for and adopted (L3)"},
    {"errors.no answer, timeout 1, create", "the sandbox is looked for, so that the error names it (L3)"},
    {"errors.500, create", "what the server may have made before it failed is looked for (L3)"},
    {"errors.connection refused", "no request: tested over real sockets"},
    {"errors.host unknown", "no request: tested with the resolver"},
    {"errors.404 FILE_NOT_FOUND of the daemon, get", "the daemon's codes are read from the daemon"},
    {"errors.429 Retry-After soon, get", "a Retry-After that is no time is passed over"},
    {"errors.503 Retry-After soon, get", "a Retry-After that is no time is passed over"},
};

/// Messages whose wording is our own: what the row says is told, and more.
inline constexpr std::string_view own_words[] = {
    "never started", "times out after",     "no answer",       "connection closed", "connection reset", "body cut",
    "errors.200",    "errors.204",          "502 HTML",        "502 empty body",    "limit=1000",       "JSON array",
    "JSON string",   "message is an array", "message missing", "message null",      "timeout -1",
};

inline const difference* why_left_out(std::string_view name) {
  for (const auto& known : left_out)
    if (name.starts_with(known.row)) return &known;
  return nullptr;
}

inline bool has_own_words(std::string_view name) {
  return std::any_of(std::begin(own_words), std::end(own_words),
                     [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

}  // namespace daytona::test
