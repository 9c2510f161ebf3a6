#include "local/control/platform.hpp"

#include <fmt/format.h>

#include "daytona/version.hpp"
#include "local/control/create_request.hpp"
#include "local/control/regions.hpp"
#include "local/control/snapshots.hpp"
#include "model/json_writer.hpp"

namespace daytona::local {
namespace {

using model::json_writer;

constexpr std::string_view user_id = "local";

void write_region(json_writer& out, std::string_view name, std::string_view made_at) {
  out.begin_object();
  out.member("id", name);
  out.member("name", name);
  out.member("regionType", "shared");
  out.member("createdAt", made_at);
  out.member("updatedAt", made_at);
  out.end_object();
}

void nulls(json_writer& out, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    out.key(name);
    out.null();
  }
}

}  // namespace

std::string platform::base_text(std::size_t on_changed_base) const {
  if (on_changed_base == 0) return base;
  return fmt::format("{}; it has changed under {} running sandboxes: stop and start them", base, on_changed_base);
}

std::string platform::configuration(std::size_t on_changed_base) const {
  std::string text;
  json_writer out{text};
  out.begin_object();
  out.member("version", api_level);
  out.key("oidc");
  out.begin_object();
  out.member("provider", "none");
  out.member("issuer", base_url);
  out.member("clientId", "daytona");
  out.member("audience", "daytona");
  out.end_object();
  out.member("linkedAccountsEnabled", false);
  out.key("announcements");
  out.begin_object();
  out.end_object();
  out.member("proxyTemplateUrl",
             "http://{{PORT}}-{{sandboxId}}.proxy.localhost" + base_url.substr(base_url.rfind(':')));
  out.member("proxyToolboxUrl", toolbox_url());
  out.member("defaultSnapshot", default_snapshot_name);
  out.member("dashboardUrl", base_url + "/dashboard");
  out.member("maxAutoArchiveInterval", longest_auto_archive_interval);
  out.member("maintananceMode", false);  // sic
  out.member("environment", "local");
  out.member("isolation", isolation);
  out.member("base", base_text(on_changed_base));
  out.member("limits", limits);
  out.end_object();
  return text;
}

std::string platform::current_key() const {
  std::string text;
  json_writer out{text};
  out.begin_object();
  out.member("name", "local");
  out.member("value", key_hint);
  out.member("createdAt", made_at);
  out.key("permissions");
  out.begin_array();
  for (const std::string_view permission : {"write:sandboxes", "delete:sandboxes"}) out.value(permission);
  out.end_array();
  nulls(out, {"lastUsedAt", "expiresAt"});
  out.member("userId", user_id);
  out.end_object();
  return text;
}

std::string platform::organizations() const {
  std::string text;
  json_writer out{text};
  out.begin_array();
  out.begin_object();
  out.member("id", organization_id);
  out.member("name", "local");
  out.member("createdBy", user_id);
  out.member("personal", true);
  out.member("createdAt", made_at);
  out.member("updatedAt", made_at);
  out.member("suspended", false);
  nulls(out, {"suspendedAt", "suspensionReason", "suspendedUntil"});
  for (const std::string_view name :
       {"suspensionCleanupGracePeriodHours", "maxCpuPerSandbox", "maxMemoryPerSandbox", "maxDiskPerSandbox",
        "secretQuota", "maxSecretsPerSandbox", "snapshotDeactivationTimeoutMinutes"})
    out.member(name, 0);
  for (const std::string_view name : {"sandboxLimitedNetworkEgress", "previewWarningEnabled", "ssoEnabled"})
    out.member(name, false);
  out.member("defaultRegionId", region_names().front());
  nulls(out, {"authenticatedRateLimit", "sandboxCreateRateLimit", "sandboxLifecycleRateLimit"});
  out.key("experimentalConfig");
  out.begin_object();
  out.end_object();
  nulls(out, {"otelConfig", "authenticatedRateLimitTtlSeconds", "sandboxCreateRateLimitTtlSeconds",
              "sandboxLifecycleRateLimitTtlSeconds"});
  out.end_object();
  out.end_array();
  return text;
}

std::string platform::regions() const {
  std::string text;
  json_writer out{text};
  out.begin_array();
  for (const auto name : region_names()) write_region(out, name, made_at);
  out.end_array();
  return text;
}

std::string platform::snapshots() const {
  std::string text;
  json_writer out{text};
  out.begin_object();
  out.key("items");
  out.begin_array();
  for (const auto& snapshot : general_snapshots()) write(out, snapshot, made_at);
  out.end_array();
  out.member("total", static_cast<std::int64_t>(general_snapshots().size()));
  out.member("page", 1);
  out.member("totalPages", 1);
  out.end_object();
  return text;
}

}  // namespace daytona::local
