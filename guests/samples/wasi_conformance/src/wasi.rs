//! The functions of `wasi_snapshot_preview1` as they are, with results that can be looked at.

#![allow(dead_code)]

pub type Fd = u32;
pub type Answer<T> = Result<T, Errno>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub u16);

pub const BADF: Errno = Errno(8);
pub const EXIST: Errno = Errno(20);
pub const INVAL: Errno = Errno(28);
pub const ISDIR: Errno = Errno(31);
pub const LOOP: Errno = Errno(32);
pub const NOENT: Errno = Errno(44);
pub const NOTDIR: Errno = Errno(54);
pub const NOTEMPTY: Errno = Errno(55);
pub const NOTSOCK: Errno = Errno(57);
pub const NOTSUP: Errno = Errno(58);
pub const PERM: Errno = Errno(63);
pub const NOTCAPABLE: Errno = Errno(76);

pub const RIGHT_FD_READ: u64 = 1 << 1;
pub const RIGHT_FD_SEEK: u64 = 1 << 2;
pub const RIGHT_FD_TELL: u64 = 1 << 5;
pub const RIGHT_FD_WRITE: u64 = 1 << 6;
pub const RIGHT_PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
pub const READ_WRITE: u64 = RIGHT_FD_READ | RIGHT_FD_WRITE;

pub const CREAT: u16 = 1;
pub const DIRECTORY: u16 = 2;
pub const EXCL: u16 = 4;
pub const TRUNC: u16 = 8;

pub const APPEND: u16 = 1;
pub const DSYNC: u16 = 2;
pub const NONBLOCK: u16 = 4;
pub const SYNC: u16 = 16;

pub const FOLLOW: u32 = 1;
pub const SET: u8 = 0;
pub const CUR: u8 = 1;
pub const END: u8 = 2;
pub const ATIM: u16 = 1;
pub const ATIM_NOW: u16 = 2;
pub const MTIM: u16 = 4;
pub const MTIM_NOW: u16 = 8;

pub const CHARACTER_DEVICE: u8 = 2;
pub const TYPE_DIRECTORY: u8 = 3;
pub const REGULAR_FILE: u8 = 4;
pub const SYMBOLIC_LINK: u8 = 7;

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fdstat {
    pub filetype: u8,
    pub flags: u16,
    pub base: u64,
    pub inheriting: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filestat {
    pub dev: u64,
    pub ino: u64,
    pub filetype: u8,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Subscription {
    pub userdata: u64,
    pub tag: u64, // a byte, and its padding
    pub id: u32,  // a clock, or a descriptor
    pub timeout: u64,
    pub precision: u64,
    pub flags: u16,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Event {
    pub userdata: u64,
    pub error: u16,
    pub kind: u8,
    pub nbytes: u64,
    pub flags: u16,
}

#[repr(C)]
struct Buffer(*const u8, usize);

pub struct Entry {
    pub next: u64,
    pub ino: u64,
    pub filetype: u8,
    pub name: String,
}

mod raw {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        pub fn clock_res_get(id: u32, at: *mut u64) -> u32;
        pub fn clock_time_get(id: u32, precision: u64, at: *mut u64) -> u32;
        pub fn fd_advise(fd: u32, offset: u64, size: u64, advice: u32) -> u32;
        pub fn fd_allocate(fd: u32, offset: u64, size: u64) -> u32;
        pub fn fd_close(fd: u32) -> u32;
        pub fn fd_datasync(fd: u32) -> u32;
        pub fn fd_fdstat_get(fd: u32, at: *mut super::Fdstat) -> u32;
        pub fn fd_fdstat_set_flags(fd: u32, flags: u32) -> u32;
        pub fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) -> u32;
        pub fn fd_filestat_get(fd: u32, at: *mut super::Filestat) -> u32;
        pub fn fd_filestat_set_size(fd: u32, size: u64) -> u32;
        pub fn fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32) -> u32;
        pub fn fd_pread(fd: u32, list: *const super::Buffer, count: usize, offset: u64, at: *mut usize) -> u32;
        pub fn fd_pwrite(fd: u32, list: *const super::Buffer, count: usize, offset: u64, at: *mut usize) -> u32;
        pub fn fd_read(fd: u32, list: *const super::Buffer, count: usize, at: *mut usize) -> u32;
        pub fn fd_readdir(fd: u32, at: *mut u8, size: usize, cookie: u64, used: *mut usize) -> u32;
        pub fn fd_renumber(from: u32, to: u32) -> u32;
        pub fn fd_seek(fd: u32, offset: i64, whence: u32, at: *mut u64) -> u32;
        pub fn fd_sync(fd: u32) -> u32;
        pub fn fd_tell(fd: u32, at: *mut u64) -> u32;
        pub fn fd_write(fd: u32, list: *const super::Buffer, count: usize, at: *mut usize) -> u32;
        pub fn path_create_directory(fd: u32, at: *const u8, size: usize) -> u32;
        pub fn path_filestat_get(fd: u32, follow: u32, at: *const u8, size: usize, to: *mut super::Filestat) -> u32;
        pub fn path_filestat_set_times(fd: u32, follow: u32, at: *const u8, size: usize, atim: u64, mtim: u64, flags: u32) -> u32;
        pub fn path_link(fd: u32, follow: u32, at: *const u8, size: usize, to: u32, to_at: *const u8, to_size: usize) -> u32;
        pub fn path_open(fd: u32, follow: u32, at: *const u8, size: usize, oflags: u32, base: u64, inheriting: u64, flags: u32, to: *mut u32) -> u32;
        pub fn path_readlink(fd: u32, at: *const u8, size: usize, to: *mut u8, room: usize, used: *mut usize) -> u32;
        pub fn path_remove_directory(fd: u32, at: *const u8, size: usize) -> u32;
        pub fn path_rename(fd: u32, at: *const u8, size: usize, to: u32, to_at: *const u8, to_size: usize) -> u32;
        pub fn path_symlink(target: *const u8, target_size: usize, fd: u32, at: *const u8, size: usize) -> u32;
        pub fn path_unlink_file(fd: u32, at: *const u8, size: usize) -> u32;
        pub fn poll_oneoff(list: *const super::Subscription, events: *mut super::Event, count: usize, at: *mut usize) -> u32;
        pub fn random_get(at: *mut u8, size: usize) -> u32;
        pub fn sched_yield() -> u32;
        pub fn sock_shutdown(fd: u32, how: u32) -> u32;
    }
}

