# Links ICU and yaml-cpp as archives: looking up the symbols of their shared libraries is a tenth of what a short command
# takes, and what is built does not depend on one version of ICU. OpenSSL stays shared: the system updates it, and
# libcurl's libssl takes objects that ours has made.
function(caisson_link_archive target library)
  find_library(CAISSON_ARCHIVE_${library} NAMES lib${library}.a REQUIRED)
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  foreach(configuration IN LISTS configurations)
    set_target_properties(${target} PROPERTIES "IMPORTED_LOCATION_${configuration}" "${CAISSON_ARCHIVE_${library}}")
  endforeach()
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${CAISSON_ARCHIVE_${library}}")
endfunction()

if(CAISSON_ARCHIVES)
  find_package(ICU REQUIRED COMPONENTS data)
  caisson_link_archive(yaml-cpp yaml-cpp)
  caisson_link_archive(ICU::data icudata)
  caisson_link_archive(ICU::uc icuuc)
  caisson_link_archive(ICU::i18n icui18n)
  set_property(TARGET ICU::uc APPEND PROPERTY INTERFACE_LINK_LIBRARIES ICU::data)
  set_property(TARGET ICU::i18n APPEND PROPERTY INTERFACE_LINK_LIBRARIES ICU::uc)
endif()
