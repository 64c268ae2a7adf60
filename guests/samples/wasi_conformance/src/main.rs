//! What WASI preview 1 says, seen by a program that a toolchain built: one check for each name. A check that does not
//! hold panics and says where. Without a name it prints all of them.
//!
//! Grants it needs: `{write: [{path: DIR, as: /data, links: true}], clock: true, random: true, args: [NAME]}`.

mod descriptors;
mod names;
mod wasi;

use wasi::*;

const ROOT: Fd = 3;

type Check = (&'static str, fn(Fd));

const CHECKS: &[Check] = &[
    ("advice_changes_nothing", descriptors::advice_changes_nothing),
    ("allocating_only_grows", descriptors::allocating_only_grows),
    ("appending_is_a_flag_of_the_descriptor", descriptors::appending),
    ("a_large_random_buffer_is_filled", descriptors::random_buffer),
    ("clocks_do_not_go_back", descriptors::clocks),
    ("closed_preopened_directories_are_gone", descriptors::close_preopen),
    ("creating_what_is_there", names::create_existing),
    ("dangling_links_are_seen_and_not_opened", names::dangling_links),
    ("directories_have_no_bytes", descriptors::directories_have_no_bytes),
    ("directories_have_no_position", descriptors::directory_seek),
    ("links_are_other_names_of_a_file", names::hard_links),
    ("links_are_not_followed_without_the_flag", names::nofollow),
    ("links_in_circles", names::link_loop),
    ("links_lead_to_files_and_directories", names::symlinks),
    ("links_tell_their_target", names::read_links),
    ("listing_goes_on_at_any_cookie", names::listing),
    ("listing_has_as_many_as_there_are", names::long_listing),
    ("missing_files", names::missing),
    ("names_with_slashes_behind_them", names::trailing_slashes),
    ("open_files_outlive_their_names", names::open_files),
    ("paths_are_written_in_many_ways", names::paths),
    ("polling_streams_and_files", descriptors::polling),
    ("positions", descriptors::positions),
    ("preopened_directories_are_opened_again", names::open_preopen),
    ("preopened_directories_can_be_overwritten", descriptors::overwrite_preopen),
    ("reading_and_writing_at_an_offset", descriptors::at_an_offset),
    ("reading_and_writing_want_their_rights", descriptors::rights_of_bytes),
    ("renaming", names::renaming),
    ("renumbering", descriptors::renumbering),
    ("rights_only_become_fewer", descriptors::rights),
    ("sizes_and_times_are_set", descriptors::sizes_and_times),
    ("sockets_are_none", descriptors::sockets),
    ("standard_streams", descriptors::streams),
    ("the_library_of_the_language", names::library),
    ("times_of_flags_that_contradict", descriptors::time_flags),
    ("truncating", names::truncating),
    ("truncating_wants_a_right", names::truncating_rights),
    ("yielding", descriptors::yielding),
];

fn main() {
    let Some(wanted) = std::env::args().nth(1) else {
        for (name, _) in CHECKS {
            println!("{name}");
        }
        return;
    };
    let (_, check) = CHECKS.iter().find(|(name, _)| *name == wanted).expect("no such check");
    mkdir(ROOT, "scratch").unwrap();
    check(open(ROOT, "scratch", DIRECTORY, 0).unwrap());
}

fn file(dir: Fd, name: &str) -> Fd {
    open(dir, name, CREAT, READ_WRITE | RIGHT_FD_SEEK | RIGHT_FD_TELL).unwrap()
}

fn touch(dir: Fd, name: &str) {
    close(file(dir, name)).unwrap();
}

fn one_of(answer: Answer<impl std::fmt::Debug>, errors: &[Errno]) {
    let error = answer.expect_err("it should not succeed");
    assert!(errors.contains(&error), "{error:?} is none of {errors:?}");
}
