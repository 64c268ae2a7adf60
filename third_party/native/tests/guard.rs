use super::*;

/// What C++ makes of an outcome: its status and its text.
pub fn failure(outcome: Outcome) -> (i32, String) {
    let mut error = outcome.expect("an error");
    let status = unsafe { crate::limits::cn_error_status(&mut *error, &mut 0) };
    (status, format!("{:#}", Error::from(*error)))
}

#[test]
fn a_panic_is_an_error_with_its_text() {
    assert_eq!(failure(cn_test_panic()), (status::PANIC, "deliberate".into()));
    assert_eq!(failure(guard(|| panic!("{} of {}", 1, 2))), (status::PANIC, "1 of 2".into()));
    assert_eq!(failure(guard(|| std::panic::panic_any(7))), (status::PANIC, "panic without a text".into()));
}

#[test]
fn what_does_not_panic_is_passed_on() {
    assert!(guard(|| Ok(())).is_none());
    assert_eq!(failure(guard(|| Err(Error::msg("why")))), (status::HOST_ERROR, "why".into()));
}

#[test]
fn bytes_are_lent_and_none_may_be_nowhere() {
    assert_eq!(unsafe { Lent::of(b"bytes").bytes() }, b"bytes");
    assert_eq!(unsafe { Lent { at: std::ptr::null(), size: 0 }.bytes() }, b"");
}
