//! Checks of what is open, and of everything that is no file.

use crate::wasi::*;
use crate::{file, one_of, touch, ROOT};

pub fn advice_changes_nothing(dir: Fd) {
    let f = file(dir, "f");
    set_size(f, 100).unwrap();
    for advice in 0..6 {
        advise(f, 10, 50, advice).unwrap();
    }
    assert_eq!(advise(f, 0, 0, 6), Err(INVAL));
    assert_eq!(advise(dir, 0, 0, 0), Err(BADF));
    assert_eq!(filestat(f).unwrap().size, 100);
}

pub fn allocating_only_grows(dir: Fd) {
    let f = file(dir, "f");
    for (offset, size, after) in [(0, 100, 100), (10, 10, 100), (90, 20, 110), (200, 1, 201)] {
        allocate(f, offset, size).unwrap();
        assert_eq!(filestat(f).unwrap().size, after);
    }
    assert_eq!(allocate(f, 0, 0), Err(INVAL));
}

pub fn appending(dir: Fd) {
    let f = open_with(dir, 0, "f", CREAT, READ_WRITE | RIGHT_FD_SEEK, 0, APPEND).unwrap();
    assert_eq!(fdstat(f).unwrap().flags, APPEND);
    write(f, &[b"hello"]).unwrap();
    seek(f, 0, SET).unwrap();
    write(f, &[b", world"]).unwrap();
    let content = |expected: &[u8]| {
        let mut bytes = [0; 100];
        let got = pread(f, &mut [&mut bytes], 0).unwrap();
        assert_eq!(&bytes[..got], expected);
    };
    content(b"hello, world");
    pwrite(f, &[b"H"], 0).unwrap();
    content(b"Hello, world");
    set_flags(f, 0).unwrap();
    seek(f, 0, SET).unwrap();
    write(f, &[b"J"]).unwrap();
    content(b"Jello, world");
    set_flags(f, APPEND | NONBLOCK).unwrap();
    assert_eq!(fdstat(f).unwrap().flags, APPEND | NONBLOCK);
    one_of(set_flags(f, SYNC), &[NOTSUP]);
    one_of(set_flags(f, DSYNC), &[NOTSUP]);
    let g = open_with(dir, 0, "f", 0, READ_WRITE, 0, APPEND | SYNC).unwrap();
    assert_eq!(fdstat(g).unwrap().flags, APPEND | SYNC);
}

pub fn random_buffer(_: Fd) {
    let mut bytes = [0; 100_000];
    random(&mut bytes).unwrap();
    assert!(bytes.chunks(100).all(|piece| piece.iter().any(|b| *b != 0)));
    random(&mut []).unwrap();
}

pub fn clocks(_: Fd) {
    assert!(clock_res(0).unwrap() > 0 && clock_res(1).unwrap() > 0);
    let first = clock_time(1, 1).unwrap();
    assert!(clock_time(1, 0).unwrap() >= first);
    assert!(clock_time(0, 1).unwrap() > 1_600_000_000_000_000_000);
    assert_eq!(clock_time(100, 0), Err(INVAL));
}

pub fn close_preopen(dir: Fd) {
    close(ROOT).unwrap();
    assert_eq!(fdstat(ROOT), Err(BADF));
    assert_eq!(renumber(dir, ROOT), Err(BADF));
    assert_eq!(renumber(ROOT, dir), Err(BADF));
    assert_eq!(fdstat(dir).unwrap().filetype, TYPE_DIRECTORY);
    touch(dir, "f");
}

pub fn directories_have_no_bytes(dir: Fd) {
    let mut bytes = [0; 1];
    assert_eq!(read(dir, &mut [&mut bytes]), Err(BADF));
    assert_eq!(pread(dir, &mut [&mut bytes], 0), Err(BADF));
    assert_eq!(write(dir, &[b"x"]), Err(BADF));
    assert_eq!(pwrite(dir, &[b"x"], 0), Err(BADF));
    assert_eq!(allocate(dir, 0, 1), Err(BADF));
    assert_eq!(set_size(dir, 0), Err(BADF));
    assert_eq!(tell(dir), Err(BADF));
    one_of(open(dir, ".", 0, RIGHT_FD_WRITE), &[ISDIR]);
    one_of(open(dir, ".", TRUNC, 0), &[ISDIR]);
}

pub fn directory_seek(dir: Fd) {
    mkdir(dir, "d").unwrap();
    let d = open(dir, "d", DIRECTORY, RIGHT_FD_SEEK).unwrap();
    assert_eq!(seek(d, 0, CUR), Err(BADF));
    assert_eq!(seek(d, 0, SET), Err(BADF));
    assert_eq!(fdstat(d).unwrap().base & RIGHT_FD_SEEK, 0);
}

