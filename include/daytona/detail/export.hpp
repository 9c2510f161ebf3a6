#pragma once

#if defined(_WIN32)
#define DAYTONA_API
#else
#define DAYTONA_API __attribute__((visibility("default")))
#endif
