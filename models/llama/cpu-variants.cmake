# Included by llama.cpp's build after `project(ggml)` (see .cargo/config.toml).
#
# With run-time choice of CPU kernels, ggml compiles all its kernels once for each of
# fourteen x86-64 generations: a quarter of an hour on two cores. The generations kept
# here are those between which a speed difference can be measured; the rest compile to
# empty modules, which build.rs leaves out. Other architectures keep all variants.
#
# `sapphirerapids` (AMX) is left out although it is built easily: virtual machines show
# the processor's flag without allowing its use, and ggml asks only for the flag.

set(LUCID_CPU_VARIANTS sse42 haswell alderlake icelake)
set(LUCID_EMPTY_SOURCE ${CMAKE_CURRENT_LIST_DIR}/unused-variant.c)

function(lucid_keep_chosen_variants)
    if (NOT GGML_SYSTEM_ARCH STREQUAL "x86" AND NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        return()
    endif()
    foreach (variant x64 sse42 sandybridge ivybridge piledriver haswell skylakex cannonlake
                     cascadelake icelake cooperlake zen4 alderlake sapphirerapids)
        if (variant IN_LIST LUCID_CPU_VARIANTS)
            continue()
        endif()
        foreach (target ggml-cpu-${variant} ggml-cpu-${variant}-feats)
            if (TARGET ${target})
                set_property(TARGET ${target} PROPERTY SOURCES ${LUCID_EMPTY_SOURCE})
                set_property(TARGET ${target} PROPERTY LINKER_LANGUAGE C)
            endif()
        endforeach()
    endforeach()
endfunction()

cmake_language(DEFER CALL lucid_keep_chosen_variants)
