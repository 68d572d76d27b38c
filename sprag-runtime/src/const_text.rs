//! [`ConstText`]: a sentence that the compiler puts together, for an error of its own.

/// A text of limited length, written in a `const`.
#[derive(Debug)]
pub(crate) struct ConstText {
    text: [u8; Self::LONGEST],
    len: usize,
}

impl ConstText {
    const LONGEST: usize = 2048;

    pub(crate) const fn new() -> Self {
        Self { text: [0; Self::LONGEST], len: 0 }
    }

    /// The text that was written so far.
    pub(crate) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Appends `part`, unless it is longer than the space that is left.
    pub(crate) const fn push(&mut self, part: &str) {
        let (part, mut i) = (part.as_bytes(), 0);
        if self.len + part.len() > Self::LONGEST {
            return;
        }
        while i < part.len() {
            self.text[self.len] = part[i];
            self.len += 1;
            i += 1;
        }
    }
}
