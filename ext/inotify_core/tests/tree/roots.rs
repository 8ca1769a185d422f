//! Roots that come, go, and are replaced.

use crate::case::case;

#[test]
fn a_file_is_told_again_when_the_way_to_it_can_be_followed_again_however_late() {
    // Its user read what he was told of last while `l` led to where nobody may go.
    let away = "append o/a; apply; hand; ln-s o/d/x n; mv n l; take; look";
    let others = "sync; write t/a; sync; write t/b; sync; write t/c; sync; write t/d; sync";
    case("mkdir o/d; permit o/d -; write o/a; ln-s o/a l", &format!("{away}; {others}; ln-s o/a n; mv n l"))
        .roots(&["t", "l"])
        .tells(&[
            "modified l",
            "|",
            "modified l",
            "|",
            "created t/a",
            "|",
            "created t/b",
            "|",
            "created t/c",
            "|",
            "created t/d",
            "|",
            "modified l",
        ]);
}

#[test]
fn a_file_is_told_again_when_it_may_be_followed_to_on_another_way() {
    // `l` is believed to be `t/b` while it leads to `t/a`, which nobody may look at: its user found nothing there.
    case("ln-s t/b l", "permit t r; ln-s t/a n; mv n l; write t/b; sync; ln-s t/b t/a; permit t rx")
        .roots(&["l"])
        .tells(&["created l", "|", "modified l"]);
}
