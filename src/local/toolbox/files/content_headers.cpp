#include "local/toolbox/files/content_headers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "local/toolbox/files/paths.hpp"
#include "model/utf8.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 48> media_types{{
    {".avif", "image/avif"},
    {".bmp", "image/bmp"},
    {".bz2", "application/x-bzip2"},
    {".c", "text/x-csrc; charset=utf-8"},
    {".cpp", "text/x-c++src; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
    {".doc", "application/msword"},
    {".gif", "image/gif"},
    {".gz", "application/gzip"},
    {".h", "text/x-chdr; charset=utf-8"},
    {".hpp", "text/x-c++hdr; charset=utf-8"},
    {".htm", "text/html; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/vnd.microsoft.icon"},
    {".java", "text/x-java; charset=utf-8"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".log", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".ogg", "audio/ogg"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".py", "text/x-python; charset=utf-8"},
    {".rtf", "application/rtf"},
    {".sh", "application/x-sh"},
    {".svg", "image/svg+xml"},
    {".tar", "application/x-tar"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".tsv", "text/tab-separated-values; charset=utf-8"},
    {".ttf", "font/ttf"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".wav", "audio/x-wav"},
    {".webm", "video/webm"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".xml", "text/xml; charset=utf-8"},
    {".xz", "application/x-xz"},
    {".yaml", "application/x-yaml"},
    {".yml", "application/x-yaml"},
    {".zip", "application/zip"},
}};
static_assert(std::is_sorted(media_types.begin(), media_types.end()));

/// Whether a byte stands for itself in the second form.
bool is_plain(unsigned char byte) {
  return std::isalnum(byte) != 0 ||
         std::string_view{"!#$&+-.^_`|~"}.find(static_cast<char>(byte)) != std::string_view::npos;
}

void append_escaped(std::string& out, std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(byte))
      out += c;
    else
      (out += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
}

/// A character of UTF-8 as a byte of Latin-1; `_` if it has none, and for a byte that is no character.
char latin_1(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1 && first < 0x80) return character[0];
  if (character.size() != 2 || first > 0xC3) return '_';
  return static_cast<char>((first & 3U) << 6 | (static_cast<unsigned char>(character[1]) & 0x3FU));
}

void append_latin_1(std::string& out, std::string_view name) {
  while (!name.empty()) {
    const auto character = name.substr(0, std::max<std::size_t>(model::utf8_sequence_length(name), 1));
    name.remove_prefix(character.size());
    const char byte = latin_1(character);
    if (byte == '\r' || byte == '\n' || byte == '\0') continue;
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') out += '\\';
    out += code < 0x20 || (code >= 0x7F && code < 0xA0) ? '_' : byte;
  }
}

}  // namespace

std::string filename_parameters(std::string_view name) {
  std::string text = "filename=\"";
  append_latin_1(text, name);
  text += "\"; filename*=utf-8''";
  append_escaped(text, name);
  return text;
}

std::string_view media_type(std::string_view path) {
  const auto name = last_part(path);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return "application/octet-stream";
  const auto ending = name.substr(dot);
  const auto found = std::lower_bound(media_types.begin(), media_types.end(), ending,
                                      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return found != media_types.end() && found->first == ending ? found->second : "application/octet-stream";
}

}  // namespace daytona::local::toolbox
