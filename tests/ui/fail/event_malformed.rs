use sprag::prelude::*;

#[derive(Event)]
#[event("")]
struct Empty;

#[derive(Event)]
#[event]
struct Bare;

#[derive(Event)]
#[event("a", "b")]
struct Twice;

#[derive(Event)]
#[event("a", crat = sprag)]
struct Option;

#[derive(Event)]
struct Borrowed<'a>(&'a str);

fn main() {
    let _ = (Empty::NAME, Bare::NAME, Twice::NAME, Option::NAME, Borrowed::NAME);
}