pub fn polling(dir: Fd) {
    assert!(poll(&[]).is_err());
    let clock = Subscription { userdata: 1, tag: 0, id: 1, timeout: 1_000_000, ..Default::default() };
    let due = poll(&[clock]).unwrap();
    assert_eq!((due.len(), due[0].userdata, due[0].error, due[0].kind), (1, 1, 0, 0));
    let f = file(dir, "f");
    let on = |userdata, tag, id| Subscription { userdata, tag, id, ..Default::default() };
    let ready = poll(&[on(2, 1, f), on(3, 2, f), on(4, 2, 1), on(5, 2, 2), on(6, 1, 999)]).unwrap();
    let seen: Vec<_> = ready.iter().map(|e| (e.userdata, e.error, e.kind)).collect();
    assert_eq!(seen, [(2, 0, 1), (3, 0, 2), (4, 0, 2), (5, 0, 2), (6, BADF.0, 1)]);
    let far = Subscription { timeout: 3_600_000_000_000, ..clock };
    let first = poll(&[far, on(7, 1, 0)]).unwrap();
    assert_eq!((first.len(), first[0].userdata, first[0].error), (1, 7, 0));
}

pub fn positions(dir: Fd) {
    let f = file(dir, "f");
    assert_eq!(tell(f), Ok(0));
    assert_eq!(write(f, &[&[1; 60], &[2; 40]]), Ok(100));
    assert_eq!(tell(f), Ok(100));
    assert_eq!(seek(f, -50, CUR), Ok(50));
    assert_eq!(tell(f), Ok(50));
    assert_eq!(seek(f, -10, END), Ok(90));
    assert_eq!(seek(f, 0, SET), Ok(0));
    assert_eq!(seek(f, -2_000, CUR), Err(INVAL));
    assert_eq!(seek(f, 0, 3), Err(INVAL));
    assert_eq!(seek(f, 1_000, SET), Ok(1_000));
    assert_eq!(read(f, &mut [&mut [0; 10]]), Ok(0));
    assert_eq!(seek(f, 55, SET), Ok(55));
    let (mut a, mut b) = ([0; 5], [0; 100]);
    assert_eq!(read(f, &mut [&mut a, &mut b]), Ok(45));
    assert_eq!((a[0], b[0], b[39], b[40]), (1, 2, 2, 0));
    assert_eq!(write(f, &[]), Ok(0));
}

pub fn overwrite_preopen(dir: Fd) {
    let before = filestat(dir).unwrap();
    renumber(dir, ROOT).unwrap();
    let after = filestat(ROOT).unwrap();
    assert_eq!((before.dev, before.ino), (after.dev, after.ino));
    assert_eq!(fdstat(dir), Err(BADF));
}

pub fn at_an_offset(dir: Fd) {
    let f = file(dir, "f");
    assert_eq!(pwrite(f, &[b"0123", b"4567"], 2), Ok(8));
    assert_eq!(tell(f), Ok(0));
    let (mut a, mut b) = ([9; 4], [9; 100]);
    assert_eq!(pread(f, &mut [&mut a, &mut b], 0), Ok(10));
    assert_eq!((&a, &b[..6]), (b"\0\x0001", &b"234567"[..]));
    assert_eq!(pread(f, &mut [&mut a], 8), Ok(2));
    assert_eq!(pread(f, &mut [&mut a], 10), Ok(0));
    assert_eq!(pread(f, &mut [&mut a], 1 << 40), Ok(0));
    one_of(pread(f, &mut [&mut a], u64::MAX), &[INVAL]);
    assert_eq!(pread(f, &mut [], 0), Ok(0));
    assert_eq!(pwrite(f, &[], 0), Ok(0));
    assert_eq!(pread(1, &mut [&mut a], 0).is_err(), true);
}

pub fn rights_of_bytes(dir: Fd) {
    let w = open(dir, "f", CREAT, RIGHT_FD_WRITE).unwrap();
    write(w, &[b"x"]).unwrap();
    assert_eq!(read(w, &mut [&mut [0; 1]]), Err(BADF));
    let r = open(dir, "f", 0, RIGHT_FD_READ).unwrap();
    read(r, &mut [&mut [0; 1]]).unwrap();
    assert_eq!(write(r, &[b"x"]), Err(BADF));
    let none = open(dir, "f", 0, 0).unwrap();
    assert_eq!(read(none, &mut [&mut [0; 1]]), Err(BADF));
    assert_eq!(write(none, &[b"x"]), Err(BADF));
    filestat(none).unwrap();
}

