use super::*;

pub const EMPTY: Buf = Buf { ptr: std::ptr::null_mut(), len: 0, cap: 0 };

/// What a buffer holds, as C++ reads it; frees it.
pub fn take(mut buf: Buf) -> Vec<u8> {
    let bytes = unsafe { slice(buf.ptr, buf.len) }.to_vec();
    unsafe { cn_buf_free(&mut buf) };
    bytes
}

pub fn take_text(buf: Buf) -> String {
    String::from_utf8(take(buf)).unwrap()
}

#[test]
fn a_panic_is_a_status_with_its_text() {
    let mut err = EMPTY;
    assert_eq!(cn_test_panic(&mut err), status::PANIC);
    assert_eq!(take_text(err), "deliberate");

    let mut err = EMPTY;
    assert_eq!(guard(&mut err, || panic!("{} of {}", 1, 2)), status::PANIC);
    assert_eq!(take_text(err), "1 of 2");

    let mut err = EMPTY;
    assert_eq!(guard(&mut err, || std::panic::panic_any(7)), status::PANIC);
    assert_eq!(take_text(err), "panic without a text");

    assert_eq!(cn_test_panic(std::ptr::null_mut()), status::PANIC);
}

#[test]
fn what_does_not_panic_is_passed_on() {
    let mut err = EMPTY;
    assert_eq!(guard(&mut err, || status::GUEST_ERROR), status::GUEST_ERROR);
    assert!(err.ptr.is_null());
}

#[test]
fn a_buffer_is_freed_once() {
    let mut buf = EMPTY;
    unsafe {
        Buf::give(&mut buf, b"bytes".to_vec());
        assert_eq!(slice(buf.ptr, buf.len), b"bytes");
        cn_buf_free(&mut buf);
        assert!(buf.ptr.is_null() && buf.len == 0 && buf.cap == 0);
        cn_buf_free(&mut buf);
    }
}

#[test]
fn no_bytes_may_be_nowhere() {
    assert_eq!(unsafe { slice(std::ptr::null(), 0) }, b"");
}
