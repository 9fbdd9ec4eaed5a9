//! `content`: what is above the clearance is held and not read.

use lazaret_security::Stage;

#[test]
fn a_mail_is_not_read_without_clearance() {
    Stage::of("reads_what_it_holds")
        .rule("[profile.subject]", "reads", "[]")
        .play()
        .refused_by("clearance");
}

#[test]
fn a_number_that_was_not_given_is_no_handle() {
    Stage::of("guesses_the_next_handle")
        .play()
        .refused_by("unknown-handle");
}
