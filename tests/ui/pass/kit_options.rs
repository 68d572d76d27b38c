#[sprag::test(within = "5s")]
async fn a() {}

#[sprag::test(within = "5s")]
async fn b() {}

#[sprag::test(within = "1s")]
async fn c() {}

#[sprag::test(within = "5s")]
async fn d() {}

#[sprag::test(paused)]
async fn e() {}

#[sprag::test(unclean)]
async fn f() {}

#[sprag::test]
async fn g() {}

#[sprag::test(alone)]
async fn h() {}

#[sprag::test]
async fn i() {}

#[sprag::test(statics)]
async fn j() {}

fn main() {}
