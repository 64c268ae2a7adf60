//! Checks of what has a name: directories, links, opening.

use crate::wasi::*;
use crate::{file, one_of, touch, ROOT};
use std::fs;
use std::io::Read;

pub fn create_existing(dir: Fd) {
    touch(dir, "f");
    assert_eq!(open(dir, "f", CREAT | EXCL, READ_WRITE), Err(EXIST));
    close(open(dir, "f", CREAT, READ_WRITE).unwrap()).unwrap();
    assert_eq!(mkdir(dir, "f"), Err(EXIST));
    assert_eq!(open(dir, "f", DIRECTORY, 0), Err(NOTDIR));
    let f = open(dir, "f", 0, RIGHT_FD_READ).unwrap();
    assert_eq!(open(f, "g", CREAT, 0), Err(NOTDIR));
}

pub fn dangling_links(dir: Fd) {
    symlink("target", dir, "link").unwrap();
    one_of(open(dir, "link", DIRECTORY, 0), &[NOTDIR, LOOP]);
    assert_eq!(open(dir, "link", 0, 0), Err(LOOP));
    assert_eq!(open_with(dir, FOLLOW, "link", 0, 0, 0, 0), Err(NOENT));
    assert_eq!(stat(dir, "link", 0).unwrap().filetype, SYMBOLIC_LINK);
    assert_eq!(stat(dir, "link", FOLLOW), Err(NOENT));
    one_of(open(dir, "link", CREAT, READ_WRITE), &[LOOP, NOENT]);
    unlink(dir, "link").unwrap();
}

pub fn hard_links(dir: Fd) {
    let f = file(dir, "f");
    link(dir, 0, "f", dir, "same").unwrap();
    let both = stat(dir, "same", 0).unwrap();
    assert_eq!((both.ino, both.dev, both.nlink), (filestat(f).unwrap().ino, filestat(f).unwrap().dev, 2));
    mkdir(dir, "d").unwrap();
    link(dir, 0, "f", dir, "d/same").unwrap();
    assert_eq!(filestat(f).unwrap().nlink, 3);
    assert_eq!(link(dir, 0, "f", dir, "same"), Err(EXIST));
    assert_eq!(link(dir, 0, "f", dir, "f"), Err(EXIST));
    assert_eq!(link(dir, 0, "none", dir, "n"), Err(NOENT));
    one_of(link(dir, 0, "d", dir, "e"), &[PERM]);
    assert_eq!(link(dir, 0, "f", dir, "n/"), Err(NOENT));
    assert_eq!(link(dir, 0, "f", dir, "d"), Err(EXIST));
    symlink("f", dir, "link").unwrap();
    link(dir, 0, "link", dir, "link2").unwrap();
    assert_eq!(stat(dir, "link2", 0).unwrap().filetype, SYMBOLIC_LINK);
    assert_eq!(link(dir, FOLLOW, "link", dir, "n"), Err(INVAL));
}

pub fn nofollow(dir: Fd) {
    mkdir(dir, "target").unwrap();
    symlink("target", dir, "link").unwrap();
    one_of(open(dir, "link", DIRECTORY, 0), &[LOOP, NOTDIR]);
    assert_eq!(open(dir, "link", 0, 0), Err(LOOP));
    close(open_with(dir, FOLLOW, "link", DIRECTORY, 0, 0, 0).unwrap()).unwrap();
    assert_eq!(rmdir(dir, "link"), Err(NOTDIR));
    rmdir(dir, "target").unwrap();
    touch(dir, "target");
    one_of(open(dir, "link", DIRECTORY, 0), &[LOOP, NOTDIR]);
    assert_eq!(open(dir, "link", 0, RIGHT_FD_READ), Err(LOOP));
    assert_eq!(open_with(dir, FOLLOW, "link", DIRECTORY, 0, 0, 0), Err(NOTDIR));
    close(open_with(dir, FOLLOW, "link", 0, RIGHT_FD_READ, 0, 0).unwrap()).unwrap();
    unlink(dir, "link").unwrap();
    stat(dir, "target", 0).unwrap();
}

pub fn link_loop(dir: Fd) {
    symlink("link", dir, "link").unwrap();
    assert_eq!(open(dir, "link", 0, 0), Err(LOOP));
    assert_eq!(open_with(dir, FOLLOW, "link", 0, 0, 0, 0), Err(LOOP));
    assert_eq!(stat(dir, "link", FOLLOW), Err(LOOP));
}

