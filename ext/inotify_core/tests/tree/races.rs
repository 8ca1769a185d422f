//! What happens while a directory is looked at, and what the queue tells of it later.
//!
//! A look opens the parent, finds the name there, watches what it found and lists that in two portions: the operations in
//! brackets come before the system call of that number.

use crate::case::case;

#[test]
fn a_path_made_in_one_go_is_known_to_its_end() {
    case("", "mkdir t/a; mkdir t/a/b; mkdir t/a/b/c; mkdir t/a/b/c/d; write t/a/b/c/d/e").tells(&[
        "created t/a/",
        "created t/a/b/?",
        "created t/a/b/c/?",
        "created t/a/b/c/d/?",
        "created t/a/b/c/d/e?",
    ]);
}

#[test]
fn a_new_directory_is_looked_at() {
    case("", "mkdir t/a; write t/a/b; apply").wishes(&["look t/a"]);
}
