//! Reads the output of a process line by line.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The maximal length of a line, in bytes; a longer line is split.
const LONGEST: usize = 64 * 1_024;

/// Calls `f` with each line, without its line ending, until the output ends or cannot be
/// read.
///
/// Bytes that are not UTF-8 are replaced.
pub(super) async fn lines(output: impl AsyncRead + Unpin, f: impl Fn(&str)) {
    let (mut output, mut line) = (BufReader::new(output), Vec::new());
    while let Ok(read) = output.fill_buf().await {
        if read.is_empty() {
            break;
        }
        let most = &read[..read.len().min(LONGEST - line.len())];
        let end = most.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(most.len(), |end| end + 1);
        line.extend_from_slice(&most[..taken]);
        output.consume(taken);
        if end.is_some() || line.len() == LONGEST {
            pass(&mut line, &f);
        }
    }
    if !line.is_empty() {
        pass(&mut line, &f);
    }
}

fn pass(line: &mut Vec<u8>, f: &impl Fn(&str)) {
    let text = String::from_utf8_lossy(line);
    f(text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text)));
    line.clear();
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn s10_lines_are_passed_whole_and_endless_ones_are_cut() {
        let text = format!("a\r\n\n{}b\nlast", "x".repeat(LONGEST));
        let seen = RefCell::new(Vec::new());
        let read = lines(text.as_bytes(), |line| seen.borrow_mut().push(line.len()));
        pollster::block_on(read);
        assert_eq!(*seen.borrow(), [1, 0, LONGEST, 1, 4]);
    }
}