pub fn symlinks(dir: Fd) {
    let f = file(dir, "f");
    write(f, &[b"content"]).unwrap();
    mkdir(dir, "d").unwrap();
    touch(dir, "d/g");
    symlink("f", dir, "to_f").unwrap();
    symlink("d", dir, "to_d").unwrap();
    let through = stat(dir, "to_f", FOLLOW).unwrap();
    assert_eq!((through.ino, through.size), (filestat(f).unwrap().ino, 7));
    let itself = stat(dir, "to_f", 0).unwrap();
    assert_eq!((itself.filetype, itself.size), (SYMBOLIC_LINK, 1));
    assert_ne!(itself.ino, through.ino);
    stat(dir, "to_d/g", 0).unwrap();
    let d = open_with(dir, FOLLOW, "to_d", DIRECTORY, 0, 0, 0).unwrap();
    stat(d, "g", 0).unwrap();
    touch(dir, "to_d/new");
    stat(dir, "d/new", 0).unwrap();
    assert_eq!(symlink("f", dir, "to_f"), Err(EXIST));
    assert_eq!(symlink("/f", dir, "absolute"), Err(PERM));
}

pub fn read_links(dir: Fd) {
    symlink("target", dir, "link").unwrap();
    assert_eq!(readlink(dir, "link", 100).unwrap(), b"target");
    assert_eq!(readlink(dir, "link", 4).unwrap(), b"targ");
    assert_eq!(readlink(dir, "link", 0).unwrap(), b"");
    touch(dir, "f");
    assert_eq!(readlink(dir, "f", 100), Err(INVAL));
    assert_eq!(readlink(dir, "none", 100), Err(NOENT));
}

pub fn listing(dir: Fd) {
    let empty = list_from(dir, 0, 1000).unwrap();
    let mut names: Vec<_> = empty.0.iter().map(|e| e.name.as_str()).collect();
    names.sort();
    assert_eq!(names, [".", ".."]);
    assert!(empty.1 && empty.0.iter().all(|e| e.filetype == TYPE_DIRECTORY));
    touch(dir, "file");
    mkdir(dir, "nested").unwrap();
    let (all, _) = list_from(dir, 0, 1000).unwrap();
    assert_eq!(all.len(), 4);
    for entry in &all {
        if entry.name != ".." {
            let found = stat(dir, &entry.name, 0).unwrap();
            assert_eq!((entry.ino, entry.filetype), (found.ino, found.filetype), "{}", entry.name);
        }
    }
    for (i, entry) in all.iter().enumerate() {
        let (rest, _) = list_from(dir, entry.next, 1000).unwrap();
        let rest: Vec<_> = rest.iter().map(|e| &e.name).collect();
        assert_eq!(rest, all[i + 1..].iter().map(|e| &e.name).collect::<Vec<_>>());
    }
    assert!(!list_from(dir, 0, 30).unwrap().1, "a buffer that is full is not the end");
    unlink(dir, "file").unwrap();
    assert_eq!(list_from(dir, 0, 1000).unwrap().0.len(), 3);
    let f = file(dir, "f");
    assert_eq!(list_from(f, 0, 100).err(), Some(NOTDIR));
}

pub fn long_listing(dir: Fd) {
    for i in 0..1_000 {
        touch(dir, &format!("file-{i}"));
    }
    let mut names = std::collections::BTreeSet::new();
    let mut cookie = 0;
    loop {
        let (entries, end) = list_from(dir, cookie, 500).unwrap();
        for entry in entries {
            cookie = entry.next;
            assert!(names.insert(entry.name), "twice");
        }
        if end {
            break;
        }
    }
    assert_eq!(names.len(), 1_002);
}

pub fn missing(dir: Fd) {
    assert_eq!(open(dir, "none", 0, RIGHT_FD_READ), Err(NOENT));
    assert_eq!(open(dir, "", 0, RIGHT_FD_READ), Err(NOENT));
    assert_eq!(stat(dir, "none", FOLLOW), Err(NOENT));
    assert_eq!(unlink(dir, "none"), Err(NOENT));
    assert_eq!(rmdir(dir, "none"), Err(NOENT));
    assert_eq!(rename(dir, "none", dir, "n"), Err(NOENT));
    mkdir(dir, "full").unwrap();
    touch(dir, "full/f");
    assert_eq!(rmdir(dir, "full"), Err(NOTEMPTY));
}

