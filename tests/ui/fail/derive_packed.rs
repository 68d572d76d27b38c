//! A model is packed, and its fields cannot be borrowed.
//!
//! Remove `packed`.

use sprag::prelude::*;

#[derive(Model)]
#[repr(C, packed(2))] //~ ERROR
struct Header {
    kind: u8,
    length: u32,
}

#[derive(Model)]
struct Frame {
    header: Header,
}

fn main() {
    let _ = (Header::PATHS, Frame::PATHS.header);
}
