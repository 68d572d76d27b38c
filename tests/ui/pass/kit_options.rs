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

fn main() {}
