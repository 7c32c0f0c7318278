/* Stands in for the sources of a CPU variant that is not built; see cpu-variants.cmake. */
typedef int lucid_unused_variant;