pub fn trailing_slashes(dir: Fd) {
    mkdir(dir, "d/").unwrap();
    assert_eq!(mkdir(dir, "d/"), Err(EXIST));
    touch(dir, "f");
    assert_eq!(unlink(dir, "f/"), Err(NOTDIR));
    assert_eq!(rmdir(dir, "f"), Err(NOTDIR));
    assert_eq!(rmdir(dir, "f/"), Err(NOTDIR));
    one_of(unlink(dir, "d"), &[ISDIR, PERM]);
    one_of(unlink(dir, "d/"), &[ISDIR, PERM]);
    assert_eq!(open(dir, "f/", 0, RIGHT_FD_READ), Err(NOTDIR));
    assert_eq!(rename(dir, "f/", dir, "g"), Err(NOTDIR));
    assert_eq!(rename(dir, "f", dir, "g/"), Err(NOTDIR));
    rename(dir, "d/", dir, "e/").unwrap();
    rename(dir, "e", dir, "d/").unwrap();
    one_of(symlink("s", dir, "n/"), &[NOENT, NOTDIR]);
    assert_eq!(symlink("s", dir, "d/"), Err(EXIST));
    one_of(symlink("s", dir, "f/"), &[NOTDIR, EXIST]);
    symlink("gone", dir, "dangling").unwrap();
    one_of(symlink("s", dir, "dangling/"), &[EXIST, NOENT, NOTDIR]);
    rmdir(dir, "d/").unwrap();
}

pub fn open_files(dir: Fd) {
    let f = file(dir, "f");
    write(f, &[b"kept"]).unwrap();
    unlink(dir, "f").unwrap();
    let mut bytes = [0; 4];
    pread(f, &mut [&mut bytes], 0).unwrap();
    assert_eq!(&bytes, b"kept");
    assert_eq!(filestat(f).unwrap().nlink, 0);
    mkdir(dir, "d").unwrap();
    let d = open(dir, "d", DIRECTORY, 0).unwrap();
    rmdir(dir, "d").unwrap();
    assert_eq!(fdstat(d).unwrap().filetype, TYPE_DIRECTORY);
    assert_eq!(open(d, "f", CREAT, READ_WRITE), Err(NOENT));
    close(d).unwrap();
    close(f).unwrap();
    assert_eq!(close(f), Err(BADF));
}

pub fn paths(dir: Fd) {
    mkdir(dir, "d").unwrap();
    mkdir(dir, "d/n").unwrap();
    touch(dir, "d/n/f");
    for good in ["d/n/f", "./d/n/f", "d/./n//f", "d/n/../n/f", "d/n/../../d/n/f", "d/../d/n/../n///./f"] {
        close(open(dir, good, 0, RIGHT_FD_READ).unwrap()).unwrap();
    }
    for directory in ["d/n", "d/n/", "d/n///", "d/n/.", "d/n/../n/"] {
        close(open(dir, directory, DIRECTORY, 0).unwrap()).unwrap();
    }
    assert_eq!(open(dir, "/d/n/f", 0, RIGHT_FD_READ), Err(PERM));
    assert_eq!(open(dir, "d/n/f\0", 0, RIGHT_FD_READ), Err(INVAL));
    assert_eq!(open(dir, "d/n/f/", 0, RIGHT_FD_READ), Err(NOTDIR));
    assert_eq!(open(dir, "d/n/f/.", 0, RIGHT_FD_READ), Err(NOTDIR));
    assert_eq!(open(dir, "d/../../scratch/d", 0, 0), Err(PERM));
    assert_eq!(open(dir, "..", DIRECTORY, 0), Err(PERM));
    assert_eq!(stat(ROOT, "../x", 0), Err(PERM));
}

pub fn open_preopen(_: Fd) {
    let held = fdstat(ROOT).unwrap();
    for base in [held.base, 0] {
        let again = open_with(ROOT, 0, ".", DIRECTORY, base, held.inheriting, 0).unwrap();
        assert_eq!(filestat(again).unwrap().ino, filestat(ROOT).unwrap().ino);
        stat(again, "scratch", 0).unwrap();
        close(again).unwrap();
    }
    close(open(ROOT, ".", 0, 0).unwrap()).unwrap();
    close(open(ROOT, "./", 0, 0).unwrap()).unwrap();
    assert_eq!(open(ROOT, ".", CREAT | DIRECTORY, 0), Err(INVAL));
    assert_eq!(open(ROOT, "..", 0, 0), Err(PERM));
}