fn answer<T>(code: u32, value: T) -> Answer<T> {
    if code == 0 {
        Ok(value)
    } else {
        Err(Errno(code as u16))
    }
}

fn ask<T: Default>(call: impl FnOnce(*mut T) -> u32) -> Answer<T> {
    let mut value = T::default();
    let code = call(&mut value);
    answer(code, value)
}

fn list<'a>(buffers: impl Iterator<Item = &'a [u8]>) -> Vec<Buffer> {
    buffers.map(|bytes| Buffer(bytes.as_ptr(), bytes.len())).collect()
}

pub fn clock_res(id: u32) -> Answer<u64> {
    ask(|at| unsafe { raw::clock_res_get(id, at) })
}
pub fn clock_time(id: u32, precision: u64) -> Answer<u64> {
    ask(|at| unsafe { raw::clock_time_get(id, precision, at) })
}
pub fn advise(fd: Fd, offset: u64, size: u64, advice: u32) -> Answer<()> {
    answer(unsafe { raw::fd_advise(fd, offset, size, advice) }, ())
}
pub fn allocate(fd: Fd, offset: u64, size: u64) -> Answer<()> {
    answer(unsafe { raw::fd_allocate(fd, offset, size) }, ())
}
pub fn close(fd: Fd) -> Answer<()> {
    answer(unsafe { raw::fd_close(fd) }, ())
}
pub fn datasync(fd: Fd) -> Answer<()> {
    answer(unsafe { raw::fd_datasync(fd) }, ())
}
pub fn sync(fd: Fd) -> Answer<()> {
    answer(unsafe { raw::fd_sync(fd) }, ())
}
pub fn fdstat(fd: Fd) -> Answer<Fdstat> {
    ask(|at| unsafe { raw::fd_fdstat_get(fd, at) })
}
pub fn set_flags(fd: Fd, flags: u16) -> Answer<()> {
    answer(unsafe { raw::fd_fdstat_set_flags(fd, flags.into()) }, ())
}
pub fn set_rights(fd: Fd, base: u64, inheriting: u64) -> Answer<()> {
    answer(unsafe { raw::fd_fdstat_set_rights(fd, base, inheriting) }, ())
}
pub fn filestat(fd: Fd) -> Answer<Filestat> {
    ask(|at| unsafe { raw::fd_filestat_get(fd, at) })
}
pub fn set_size(fd: Fd, size: u64) -> Answer<()> {
    answer(unsafe { raw::fd_filestat_set_size(fd, size) }, ())
}
pub fn set_times(fd: Fd, atim: u64, mtim: u64, flags: u16) -> Answer<()> {
    answer(unsafe { raw::fd_filestat_set_times(fd, atim, mtim, flags.into()) }, ())
}
pub fn read(fd: Fd, to: &mut [&mut [u8]]) -> Answer<usize> {
    let list = list(to.iter().map(|bytes| &**bytes));
    ask(|at| unsafe { raw::fd_read(fd, list.as_ptr(), list.len(), at) })
}
pub fn write(fd: Fd, from: &[&[u8]]) -> Answer<usize> {
    let list = list(from.iter().copied());
    ask(|at| unsafe { raw::fd_write(fd, list.as_ptr(), list.len(), at) })
}
pub fn pread(fd: Fd, to: &mut [&mut [u8]], offset: u64) -> Answer<usize> {
    let list = list(to.iter().map(|bytes| &**bytes));
    ask(|at| unsafe { raw::fd_pread(fd, list.as_ptr(), list.len(), offset, at) })
}
pub fn pwrite(fd: Fd, from: &[&[u8]], offset: u64) -> Answer<usize> {
    let list = list(from.iter().copied());
    ask(|at| unsafe { raw::fd_pwrite(fd, list.as_ptr(), list.len(), offset, at) })
}
pub fn renumber(from: Fd, to: Fd) -> Answer<()> {
    answer(unsafe { raw::fd_renumber(from, to) }, ())
}
pub fn seek(fd: Fd, offset: i64, whence: u8) -> Answer<u64> {
    ask(|at| unsafe { raw::fd_seek(fd, offset, whence.into(), at) })
}
pub fn tell(fd: Fd) -> Answer<u64> {
    ask(|at| unsafe { raw::fd_tell(fd, at) })
}
pub fn mkdir(fd: Fd, path: &str) -> Answer<()> {
    answer(unsafe { raw::path_create_directory(fd, path.as_ptr(), path.len()) }, ())
}
pub fn stat(fd: Fd, path: &str, follow: u32) -> Answer<Filestat> {
    ask(|at| unsafe { raw::path_filestat_get(fd, follow, path.as_ptr(), path.len(), at) })
}
pub fn set_path_times(fd: Fd, path: &str, follow: u32, atim: u64, mtim: u64, flags: u16) -> Answer<()> {
    answer(
        unsafe { raw::path_filestat_set_times(fd, follow, path.as_ptr(), path.len(), atim, mtim, flags.into()) },
        (),
    )
}
pub fn link(fd: Fd, follow: u32, path: &str, to: Fd, new: &str) -> Answer<()> {
    answer(unsafe { raw::path_link(fd, follow, path.as_ptr(), path.len(), to, new.as_ptr(), new.len()) }, ())
}
pub fn open_with(fd: Fd, follow: u32, path: &str, oflags: u16, base: u64, inheriting: u64, flags: u16) -> Answer<Fd> {
    ask(|at| unsafe {
        raw::path_open(fd, follow, path.as_ptr(), path.len(), oflags.into(), base, inheriting, flags.into(), at)
    })
}
pub fn open(fd: Fd, path: &str, oflags: u16, base: u64) -> Answer<Fd> {
    open_with(fd, 0, path, oflags, base, 0, 0)
}
pub fn readlink(fd: Fd, path: &str, room: usize) -> Answer<Vec<u8>> {
    let mut bytes = vec![0; room];
    let used = ask(|at| unsafe {
        raw::path_readlink(fd, path.as_ptr(), path.len(), bytes.as_mut_ptr(), bytes.len(), at)
    })?;
    bytes.truncate(used);
    Ok(bytes)
}
pub fn rmdir(fd: Fd, path: &str) -> Answer<()> {
    answer(unsafe { raw::path_remove_directory(fd, path.as_ptr(), path.len()) }, ())
}
pub fn rename(fd: Fd, path: &str, to: Fd, new: &str) -> Answer<()> {
    answer(unsafe { raw::path_rename(fd, path.as_ptr(), path.len(), to, new.as_ptr(), new.len()) }, ())
}
pub fn symlink(target: &str, fd: Fd, path: &str) -> Answer<()> {
    answer(unsafe { raw::path_symlink(target.as_ptr(), target.len(), fd, path.as_ptr(), path.len()) }, ())
}
pub fn unlink(fd: Fd, path: &str) -> Answer<()> {
    answer(unsafe { raw::path_unlink_file(fd, path.as_ptr(), path.len()) }, ())
}
pub fn poll(list: &[Subscription]) -> Answer<Vec<Event>> {
    let mut events = vec![Event::default(); list.len()];
    let count = ask(|at| unsafe { raw::poll_oneoff(list.as_ptr(), events.as_mut_ptr(), list.len(), at) })?;
    events.truncate(count);
    Ok(events)
}
pub fn random(to: &mut [u8]) -> Answer<()> {
    answer(unsafe { raw::random_get(to.as_mut_ptr(), to.len()) }, ())
}
pub fn yield_now() -> Answer<()> {
    answer(unsafe { raw::sched_yield() }, ())
}
pub fn shutdown(fd: Fd, how: u32) -> Answer<()> {
    answer(unsafe { raw::sock_shutdown(fd, how) }, ())
}

/// The entries from `cookie` on that fit into `room` bytes whole, and whether the listing ended there.
pub fn list_from(fd: Fd, cookie: u64, room: usize) -> Answer<(Vec<Entry>, bool)> {
    let mut bytes = vec![0u8; room];
    let used = ask(|at| unsafe { raw::fd_readdir(fd, bytes.as_mut_ptr(), room, cookie, at) })?;
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let mut entries = Vec::new();
    let mut at = 0;
    while at + 24 <= used {
        let size = u32::from_le_bytes(bytes[at + 16..at + 20].try_into().unwrap()) as usize;
        if at + 24 + size > used {
            break;
        }
        entries.push(Entry {
            next: number(at),
            ino: number(at + 8),
            filetype: bytes[at + 20],
            name: String::from_utf8(bytes[at + 24..at + 24 + size].to_vec()).unwrap(),
        });
        at += 24 + size;
    }
    Ok((entries, used < room))
}
