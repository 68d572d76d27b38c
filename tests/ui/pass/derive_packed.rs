use sprag::prelude::*;

#[derive(Model)]
#[repr(C)]
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
