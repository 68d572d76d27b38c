//! Durations in text: `60s`, `500ms`, `1h30m`.

const MILLIS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// The milliseconds in `text`; `None` if it is not a duration.
pub(crate) fn millis(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, behind) = split_at(rest, |c| !c.is_ascii_digit());
        let (unit, behind) = split_at(behind.trim_start(), |c| !c.is_ascii_alphabetic());
        let (_, millis) = MILLIS.iter().find(|(name, _)| *name == unit)?;
        let part = number.parse::<u64>().ok()?.checked_mul(*millis)?;
        total = total.checked_add(part)?;
        rest = behind.trim_start();
    }
    Some(total)
}

fn split_at(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn durations_are_read_and_other_words_are_not() {
        assert_eq!(millis("60s"), Some(60_000));
        assert_eq!(millis("500ms"), Some(500));
        assert_eq!(millis("1h 30m"), Some(5_400_000));
        for wrong in ["", "60", "s", "60 secs", "-1s", "1.5s", "99999999999999999999d"] {
            assert_eq!(millis(wrong), None, "{wrong:?}");
        }
    }
}
