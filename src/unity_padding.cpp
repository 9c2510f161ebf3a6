// Nothing: see meson.build.
