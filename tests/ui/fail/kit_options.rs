//! Options of a test are wrong.
//!
//! A test takes `app`, `within`, `paused`, `unclean`, `alone`, `statics` and `crate`.

#[sprag::test(withn = "5s")] //~ ERROR
async fn a() {}

#[sprag::test(within = "soon")] //~ ERROR
async fn b() {}

#[sprag::test(within = "0s")] //~ ERROR
async fn c() {}

#[sprag::test(within = 5)] //~ ERROR
async fn d() {}

#[sprag::test(paused = true)] //~ ERROR
async fn e() {}

#[sprag::test(unclean, unclean)] //~ ERROR
async fn f() {}

#[sprag::test(app)] //~ ERROR
async fn g() {}

#[sprag::test(alone = "yes")] //~ ERROR
async fn h() {}

#[sprag::test(process)] //~ ERROR
async fn i() {}

#[sprag::test(statics = "yes")] //~ ERROR
async fn j() {}

fn main() {}