pub fn renaming(dir: Fd) {
    let same = |name: &str, ino| assert_eq!(stat(dir, name, 0).unwrap().ino, ino, "{name}");
    mkdir(dir, "d").unwrap();
    let ino = stat(dir, "d", 0).unwrap().ino;
    rename(dir, "d", dir, "e").unwrap();
    same("e", ino);
    mkdir(dir, "empty").unwrap();
    rename(dir, "e", dir, "empty").unwrap();
    same("empty", ino);
    mkdir(dir, "full").unwrap();
    touch(dir, "full/f");
    assert_eq!(rename(dir, "empty", dir, "full"), Err(NOTEMPTY));
    touch(dir, "f");
    assert_eq!(rename(dir, "empty", dir, "f"), Err(NOTDIR));
    assert_eq!(rename(dir, "f", dir, "empty"), Err(ISDIR));
    assert_eq!(rename(dir, "full", dir, "full/inside"), Err(INVAL));
    touch(dir, "g");
    let ino = stat(dir, "f", 0).unwrap().ino;
    rename(dir, "f", dir, "g").unwrap();
    same("g", ino);
    rename(dir, "g", dir, "g").unwrap();
    symlink("g", dir, "link").unwrap();
    rename(dir, "link", dir, "moved").unwrap();
    assert_eq!(stat(dir, "moved", 0).unwrap().filetype, SYMBOLIC_LINK);
    let full = open(dir, "full", DIRECTORY, 0).unwrap();
    rename(dir, "g", full, "g").unwrap();
    stat(dir, "full/g", 0).unwrap();
}

pub fn truncating(dir: Fd) {
    let f = file(dir, "f");
    write(f, &[b"content"]).unwrap();
    let g = open(dir, "f", TRUNC | CREAT, READ_WRITE).unwrap();
    assert_eq!((filestat(f).unwrap().size, filestat(g).unwrap().size), (0, 0));
    write(f, &[b"!"]).unwrap();
    assert_eq!(filestat(g).unwrap().size, 8);
}

pub fn truncating_rights(dir: Fd) {
    let f = file(dir, "f");
    write(f, &[b"content"]).unwrap();
    close(open(dir, "f", TRUNC, 0).unwrap()).unwrap();
    close(open(dir, "new", TRUNC | CREAT, 0).unwrap()).unwrap();
    let held = fdstat(dir).unwrap();
    set_rights(dir, held.base & !RIGHT_PATH_FILESTAT_SET_SIZE, held.inheriting).unwrap();
    one_of(open(dir, "f", TRUNC, 0), &[NOTCAPABLE, PERM]);
    one_of(open(dir, "other", TRUNC | CREAT, 0), &[NOTCAPABLE, PERM]);
    close(open(dir, "f", 0, READ_WRITE).unwrap()).unwrap();
}

pub fn library(_: Fd) {
    fs::create_dir_all("/data/a/b/c").unwrap();
    fs::write("/data/a/b/c/f", "text").unwrap();
    assert_eq!(fs::read_to_string("/data/a/b/c/f").unwrap(), "text");
    fs::copy("/data/a/b/c/f", "/data/a/g").unwrap();
    fs::rename("/data/a/g", "/data/a/h").unwrap();
    fs::hard_link("/data/a/h", "/data/a/i").unwrap();
    assert_eq!(fs::metadata("/data/a/i").unwrap().len(), 4);
    let mut names: Vec<_> =
        fs::read_dir("/data/a").unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["b", "h", "i"]);
    let mut options = fs::OpenOptions::new();
    let mut file = options.read(true).append(true).open("/data/a/h").unwrap();
    std::io::Write::write_all(&mut file, b" more").unwrap();
    file.set_len(6).unwrap();
    let mut all = String::new();
    fs::File::open("/data/a/i").unwrap().read_to_string(&mut all).unwrap();
    assert_eq!(all, "text m");
    file.set_times(fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH)).unwrap();
    assert_eq!(fs::metadata("/data/a/h").unwrap().modified().unwrap(), std::time::UNIX_EPOCH);
    assert!(fs::create_dir("/elsewhere").is_err() && fs::read("/etc/passwd").is_err());
    fs::remove_dir_all("/data/a").unwrap();
    assert!(fs::metadata("/data/a").is_err());
}
