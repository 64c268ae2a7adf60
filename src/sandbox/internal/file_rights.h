#pragma once

#include "sandbox/internal/wasi_types.h"

namespace caisson::sandbox {

/// Rights that mean something for a directory, and for a regular file.
inline constexpr wasi::Rights kDirectoryRights =
    wasi::kFdDatasync | wasi::kFdSync | wasi::kFdFdstatSetFlags | wasi::kFdReaddir | wasi::kFdFilestatGet |
    wasi::kFdFilestatSetTimes | wasi::kPathCreateDirectory | wasi::kPathCreateFile | wasi::kPathLinkSource |
    wasi::kPathLinkTarget | wasi::kPathOpen | wasi::kPathReadlink | wasi::kPathRenameSource | wasi::kPathRenameTarget |
    wasi::kPathFilestatGet | wasi::kPathFilestatSetSize | wasi::kPathFilestatSetTimes | wasi::kPathSymlink |
    wasi::kPathRemoveDirectory | wasi::kPathUnlinkFile;
inline constexpr wasi::Rights kFileRights =
    wasi::kFdDatasync | wasi::kFdRead | wasi::kFdSeek | wasi::kFdFdstatSetFlags | wasi::kFdSync | wasi::kFdTell |
    wasi::kFdWrite | wasi::kFdAdvise | wasi::kFdAllocate | wasi::kFdFilestatGet | wasi::kFdFilestatSetSize |
    wasi::kFdFilestatSetTimes | wasi::kPollFdReadwrite;

/// Those that change something, or make the disk work; a grant for reading has none of them.
inline constexpr wasi::Rights kWritingRights =
    wasi::kFdDatasync | wasi::kFdSync | wasi::kFdWrite | wasi::kFdAllocate | wasi::kFdFilestatSetSize |
    wasi::kFdFilestatSetTimes | wasi::kPathCreateDirectory | wasi::kPathCreateFile | wasi::kPathLinkSource |
    wasi::kPathLinkTarget | wasi::kPathRenameSource | wasi::kPathRenameTarget | wasi::kPathFilestatSetSize |
    wasi::kPathFilestatSetTimes | wasi::kPathSymlink | wasi::kPathRemoveDirectory | wasi::kPathUnlinkFile;

/// Of those a `path_open` asks for, the ones it does not succeed without.
inline constexpr wasi::Rights kDecisiveRights =
    wasi::kFdRead | wasi::kFdWrite | wasi::kFdAllocate | wasi::kFdFilestatSetSize;

}  // namespace caisson::sandbox
