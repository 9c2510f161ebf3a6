#pragma once

namespace daytona::test {

/// Whether the kernel still has something to bring to one of this process's TCP sockets: bytes, an end, a connection, a refusal. Both ends of every
/// connection are expected in this process. Bytes that nobody reads, and a connection that waits in a queue, have been brought.
bool traffic_under_way();

}  // namespace daytona::test