pub fn renumbering(dir: Fd) {
    let (f, g) = (file(dir, "f"), file(dir, "g"));
    let before = filestat(f).unwrap();
    renumber(f, g).unwrap();
    assert_eq!(filestat(g).unwrap().ino, before.ino);
    assert_eq!(fdstat(f), Err(BADF));
    assert_eq!(renumber(g, f), Err(BADF));
    assert_eq!(renumber(f, g), Err(BADF));
    assert_eq!(renumber(g, 1_000_000), Err(BADF));
    renumber(g, g).unwrap();
    assert_eq!(file(dir, "h"), f);
}

pub fn rights(dir: Fd) {
    let f = file(dir, "f");
    let held = fdstat(f).unwrap();
    set_rights(f, held.base & !RIGHT_FD_WRITE, 0).unwrap();
    assert_eq!(fdstat(f).unwrap().base & RIGHT_FD_WRITE, 0);
    one_of(write(f, &[b"x"]), &[BADF, NOTCAPABLE]);
    assert_eq!(set_rights(f, held.base, 0), Err(NOTCAPABLE));
    set_rights(f, 0, 0).unwrap();
    let d = fdstat(dir).unwrap();
    set_rights(dir, d.base, d.inheriting & !RIGHT_FD_WRITE).unwrap();
    one_of(open(dir, "f", 0, RIGHT_FD_WRITE), &[NOTCAPABLE, PERM]);
    close(open(dir, "f", 0, RIGHT_FD_READ).unwrap()).unwrap();
}

pub fn sizes_and_times(dir: Fd) {
    let f = file(dir, "f");
    set_size(f, 100).unwrap();
    let before = filestat(f).unwrap();
    assert_eq!((before.size, before.filetype, before.nlink), (100, REGULAR_FILE, 1));
    let earlier = before.mtim - 100;
    set_times(f, earlier, earlier, MTIM).unwrap();
    let after = filestat(f).unwrap();
    assert_eq!((after.size, after.mtim, after.atim), (100, earlier, before.atim));
    set_times(f, 1_000_000_007, 0, ATIM | MTIM_NOW).unwrap();
    assert_eq!(filestat(f).unwrap().atim, 1_000_000_007);
    assert!(filestat(f).unwrap().mtim >= before.mtim);
    set_path_times(dir, "f", 0, 0, 2_000_000_009, MTIM).unwrap();
    assert_eq!(stat(dir, "f", 0).unwrap().mtim, 2_000_000_009);
    symlink("f", dir, "link").unwrap();
    set_path_times(dir, "link", 0, 0, 5, MTIM).unwrap();
    assert_eq!(stat(dir, "link", 0).unwrap().mtim, 5);
    set_path_times(dir, "link", FOLLOW, 0, 6, MTIM).unwrap();
    assert_eq!((stat(dir, "f", 0).unwrap().mtim, stat(dir, "link", FOLLOW).unwrap().mtim), (6, 6));
    set_size(f, 10).unwrap();
    assert_eq!(filestat(f).unwrap().size, 10);
    datasync(f).unwrap();
    sync(f).unwrap();
}

pub fn sockets(dir: Fd) {
    assert_eq!(shutdown(file(dir, "f"), 1), Err(NOTSOCK));
    assert_eq!(shutdown(dir, 1), Err(NOTSOCK));
    assert_eq!(shutdown(1_000, 1), Err(BADF));
}

pub fn streams(_: Fd) {
    for fd in 0..3 {
        let found = fdstat(fd).unwrap();
        assert_ne!(found.filetype, CHARACTER_DEVICE);
        assert_eq!(found.base & (RIGHT_FD_SEEK | RIGHT_FD_TELL), 0);
        assert_eq!(renumber(fd, fd + 100), Err(BADF));
        fdstat(fd).unwrap();
    }
    assert_eq!(write(1, &[b"to ", b"standard output\n"]), Ok(19));
    assert!(write(0, &[b"x"]).is_err());
    assert_eq!(read(0, &mut [&mut [0; 10]]), Ok(0));
    assert_eq!(write(1_000, &[b"x"]), Err(BADF));
    close(0).unwrap();
    assert_eq!(read(0, &mut [&mut [0; 10]]), Err(BADF));
}

pub fn time_flags(dir: Fd) {
    let f = file(dir, "f");
    for flags in [ATIM | ATIM_NOW, MTIM | MTIM_NOW] {
        assert_eq!(set_times(f, 1, 1, flags), Err(INVAL));
        assert_eq!(set_path_times(dir, "f", 0, 1, 1, flags), Err(INVAL));
    }
    set_times(f, 0, 0, ATIM_NOW | MTIM_NOW).unwrap();
}

pub fn yielding(_: Fd) {
    yield_now().unwrap();
}
