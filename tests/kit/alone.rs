//! S10: a test in a process of its own ends as it would in a shared one, and names the
//! threads and the processes that it leaves there.

use std::mem::forget;
use std::process::{self, Command, Stdio};
use std::sync::Barrier;
use std::{env, thread};

use sprag::prelude::*;

use super::services::Hub;

/// A thread that never ends.
fn forever() {
    Barrier::new(2).wait();
}

#[derive(Event)]
#[event("kit:heard")]
struct Heard;

#[sprag::test(alone)]
async fn a_test_has_a_process_of_its_own() {
    // A test of this name in another module is not run.
    assert_eq!(env::args().nth(1).as_deref(), Some("alone::a_test_has_a_process_of_its_own"));
}

#[sprag::test(alone, app = Hub::start())]
async fn an_app_leaves_no_thread(hub: &Hub) {
    assert!(hub.is_ready());
    tokio::task::spawn_blocking(|| ()).await.unwrap();
    thread::spawn(|| ()).join().unwrap();
    assert!(Command::new("true").status().unwrap().success());
}

#[sprag::test(alone)]
#[should_panic(expected = "`kit::alone::a_thread_is_found` left something behind:\n\
                           - thread `pump` still runs")]
async fn a_thread_is_found() {
    thread::Builder::new().name("pump".into()).spawn(forever).unwrap();
}

#[sprag::test(alone)]
#[should_panic(expected = "- thread without a name still runs")]
async fn a_thread_without_a_name_is_found() {
    thread::spawn(forever);
}

#[sprag::test(alone)]
#[should_panic(expected = "still runs")]
async fn a_blocking_call_is_found() {
    tokio::task::spawn_blocking(forever);
}

#[sprag::test(alone)]
#[should_panic(expected = "- process `sleep` (")]
async fn a_child_process_is_found() {
    forget(Command::new("sleep").arg("5").spawn().unwrap());
}

#[sprag::test(alone)]
#[should_panic(expected = "- process `sleep` (")]
async fn a_process_whose_parent_has_ended_is_found() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "sleep 5 &"]).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(shell.status().unwrap().success());
}

#[sprag::test(alone)]
#[should_panic(expected = ") was not waited for")]
async fn a_process_that_has_ended_is_found() {
    forget(Command::new("true").spawn().unwrap());
}

#[sprag::test(alone)]
#[should_panic(expected = "- 1 listener of `kit:heard` is subscribed\n- thread `pump` still runs")]
async fn all_that_is_left_is_named_at_once() {
    forget(Bus::global().on(|_: &Heard| ()));
    thread::Builder::new().name("pump".into()).spawn(forever).unwrap();
}

#[sprag::test(alone)]
#[should_panic(expected = "two\nlines")]
async fn a_panic_is_the_panic_of_the_test() {
    panic!("two\nlines");
}

#[sprag::test(alone)]
#[should_panic(expected = "`kit::alone::an_abort_is_named` ended its own process: signal: 6")]
async fn an_abort_is_named() {
    process::abort();
}

#[sprag::test(alone)]
#[should_panic(expected = "ended its own process: exit status: 0")]
async fn an_exit_is_not_a_success() {
    process::exit(0);
}

#[sprag::test(alone, within = "1ms")]
#[should_panic(expected = "`kit::alone::a_test_that_blocks_is_named` hangs: not done within 1ms")]
async fn a_test_that_blocks_is_named() {
    forever();
}

#[sprag::test(alone)]
async fn a_test_may_return_a_result() -> sprag::Result<()> {
    println!("This is passed on.");
    Ok(())
}
