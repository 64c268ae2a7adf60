# Sanitizers for the whole tree; the Rust library is not instrumented, its allocations are seen all the same.
if(CAISSON_SANITIZE)
  add_compile_options(-fsanitize=${CAISSON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CAISSON_SANITIZE})
endif()
