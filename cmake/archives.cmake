# Links what the program needs of other libraries into it, where an archive is to be had: finding those libraries and their
# symbols is a third of what a short command takes, and what is built does not depend on one version of ICU. OpenSSL stays
# shared: the system updates it, and libcurl's libssl takes objects that ours has made. What Debian has only as a shared
# library is fmt, whose headers are enough.
function(caisson_link_archive target library)
  find_library(CAISSON_ARCHIVE_${library} NAMES lib${library}.a REQUIRED)
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  foreach(configuration IN LISTS configurations)
    set_target_properties(${target} PROPERTIES "IMPORTED_LOCATION_${configuration}" "${CAISSON_ARCHIVE_${library}}")
  endforeach()
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${CAISSON_ARCHIVE_${library}}")
endfunction()

# Of a program: the C++ library too, and half the bytes that say where it lies in memory.
function(caisson_link_program target)
  if(CAISSON_ARCHIVES)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -Wl,-z,pack-relative-relocs)
  endif()
endfunction()

set(CAISSON_FMT fmt::fmt)
if(CAISSON_ARCHIVES)
  set(CAISSON_FMT fmt::fmt-header-only)
  find_package(ICU REQUIRED COMPONENTS data)
  caisson_link_archive(yaml-cpp yaml-cpp)
  caisson_link_archive(zstd::libzstd_shared zstd)
  caisson_link_archive(ZLIB::ZLIB z)
  caisson_link_archive(ICU::data icudata)
  caisson_link_archive(ICU::uc icuuc)
  caisson_link_archive(ICU::i18n icui18n)
  set_property(TARGET ICU::uc APPEND PROPERTY INTERFACE_LINK_LIBRARIES ICU::data)
  set_property(TARGET ICU::i18n APPEND PROPERTY INTERFACE_LINK_LIBRARIES ICU::uc)
  set(CAISSON_LIBEDIT libedit.a libbsd.a libmd.a libtinfo.a)
endif()
