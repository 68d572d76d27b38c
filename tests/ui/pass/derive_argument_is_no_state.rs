use sprag::prelude::*;

#[derive(Model)]
struct Page<T> {
    item: T,
}

#[derive(Model)]
struct Title(String);

fn main() {
    let _ = Page::<Title>::PATHS.item;
    let _ = Title(String::new()).0;
}
